import type { Signal } from '../scenario/signal.js';
import { Collector, type DraftTable, type Refusal } from './collect.js';
import { areNames } from './columns.js';
import { type Column, columnsOf, gathered, guess, type Layout } from './layout.js';
import { type Batch, beginning, mostColumns, type NamedBlob, ReadError } from './reading/batch.js';
import { type Format, formatOf } from './reading/format.js';
import { readers } from './reading/readers.js';

/** What the beginning of the files shows. */
export interface Recognised {
  format: Format;
  columns: Column[];
  layout: Layout;
  /** The first rows, as text, by column. */
  first: string[][];
}

export interface Progress {
  /** Bytes of the files, and of these those read. */
  bytes: number;
  read: number;
  rows: number;
}

export interface Imported {
  table: DraftTable;
  rows: number;
  refused: Refusal[];
  /** What the run column holds, where there is one: its last is judged, or the layout's. */
  runs: string[];
}

export interface ImportOptions {
  onProgress?: (progress: Progress) => void;
  signal?: Signal;
}

const shownRows = 5;
/** Rows that say what columns there are. */
const lookedAt = 500;

/** Looks at the first rows of the first file. @throws ReadError */
export async function recognise(files: readonly NamedBlob[]): Promise<Recognised> {
  const file = files[0];
  if (!file) throw new ReadError('no file was given');
  const format = await formatOf(file);
  const read = await readers[format]();
  for await (const batch of read(file)) {
    const rows = gathered(beginning(batch, lookedAt));
    if (rows.names.length > mostColumns)
      throw new ReadError(`${file.name}: has ${rows.names.length} columns; at most ${mostColumns} are read`);
    const columns = columnsOf(rows);
    refuseNames(file, batch, columns);
    refuseTwice(file, batch);
    const cells = columns.map(({ name }) => rows.column(name));
    const first = Array.from({ length: Math.min(shownRows, rows.size) }, (_, i) =>
      cells.map((column) => shown(column[i])),
    );
    return { format, columns, layout: guess(columns), first };
  }
  throw new ReadError(`${file.name}: has no rows`);
}

/** Rows that are fields, or values of fields: read as drafts they would mix what no column may. */
function refuseNames({ name }: NamedBlob, batch: Batch, columns: readonly Column[]) {
  for (const column of columns) {
    if (column.kind !== 'string') continue;
    const cells = beginning(batch, lookedAt).column(column.name);
    const others = batch.names.filter((other) => other !== column.name);
    if (!areNames(cells, others)) continue;
    const different = new Set(cells);
    const where = column.name === '' ? 'a column without a name' : `the column ${JSON.stringify(column.name)}`;
    const what = [...different].slice(0, 3).join(', ');
    const how = different.size === cells.length ? 'transpose' : 'pivot';
    throw new ReadError(`${name}: ${where} holds names of columns (${what}): a row must be a draft; ${how} the table`);
  }
}

function refuseTwice({ name }: NamedBlob, { names }: Batch) {
  if (new Set(names).size === names.length) return;
  const twice = names.find((each, i) => each !== '' && names.indexOf(each) !== i);
  if (twice !== undefined) throw new ReadError(`${name}: two columns are called ${JSON.stringify(twice)}`);
}

function shown(cell: unknown): string {
  const text =
    typeof cell === 'string' ? cell : (JSON.stringify(cell, (_, x) => (typeof x === 'bigint' ? Number(x) : x)) ?? '');
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Reads all files by a layout. @throws ReadError where nothing is left, where a file cannot be read, or where it is cancelled */
export async function importDrafts(
  files: readonly NamedBlob[],
  layout: Layout,
  { onProgress, signal }: ImportOptions = {},
): Promise<Imported> {
  if (layout.columns.reward === null)
    throw new ReadError(`${files[0]?.name}: no column of numbers to choose by; name one as the reward`);
  const collector = new Collector(layout);
  const bytes = files.reduce((sum, { blob }) => sum + blob.size, 0);
  const only = Object.values(layout.columns).filter((name) => name !== null);
  let read = 0;
  for (const file of files) {
    const counted = withCount(file, (size) => {
      read += size;
    });
    const format = await formatOf(file);
    const reader = await readers[format]();
    for await (const batch of reader(counted, only)) {
      signal?.throwIfAborted();
      if (format === 'csv') refuseTwice(file, batch);
      collector.add(file.name, gathered(batch, only));
      onProgress?.({ bytes, read: Math.min(read, bytes), rows: collector.rows });
    }
  }
  const table = collector.table(layout.run);
  if (!table) throw new ReadError(nothingLeft(files, collector));
  return { table, rows: collector.rows, refused: collector.refused, runs: collector.runs };
}

/** The same file, which tells of each part that is asked of it. */
const withCount = ({ name, blob }: NamedBlob, onRead: (bytes: number) => void): NamedBlob => ({
  name,
  blob: {
    size: blob.size,
    slice(from = 0, to = blob.size) {
      onRead(Math.max(Math.min(to, blob.size) - from, 0));
      return blob.slice(from, to);
    },
  },
});

function nothingLeft(files: readonly NamedBlob[], { refused }: Collector): string {
  const [first] = refused;
  const why = first ? `: ${first.reason} (${first.first}, ${first.count} rows)` : '';
  return `${files.length === 1 ? files[0]?.name : `${files.length} files`}: no row is left${why}`;
}
