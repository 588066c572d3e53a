import table from '../data/moby-dick.tsv?deflated';
import { bytesOf } from '../sandbox/bytes.js';

/** `engine/moby-dick.ts` in one file. */
export const mobyDickTable = async (): Promise<string> => new TextDecoder().decode(bytesOf(table));
