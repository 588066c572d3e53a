import { parseJson } from '../../scenario/json.js';
import { type Batch, batchOfObjects, brokenRow, type NamedBlob, ReadError } from './batch.js';
import { longestLine, textOf, wholeText } from './text.js';

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

/** Entries of a file: a row has several. */
const most = 1e8;

/** Whether a text could nest too deep, or have too many entries: of short ones with few brackets nobody needs to count. */
function isSmall(text: string): boolean {
  let brackets = 0;
  for (const bracket of '[{')
    for (let at = text.indexOf(bracket); at >= 0 && brackets < 100; at = text.indexOf(bracket, at + 1)) brackets++;
  return brackets < 100 && text.length < most;
}

/** NaN and infinities, which Python writes and JSON does not have, as text: a value that is refused by its own line. */
function parse(text: string): unknown {
  try {
    return isSmall(text) ? JSON.parse(text) : parseJson(text, most);
  } catch (error) {
    const mended = text.replace(/([:[,]\s*)(-?(?:NaN|Infinity))(?=\s*[,\]}])/g, '$1"$2"');
    if (mended === text) throw error;
    return parseJson(mended, most);
  }
}

/** An object a line; streamed. Lines that are none are rows of their own, with nothing but what is wrong with them. */
export async function* readJsonLines(file: NamedBlob): AsyncGenerator<Batch> {
  let rest = '';
  let line = 0;
  let objects = 0;
  const parts = textOf(file);
  let part = await parts.next();
  while (!part.done) {
    const pieces = [rest];
    let size = rest.length;
    // A line that goes on is joined once, when it ends.
    for (let ends = false; !part.done && !ends; part = await parts.next()) {
      pieces.push(part.value);
      size += part.value.length;
      ends = part.value.includes('\n');
      if (!ends && size > longestLine)
        throw new ReadError(`${file.name}: a line is longer than ${longestLine >> 20} MB`);
    }
    const lines = pieces.join('').split('\n');
    rest = part.done ? '' : (lines.pop() ?? '');
    const rows: object[] = [];
    const places: number[] = [];
    for (const each of lines.some((one) => one.includes('\r')) ? lines.flatMap(linesOf) : lines) {
      line++;
      if (each.trim() === '') continue;
      const row = objectOf(each);
      if (!(brokenRow in row)) objects++;
      rows.push(row);
      places.push(line);
    }
    if (objects === 0 && rows.length > 0) break;
    if (rows.length > 0) yield batchOfObjects(rows, (row) => places[row] ?? 0);
  }
  if (line === 0 || objects === 0)
    throw new ReadError(`${file.name}: ${line === 0 ? 'is empty' : 'has no line that is a JSON object'}`);
}

const noObject = { [brokenRow]: 'a line that is not a JSON object' };

/** A line's end may be the one of old Macs, which stands in no JSON text; files that were joined have marks within. */
const linesOf = (line: string): string[] => {
  const at = line.indexOf('\r');
  return at < 0 || at === line.length - 1 ? [line] : line.split('\r');
};
function objectOf(text: string): object {
  try {
    const value = parse(text.startsWith('\ufeff') ? text.slice(1) : text);
    return isObject(value) ? value : noObject;
  } catch {
    return noObject;
  }
}

/** A text's value; of several, one after another as jq writes them, a list of what they hold. */
function parseAll(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const texts = valuesIn(text);
    if (texts.length < 2) throw error;
    return texts.flatMap(parse);
  }
}

/** Values in brackets that follow each other, each as its text, and what is left after them. */
function valuesIn(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let from = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (inText && sign === '\\') i++;
    else if (sign === '"') inText = !inText;
    else if (inText) continue;
    else if (sign === '[' || sign === '{') depth++;
    else if ((sign === ']' || sign === '}') && --depth === 0) {
      values.push(text.slice(from, i + 1));
      from = i + 1;
    }
  }
  const rest = text.slice(from);
  return rest.trim() === '' ? values : [...values, rest];
}

