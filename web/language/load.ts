import createLanguage from '../../build/wasm/tiltlab_language.mjs';
import { type LanguageEngine, makeLanguageEngine } from './engine.js';

/** The engine of language models, in Node and in browsers; each call makes an instance of its own. */
export async function loadLanguage(): Promise<LanguageEngine> {
  if (typeof process === 'undefined' || !process.versions?.node) return makeLanguageEngine(await createLanguage());
  // As `loadEngine` does: Node's fetch refuses files.
  const { readFile } = await import('node:fs/promises');
  const wasmBinary = await readFile(new URL('tiltlab_language.wasm', import.meta.url));
  return makeLanguageEngine(await createLanguage({ wasmBinary }));
}
