import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { TiltLabError } from '../engine/index.js';
import { type Bytes, ReadError, textOfBytes } from '../samples/load.js';
import { reasonOf } from './printing.js';

/** Bytes of a scenario, or of a share of a simulation: the largest scenario that there can be has fewer. */
const mostText = 32_000_000;
/** Bytes that come without a size, as from a pipe. */
const mostPiped = 100_000_000;

/** @throws Error with what the system says of it */
function part(file: number, into: Uint8Array, place: number | null): number {
  for (;;) {
    try {
      return readSync(file, into, 0, into.length, place);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Standard input may be one that does not wait, or be closed.
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

const called = (name: string) => (name === '-' ? 'standard input' : name);

const block = 1 << 20;

/** All that comes, or null where it is more than `most` bytes: no more is read. */
function drained(file: number, most: number): Uint8Array[] | null {
  const parts: Uint8Array[] = [];
  for (let size = 0; ; ) {
    const into = new Uint8Array(block);
    const read = part(file, into, null);
    if (read === 0) return parts;
    size += read;
    if (size > most) return null;
    parts.push(read === block ? into : into.slice(0, read));
  }
}

/** Looks into a file that is open for as long as `look` does. */
function opened<T>(name: string, look: (file: number) => T): T {
  let file: number | null = null;
  try {
    file = name === '-' ? 0 : openSync(name, 'r');
    return look(file);
  } catch (error) {
    if (error instanceof TiltLabError || error instanceof ReadError) throw error;
    throw new TiltLabError('input', `${called(name)}: ${reasonOf(error)}`, name);
  } finally {
    if (file) closeSync(file);
  }
}

const tooLong = (name: string, most: number) =>
  new TiltLabError('input', `${called(name)}: is longer than ${Math.floor(most / 1e6)} MB`, name);

/** All of a file, or of standard input where it is `-`. @throws TiltLabError where that is more than `most` bytes */
export function wholeIn(name: string, most: number): Uint8Array {
  const parts = opened(name, (file) => {
    const about = fstatSync(file);
    const fits = about.isFile() ? most : Math.min(most, mostPiped);
    const all = about.isFile() && about.size > fits ? null : drained(file, fits);
    if (!all) throw tooLong(name, fits);
    return all;
  });
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

/** The same as text, whatever byte-order mark it begins with. @throws TiltLabError, ReadError */
export const textIn = (name: string, most = mostText): string => textOfBytes(called(name), wholeIn(name, most));

/** A file's bytes, read as they are asked for; those of a pipe at once. @throws TiltLabError */
export function bytesIn(name: string): Bytes {
  const { size, parts } = opened(name, (file) => {
    const about = fstatSync(file);
    if (about.isFile()) return { size: about.size, parts: null };
    const all = drained(file, mostPiped);
    if (!all) throw tooLong(name, mostPiped);
    return { size: 0, parts: all };
  });
  if (parts) return new Blob(parts as BlobPart[]);
  return {
    size,
    slice: (from = 0, to = size) => ({
      async arrayBuffer() {
        const into = new Uint8Array(Math.max(0, Math.min(to, size) - from));
        const read = opened(name, (file) => {
          let done = 0;
          for (let last = 1; last > 0 && done < into.length; done += last)
            last = part(file, into.subarray(done), from + done);
          return done;
        });
        // Another program may have cut it meanwhile.
        return into.buffer.slice(0, read);
      },
    }),
  };
}
