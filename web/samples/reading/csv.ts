import Papa from 'papaparse';
import { type Batch, batchOfCells, mostColumns, type NamedBlob, ReadError } from './batch.js';
import { textOf } from './text.js';

/** A row that is longer holds a quote that was never closed, or is none. */
const longest = 1 << 24;

/** Of the first lines: what parts cells. */
function delimiterOf(text: string): string {
  const { meta } = Papa.parse(text, { preview: 20, skipEmptyLines: true });
  return meta.delimiter;
}

/** Comma-, tab-, semicolon- or bar-separated, with a header; streamed. */
export async function* readCsv(file: NamedBlob): AsyncGenerator<Batch> {
  let rest = '';
  let names: string[] | null = null;
  let delimiter = '';
  /** That of old Macs; any other the parser finds. */
  let newline: '\r' | undefined;
  let line = 1;
  const parts = textOf(file);
  let part = await parts.next();
  while (!part.done) {
    // A row that goes on is looked at again when there is twice as much of it.
    const pieces = [rest];
    for (let more = 0; !part.done && more <= rest.length; part = await parts.next()) {
      pieces.push(part.value);
      more += part.value.length;
    }
    const joined = pieces.join('');
    // Files that were joined have marks of byte order within.
    const text = joined.includes('\n\ufeff') ? joined.replaceAll('\n\ufeff', '\n') : joined;
    const isLast = part.done === true;
    // What Excel writes above all else.
    delimiter ||= /^\s*"?sep=(.)"?\r?\n/.exec(text)?.[1] ?? delimiterOf(text);
    newline ??= text.includes('\r') && !text.includes('\n') ? '\r' : undefined;
    const parsed = new Papa.Parser({ delimiter, ...(newline && { newline }) }).parse(
      text,
      0,
      !isLast,
    ) as Papa.ParseResult<string[]>;
    const unclosed = parsed.errors.find(({ code }) => code === 'MissingQuotes');
    if (isLast && unclosed)
      throw new ReadError(`${file.name}: a quote is opened and never closed (row ${line + (unclosed.row ?? 0)})`);
    rest = isLast ? '' : text.slice(parsed.meta.cursor);
    if (rest.length > longest)
      throw new ReadError(`${file.name}: a row, or a quote that is never closed, is longer than ${longest >> 20} MB`);
    let rows = parsed.data;
    const head = names ? -1 : rows.findIndex(isHead);
    if (head >= 0) {
      names = headerOf(file, rows[head] as string[]);
      rows = rows.slice(head + 1);
      line += head + 1;
    }
    // An empty line is no row.
    const full = rows.filter((row) => row.length > 1 || (row[0] ?? '') !== '');
    if (names && full.length > 0) yield batchOfCells(names, full, line);
    line += rows.length;
  }
  if (!names) throw new ReadError(`${file.name}: is empty`);
}

/** Neither empty nor what says how cells are parted. */
const isHead = (cells: readonly string[]) =>
  cells.some((cell) => cell.trim() !== '') && !/^sep=.?$/.test(cells[0] ?? '');

function headerOf({ name }: NamedBlob, cells: readonly string[]): string[] {
  if (cells.length > mostColumns)
    throw new ReadError(`${name}: has ${cells.length} columns; at most ${mostColumns} are read`);
  const names = cells.map((cell) => cell.trim());
  if (names.every((cell) => cell !== '' && Number.isFinite(Number(cell))))
    throw new ReadError(`${name}: its first line has no names of columns, only numbers`);
  return names;
}
