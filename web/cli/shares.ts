import { TiltLabError } from '../engine/index.js';
import { ReadError, tableDigest, textOfBytes } from '../samples/load.js';
import { parseJson } from '../scenario/json.js';
import { bytesIn } from './input.js';

/** What commands with `--shard` print, by what it says that it is. */
export const shareKinds = { drafts: 'samples --shard', shard: 'simulate --shard' } as const;
export type ShareKind = keyof typeof shareKinds;

/** What a share says of itself beside what it holds. */
export interface Share {
  tiltlab: ShareKind;
  engine: string;
  shard: [index: number, of: number];
  /** Of all the rest. */
  sum: string;
}

/** A file that `merge` was given. */
export interface ShareFile {
  file: string;
  /** What its first characters say that it is; null where it is nothing of ours. */
  kind: ShareKind | null;
  text: string;
}

const sumOf = ({ sum: _, ...rest }: Share): string => tableDigest(JSON.stringify(rest));

export const sealed = <S extends Share>(share: S): S => ({ ...share, sum: sumOf(share) });

/** Bytes of a file that is no table of drafts: scenario and sums have fewer. */
const mostBytes = 32_000_000;

/** @throws TiltLabError, ReadError where a file cannot be read */
export async function openShare(file: string): Promise<ShareFile> {
  const blob = bytesIn(file);
  const head = new TextDecoder().decode((await blob.slice(0, 80).arrayBuffer()) as ArrayBuffer);
  // Two bytes a letter where the file was written so.
  const [, said] = /^\s*\{\s*"tiltlab":\s*"(\w*)"/.exec(head.replaceAll('\0', '').replace(/^\ufffd+/, '')) ?? [];
  const kind = said === 'drafts' || said === 'shard' ? said : null;
  if (kind !== 'drafts' && blob.size > mostBytes)
    throw new TiltLabError('input', `${file}: is longer than ${mostBytes / 1e6} MB`, file);
  return { file, kind, text: textOfBytes(file, new Uint8Array(await blob.slice(0, blob.size).arrayBuffer())) };
}

/**
 * What a file of a share holds, whole and of this engine; who merges looks further.
 * @throws ReadError naming the file and what is wrong
 */
export function readShare<S extends Share>({ file, text }: ShareFile, kind: S['tiltlab'], engine: string): S {
  const refuse = (rule: string): never => {
    throw new ReadError(`${file}: ${rule}`);
  };
  let part: S | null = null;
  try {
    part = parseJson(text) as S | null;
  } catch (error) {
    refuse(`cannot be read (${(error as Error).message})`);
  }
  const made = shareKinds[kind];
  if (typeof part !== 'object' || part?.tiltlab !== kind) return refuse(`is not what ${made} prints`);
  if (part.sum === undefined) refuse(`has no check sum, as those of earlier versions; make it again with ${made}`);
  if (part.sum !== sumOf(part)) refuse('is damaged (its check sum is another)');
  if (part.engine !== engine) refuse(`its engine ${JSON.stringify(part.engine)} is not ${engine}`);
  return part;
}

/** A share and where it was read. */
export interface Placed<S> {
  file: string;
  part: S;
}

/**
 * All shares by their index, from the first on.
 * @param isLike whether two are of one whole
 * @param missing what is said of one that is in none of the files
 * @throws ReadError naming the file that is foreign or double
 */
export function arranged<S extends Share>(
  parts: readonly Placed<S>[],
  isLike: (one: S, other: S) => boolean,
  missing: (index: number, of: number) => string,
): S[] {
  const first = parts[0] as Placed<S>;
  const [, of] = first.part.shard;
  const found = new Map<number, S>();
  for (const { file, part } of parts) {
    const [index, count] = part.shard;
    if (count !== of || !isLike(part, first.part))
      throw new ReadError(`${file}: is a share of something else than ${first.file}`);
    if (found.has(index)) throw new ReadError(`${file}: share ${index} of ${of} is there twice`);
    found.set(index, part);
  }
  for (let index = 1; index <= of; index++) if (!found.has(index)) throw new ReadError(`merge: ${missing(index, of)}`);
  return [...found].sort(([one], [other]) => one - other).map(([, part]) => part);
}
