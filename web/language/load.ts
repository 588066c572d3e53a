import createLanguage from '../../build/wasm/tiltlab_language.mjs';
import { type LoadOptions, loadWasm } from '../engine/wasm.js';
import { type LanguageEngine, makeLanguageEngine } from './engine.js';

export type { CompiledWasm, LoadOptions, WasmSource } from '../engine/wasm.js';
export type { Generation, LanguageEngine } from './engine.js';

/**
 * The engine of language models, in Node and in browsers; each call makes an instance of its own.
 * @throws TiltLabError where its wasm does not arrive
 */
export const loadLanguage = async (options?: LoadOptions): Promise<LanguageEngine> =>
  makeLanguageEngine(await loadWasm(createLanguage, 'tiltlab_language.wasm', options));