/** A list of rows; `instances`; an object of columns; one row; or several, one after another. */
export async function* readJson(file: NamedBlob): AsyncGenerator<Batch> {
  const text = await wholeText(file, 4e8, 'a row a line (JSON Lines)');
  if (text.trim() === '') throw new ReadError(`${file.name}: is empty`);
  let value: unknown;
  try {
    value = parseAll(text.trim());
  } catch (error) {
    throw new ReadError(`${file.name}: is not JSON (${(error as Error).message.replace(/\s+/g, ' ').slice(0, 80)})`);
  }
  yield batchOfValue(file, value);
}

/** Columns of an object, if they are lists of one length: as many rows. */
function rowsOfColumns(value: Record<string, unknown>): Record<string, unknown>[] | null {
  const entries = Object.entries(value);
  const lists = entries.filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  const length = lists[0]?.[1].length ?? 0;
  // One prompt's drafts are lists as well: columns have nothing beside them, and texts or lists of their own.
  if (lists.length < 2 || lists.length < entries.length || lists.some(([, list]) => list.length !== length))
    return null;
  // Turns of a chat are a list that is one cell.
  if (lists.some(([, list]) => list.every((turn) => isObject(turn) && 'role' in turn))) return null;
  return Array.from({ length }, (_, i) => Object.fromEntries(lists.map(([name, list]) => [name, list[i]])));
}

/** Names of what holds the rows, where nothing beside it says that they are drafts of one prompt. */
const holders = ['instances', 'data', 'rows', 'records', 'results', 'examples'];
const ofPrompt = /prompt|question|problem|instruction|query|input|id$/i;

function heldRows(value: Record<string, unknown>): unknown[] | null {
  if (Array.isArray(value.instances)) return value.instances;
  if (Object.keys(value).some((name) => ofPrompt.test(name))) return null;
  const held = holders.map((name) => value[name]).find((each) => Array.isArray(each) && each.every(isObject));
  return (held as unknown[] | undefined) ?? null;
}

const isCount = (key: string) => /^\d+$/.test(key);

/** As pandas writes a table: `split` into columns and data, by columns and then rows, or by rows and then columns. */
function rowsOfFrame(value: Record<string, unknown>): object[] | null {
  const { columns, data } = value;
  if (Array.isArray(columns) && Array.isArray(data) && data.every((row) => row?.length === columns.length))
    return data.map((row: unknown[]) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  const parts = Object.values(value);
  if (parts.length === 0 || !parts.every(isObject)) return null;
  if (Object.keys(value).every(isCount)) return parts;
  const rows = Object.keys(parts[0] ?? {});
  const areColumns = parts.every((part) => {
    const keys = Object.keys(part);
    return keys.length === rows.length && keys.every((key, i) => isCount(key) && key === rows[i]);
  });
  if (!areColumns || rows.length === 0) return null;
  return rows.map((row) =>
    Object.fromEntries(Object.entries(value).map(([name, part]) => [name, (part as Record<string, unknown>)[row]])),
  );
}

function rowsOf(value: Record<string, unknown>): unknown[] {
  return heldRows(value) ?? rowsOfFrame(value) ?? rowsOfColumns(value) ?? [value];
}

/** What a file holds once it is read whole: used for YAML too. */
export function batchOfValue({ name }: NamedBlob, value: unknown): Batch {
  const rows = Array.isArray(value) ? value : isObject(value) ? rowsOf(value) : null;
  if (!rows)
    throw new ReadError(
      `${name}: holds ${value === null || value === undefined ? 'nothing' : `a ${typeof value}`}, not rows`,
    );
  if (rows.length === 0) throw new ReadError(`${name}: is empty`);
  if (!rows.some(isObject)) throw new ReadError(`${name}: has no entry that is an object`);
  return batchOfObjects(
    rows.map((row: unknown) => (isObject(row) ? row : { [brokenRow]: 'an entry that is no object' })),
    (row) => row + 1,
  );
}
