/** Some rows of a file, by column. */
export interface Batch {
  /** Where a row stands, from 1: its line, or its row with the header's where cells may hold several lines. */
  line(row: number): number;
  readonly size: number;
  /** Of wide rows to list them all takes as long as to read them: ask whether there is one where that is enough. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /** One value a row; undefined where a row has no such column. */
  column(name: string): readonly unknown[];
  /** The first rows, and their columns alone, where rows have keys of their own. */
  beginning?(most: number): Batch;
}

/** A file with more of them is of another kind. */
export const mostColumns = 10_000;

/** A browser's Blob, or as much of one as is needed. */
export interface Bytes {
  readonly size: number;
  slice(from?: number, to?: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** What can be read. */
export interface NamedBlob {
  readonly name: string;
  readonly blob: Bytes;
}

/** Reads a file as batches in order; of formats that store columns, only those of `only`. @throws ReadError naming the file */
export type Reader = (file: NamedBlob, only?: readonly string[]) => AsyncGenerator<Batch>;

/** A file that cannot be read: one line, with the file's name and what is wrong. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
}

/** Rows that are objects. */
export function batchOfObjects(rows: readonly object[], line: (row: number) => number): Batch {
  let names: string[] | null = null;
  return {
    beginning: (most) => batchOfObjects(rows.slice(0, most), line),
    size: rows.length,
    get names() {
      names ??= [...new Set(rows.flatMap((row) => Object.keys(row)))];
      return names;
    },
    has: (name) => rows.some((row) => Object.hasOwn(row, name)),
    line,
    // What every object has by birth is no cell of a row.
    column: (name) =>
      name in Object.prototype
        ? rows.map((row) => (Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : undefined))
        : rows.map((row) => (row as Record<string, unknown>)[name]),
  };
}

/** The one column of a row that could not be read: why, in words by which rows are counted. */
export const brokenRow = '\0broken';

/** Rows of cells under a header. Where a row has more of them none is sure to stand where it belongs. */
export function batchOfCells(names: readonly string[], rows: readonly (readonly unknown[])[], first: number): Batch {
  const isLong = (row: readonly unknown[]) =>
    row.length > names.length && row.slice(names.length).some((x) => x !== '');
  const batch: Batch = {
    size: rows.length,
    names,
    has: (name) => names.includes(name),
    line: (row) => first + row,
    column: (name) => {
      const at = names.indexOf(name);
      return rows.map((row) => row[at]);
    },
  };
  if (!rows.some(isLong)) return batch;
  const why = rows.map((row) => (isLong(row) ? 'a row with more cells than the first line has names' : undefined));
  return withColumns(batch, new Map([[brokenRow, why]]));
}

/** The first rows of a batch, for what looks at the beginning alone. */
export function beginning(batch: Batch, most: number): Batch {
  if (batch.size <= most) return batch;
  if (batch.beginning) return batch.beginning(most);
  return { ...batch, size: most, column: (name) => batch.column(name).slice(0, most) };
}

/** A part of a batch's rows, or rows put in its stead. */
export const withColumns = (batch: Batch, added: ReadonlyMap<string, readonly unknown[]>): Batch => ({
  size: batch.size,
  line: batch.line,
  has: (name) => added.has(name) || batch.has(name),
  names: [...batch.names.filter((name) => !added.has(name)), ...added.keys()],
  column: (name) => added.get(name) ?? batch.column(name),
});
