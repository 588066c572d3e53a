import { type Batch, type NamedBlob, ReadError } from './batch.js';

/** Row groups, one at a time and only the columns that are asked for. */
export async function* readParquet(file: NamedBlob, only?: readonly string[]): AsyncGenerator<Batch> {
  const [{ parquetMetadataAsync, parquetRead, parquetSchema }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const buffer = {
    byteLength: file.blob.size,
    slice: (from: number, to?: number) => file.blob.slice(from, to).arrayBuffer(),
  };
  const refuse = (error: unknown) =>
    new ReadError(`${file.name}: is no whole parquet file (${(error as Error).message.slice(0, 80)})`);
  try {
    const metadata = await parquetMetadataAsync(buffer);
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    let first = 0;
    for (const { num_rows } of metadata.row_groups) {
      const size = Number(num_rows);
      const columns = new Map<string, unknown[]>();
      await parquetRead({
        file: buffer,
        metadata,
        compressors,
        ...(only?.every((name) => names.includes(name)) ? { columns: [...only] } : {}),
        rowStart: first,
        rowEnd: first + size,
        onChunk: ({ columnName, columnData, rowStart }) => {
          const column = columns.get(columnName) ?? new Array<unknown>(size);
          columns.set(columnName, column);
          for (let i = 0; i < columnData.length; i++) {
            const at = rowStart + i - first;
            if (at >= 0 && at < size) column[at] = columnData[i];
          }
        },
      });
      const from = first + 1;
      if (size > 0)
        yield {
          size,
          names,
          has: (name) => names.includes(name),
          line: (row) => from + row,
          column: (name) => columns.get(name) ?? new Array(size),
        };
      first += size;
    }
    if (first === 0) throw new ReadError(`${file.name}: is empty`);
  } catch (error) {
    throw error instanceof ReadError ? error : refuse(error);
  }
}
