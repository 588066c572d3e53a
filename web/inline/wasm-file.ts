import fullWasm from '../../build/wasm/tiltlab_full.wasm?deflated';
import type { WasmFile } from '../engine/wasm-file.js';
import { bytesOf } from '../sandbox/bytes.js';

/** `engine/wasm-file.ts` for `tiltlab/inline`, which has the wasm of the engine inside and asks for no file. */
export const wasmFile = (_file: string, address?: string): WasmFile =>
  address === undefined ? { start: bytesOf(fullWasm) as Uint8Array<ArrayBuffer> } : { locateFile: () => address };
