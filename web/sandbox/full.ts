import createFull from '../../build/wasm/tiltlab_full.mjs';
import fullWasm from '../../build/wasm/tiltlab_full.wasm?deflated';
import { bytesOf } from './bytes.js';

/** All of the engine as a classic script; see `modules.ts`. */
Object.assign(globalThis, { tiltlabFull: () => createFull({ wasmBinary: bytesOf(fullWasm) }) });
