/** Some rows of a file, by column. */
export interface Batch {
  /** Where a row stands, from 1: its line, or its row with the header's where cells may hold several lines. */
  line(row: number): number;
  readonly size: number;
  readonly names: readonly string[];
  /** One value a row; undefined where a row has no such column. */
  column(name: string): readonly unknown[];
}

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
  const names = new Set<string>();
  for (const row of rows) for (const name in row) names.add(name);
  return {
    size: rows.length,
    names: [...names],
    line,
    column: (name) => rows.map((row) => (row as Record<string, unknown>)[name]),
  };
}

/** Rows of cells under a header. */
export function batchOfCells(names: readonly string[], rows: readonly (readonly unknown[])[], first: number): Batch {
  return {
    size: rows.length,
    names,
    line: (row) => first + row,
    column: (name) => {
      const at = names.indexOf(name);
      return rows.map((row) => row[at]);
    },
  };
}

/** A part of a batch's rows, or rows put in its stead. */
export const withColumns = (batch: Batch, added: ReadonlyMap<string, readonly unknown[]>): Batch => ({
  size: batch.size,
  line: batch.line,
  names: [...batch.names.filter((name) => !added.has(name)), ...added.keys()],
  column: (name) => added.get(name) ?? batch.column(name),
});
