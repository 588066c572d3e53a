/** What the glue starts from: bytes or a compiled module, or else an address of its own or another one. */
export interface WasmFile {
  start?: BufferSource | WebAssembly.Module;
  locateFile?: (file: string) => string;
}

/**
 * How a wasm file is found where nobody hands it over: by its address, which the glue states beside `import.meta.url` where
 * bundlers see it and copy the file. `web/node/` and `web/inline/` have this file for Node, and with the wasm inside.
 * @param address another address than that
 */
export const wasmFile = (_file: string, address?: string): WasmFile | Promise<WasmFile> =>
  address === undefined ? {} : { locateFile: () => address };
