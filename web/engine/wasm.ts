import { TiltLabError } from '../scenario/error.js';
import type { CoreModuleOptions } from './module.js';
import { type WasmFile, wasmFile } from './wasm-file.js';

/** A `WebAssembly.Module`, named without the types of browsers: programs that have none read this declaration too. */
export type CompiledWasm = object;

/** Where the wasm comes from: the address of the file, its bytes, or what was compiled of it. */
export type WasmSource = string | { readonly href: string } | ArrayBuffer | Uint8Array | CompiledWasm;

export interface LoadOptions {
  /** Instead of the file that lies beside the package's own. */
  wasm?: WasmSource | undefined;
}

type Create<M> = (options?: CoreModuleOptions) => Promise<M>;

/** By name rather than by class: what comes from another frame or a test's sandbox has classes of its own. */
const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);
const isAddress = (value: unknown): value is { href: string } =>
  typeof value === 'object' && value !== null && typeof (value as { href?: unknown }).href === 'string';

function optionsOf(file: string, wasm: WasmSource | undefined): WasmFile | Promise<WasmFile> {
  if (wasm === undefined) return wasmFile(file);
  if (typeof wasm === 'string') return wasmFile(file, wasm);
  if (ArrayBuffer.isView(wasm) || /ArrayBuffer$|^WebAssembly.Module$/.test(kindOf(wasm)))
    return { start: wasm as BufferSource };
  if (isAddress(wasm)) return wasmFile(file, wasm.href);
  throw new TiltLabError('input', `wasm: ${kindOf(wasm)} is not an address, bytes or a WebAssembly.Module`, 'wasm');
}

/** Bytes and compiled modules are started here, since the glue tells nobody but the console what is wrong with them. */
const startedHere = <M>(create: Create<M>, wasm: BufferSource | WebAssembly.Module): Promise<M> =>
  new Promise((resolve, reject) => {
    create({
      instantiateWasm(imports, done) {
        WebAssembly.instantiate(wasm as BufferSource, imports as WebAssembly.Imports)
          // Of a compiled module this is the instance itself.
          .then((found) => done('instance' in found ? found.instance : found))
          .catch(reject);
        return {};
      },
    }).then(resolve, reject);
  });

/**
 * A wasm module of the engine.
 * @param create Emscripten's glue @param file the name of its wasm file
 * @throws TiltLabError where the wasm does not arrive, or is not one of this version
 */
export async function loadWasm<M>(create: Create<M>, file: string, { wasm }: LoadOptions = {}): Promise<M> {
  try {
    const options = await optionsOf(file, wasm);
    return await (options.start ? startedHere(create, options.start) : create(options));
  } catch (error) {
    if (error instanceof TiltLabError) throw error;
    const fault =
      wasm === undefined
        ? `${file} did not arrive; pass its address or its bytes as { wasm }`
        : `what was given did not arrive, or is not ${file} of this version`;
    throw new TiltLabError('start', `wasm: ${fault}`, 'wasm');
  }
}
