import createFull from '../../build/wasm/tiltlab_full.mjs';
import { once } from '../engine/once.js';
import { bytesOf } from '../sandbox/bytes.js';

/** `engine/modules.ts` in one file: nothing is fetched, and the full module serves for the core too. */
export const loadFull = once(() =>
  createFull({ wasmBinary: bytesOf((globalThis as unknown as { tiltlabWasm: string }).tiltlabWasm) }),
);
export const loadCore = loadFull;
