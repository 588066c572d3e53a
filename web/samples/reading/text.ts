import { type NamedBlob, ReadError } from './batch.js';

/** Rows of a block die young: of larger ones the collector of garbage copies what it will not need. */
const block = 1 << 16;

/** A line of a file that is longer is none. */
export const longestLine = 1 << 25;

/** By its first bytes: UTF-8 but where a mark says UTF-16. */
function encodingOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

const noText = (name: string) => new ReadError(`${name}: is not text (it has zero bytes)`);

/** The text of a file in small blocks, without its byte-order mark. @throws ReadError where it is no text */
export async function* textOf({ name, blob }: NamedBlob): AsyncGenerator<string> {
  const head = new Uint8Array(await blob.slice(0, 4096).arrayBuffer());
  const encoding = encodingOf(head);
  if (encoding === 'utf-8' && head.includes(0)) throw noText(name);
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for (let at = 0; at < blob.size; at += block) {
      const bytes = await blob.slice(at, at + block).arrayBuffer();
      yield decoder.decode(bytes, { stream: at + block < blob.size });
    }
  } catch (error) {
    if (error instanceof TypeError) throw new ReadError(`${name}: is not text in ${encoding.toUpperCase()}`);
    throw error;
  }
}

/** Bytes as text, without their byte-order mark. @throws ReadError where they are no text */
export function textOfBytes(name: string, bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  if (encoding === 'utf-8' && bytes.subarray(0, 4096).includes(0)) throw noText(name);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new ReadError(`${name}: is not text in ${encoding.toUpperCase()}`);
  }
}

/** All of it at once. @throws ReadError where it is longer than `most` bytes */
export async function wholeText(file: NamedBlob, most: number, instead: string): Promise<string> {
  if (file.blob.size > most) {
    throw new ReadError(
      `${file.name}: ${Math.round(file.blob.size / 1e6)} MB in one piece; at most ${most / 1e6} MB, or ${instead}`,
    );
  }
  let text = '';
  for await (const part of textOf(file)) text += part;
  return text;
}
