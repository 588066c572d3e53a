import { type NamedBlob, ReadError } from './batch.js';
import { textOf } from './text.js';

export type Format = 'csv' | 'json lines' | 'json' | 'yaml' | 'parquet';

/** What a name says; what is in the file decides, and the name where that could be several. */
const called: readonly (readonly [Format, RegExp])[] = [
  ['parquet', /\.parquet$/i],
  ['yaml', /\.ya?ml$/i],
  ['csv', /\.[ct]sv$/i],
  ['json lines', /\.(jsonl|ndjson)$/i],
  ['json', /\.json$/i],
];

/** First bytes of what people take for drafts, and what it is. */
const others: readonly (readonly [string, string])[] = [
  ['\x1f\x8b', 'is compressed by gzip: unpack it first'],
  ['\x28\xb5\x2f\xfd', 'is compressed by zstd: unpack it first'],
  ['PK\x03\x04', 'is a ZIP archive or a spreadsheet: unpack it, or save it as CSV'],
  ['ARROW1', 'is an Arrow file: write it as parquet or CSV'],
  ['version https://git-lfs', 'is a pointer of Git LFS, not the file itself: git lfs pull gets it'],
  ['<!doctype', 'is a web page (HTML), not a file of drafts'],
  ['<html', 'is a web page (HTML), not a file of drafts'],
];

/** By what is in it, and by its name where text could be several. @throws ReadError where it is empty or no text */
export async function formatOf(file: NamedBlob): Promise<Format> {
  if (file.blob.size === 0) throw new ReadError(`${file.name}: is empty`);
  const head = String.fromCharCode(...new Uint8Array(await file.blob.slice(0, 32).arrayBuffer()));
  if (head.startsWith('PAR1')) return 'parquet';
  const markup = head.trimStart().toLowerCase();
  const other = others.find(([begins]) => head.startsWith(begins) || markup.startsWith(begins));
  if (other) throw new ReadError(`${file.name}: ${other[1]}`);
  const hint = called.find(([, pattern]) => pattern.test(file.name))?.[0] ?? null;
  if (hint !== 'parquet') return (await formatOfText(file, hint)) ?? hint ?? 'csv';
  const text = await formatOfText(file, hint).catch(() => null);
  if (!text) throw new ReadError(`${file.name}: is no parquet file (it does not begin with PAR1)`);
  return text;
}

/** null where the text says nothing that its name could not say. */
async function formatOfText(file: NamedBlob, hint: Format | null): Promise<Format | null> {
  const { value = '' } = await textOf(file).next();
  if (/^\s*[[{]/.test(value)) return formatOfJson(file, hint);
  // A broken line may be the first.
  if (hint === 'json lines' && /^[ \t]*\{/m.test(value)) return hint;
  const lines = value.split(/\r\n|\n|\r/).slice(0, 100);
  const isTable = areCells(lines);
  if (areYaml(lines) && !(isTable && (hint === 'csv' || hint === null))) return 'yaml';
  return isTable ? 'csv' : null;
}

/** One value, or a value a line: a text that begins with a bracket. */
async function formatOfJson(file: NamedBlob, hint: Format | null): Promise<Format> {
  const { first, next } = await openingOf(file);
  // Too long to tell: a list is no line, and of an object the name may be right.
  if (first.length > longestOpening && hint === 'json lines' && first.startsWith('{')) return hint;
  const open = leftOpen(first);
  // In a value that goes on a brace follows a colon, a bracket, or a comma between entries: elsewhere the line is broken.
  const goesOn = open !== '"' && (/[[:]$/.test(first) || (open === '[' && first.endsWith(',')));
  const isLine = open === '' || (next === '{' && !goesOn);
  if (next !== '' && isLine) return 'json lines';
  // YAML has JSON in it, and brackets of its own.
  return hint === 'yaml' ? 'yaml' : 'json';
}

/** Characters that are looked at for the end of the first line, and brackets that it may leave open. */
const longestOpening = 1 << 20;
const mostOpen = 1000;

/** The first line that is not empty, and what the next one begins with; nothing where that is too far. */
async function openingOf(file: NamedBlob): Promise<{ first: string; next: string }> {
  let text = '';
  let hasEnd = false;
  for await (const part of textOf(file)) {
    const more = text === '' ? part.trimStart() : part;
    hasEnd ||= /[\n\r]/.test(more);
    text += more;
    const [, first, next] = (hasEnd && /^([^\n\r]*)[\n\r]\s*(\S)/.exec(text)) || [];
    if (first !== undefined && next !== undefined) return { first: first.trimEnd(), next };
    if (text.length > longestOpening) break;
  }
  return { first: text.trimEnd(), next: '' };
}

/** The innermost bracket that a line leaves open, or a quote; empty where it is whole. */
function leftOpen(line: string): string {
  const open: string[] = [];
  let inText = false;
  for (let i = 0; i < line.length && open.length < mostOpen; i++) {
    const sign = line[i] as string;
    if (inText && sign === '\\') i++;
    else if (sign === '"') inText = !inText;
    else if (inText) continue;
    else if (sign === '[' || sign === '{') open.push(sign);
    else if (sign === ']' || sign === '}') open.pop();
  }
  return inText ? '"' : (open.at(-1) ?? '');
}

/** Whether lines that are not indented are keys, entries or remarks. */
function areYaml(lines: readonly string[]): boolean {
  const outer = lines.filter((line) => /^[^\s#]/.test(line));
  return outer.length > 0 && outer.every((line) => /^(---|\.\.\.|%YAML|-(\s|$)|["']?[\w .-]+["']?:(\s|$))/.test(line));
}

/** Whether one sign parts the first two lines. */
function areCells(lines: readonly string[]): boolean {
  const [first, second] = lines.filter((line) => line.trim() !== '');
  return [',', '\t', ';', '|'].some((sign) => first?.includes(sign) && second?.includes(sign));
}
