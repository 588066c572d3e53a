import full from '../../build/wasm/tiltlab_full.wasm?deflated';

/** The engine's bytes, deflated, as base64: the page has them once and hands them to its workers. */
export const wasm = full;
