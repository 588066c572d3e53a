import { wasm } from './wasm.js';
import '../page/main.js';

// For an engine beside the page, where the browser starts no worker from a file.
Object.assign(globalThis, { tiltlabWasm: wasm });
