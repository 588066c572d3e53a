import { type NamedBlob, ReadError } from './batch.js';
import { textOf } from './text.js';

export type Format = 'csv' | 'json lines' | 'json' | 'yaml' | 'parquet';

/** By its first bytes, and by its name where text could be several. @throws ReadError where it is empty or no text */
export async function formatOf(file: NamedBlob): Promise<Format> {
  if (file.blob.size === 0) throw new ReadError(`${file.name}: is empty`);
  const head = new Uint8Array(await file.blob.slice(0, 4).arrayBuffer());
  if (String.fromCharCode(...head) === 'PAR1') return 'parquet';
  if (/\.parquet$/i.test(file.name))
    throw new ReadError(`${file.name}: is no parquet file (it does not begin with PAR1)`);
  if (/\.ya?ml$/i.test(file.name)) return 'yaml';
  if (/\.[ct]sv$/i.test(file.name)) return 'csv';
  const { value = '' } = await textOf(file).next();
  const text = value.trimStart();
  if (/\.(jsonl|ndjson)$/i.test(file.name)) return 'json lines';
  if (text.startsWith('{') || /\.json$/i.test(file.name)) return isLines(text) ? 'json lines' : 'json';
  if (text.startsWith('[')) return 'json';
  if (/^(---|[\w-]+:\s)/.test(text) && !/^[^\n]*[,\t]/.test(text)) return 'yaml';
  return 'csv';
}

/** Whether the first line is an object by itself and another follows. */
function isLines(text: string): boolean {
  const end = text.indexOf('\n');
  if (end < 0) return false;
  try {
    JSON.parse(text.slice(0, end));
    return text.slice(end).trim().startsWith('{');
  } catch {
    return false;
  }
}
