// The notices of what outputs hold: packages, fonts, data, and libraries inside of the wasm.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');

/** A package's own licence. */
function ofPackage(name) {
  const folder = new URL(`node_modules/${name}/`, root);
  const file = existsSync(folder) && readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`no licence is known of the package ${name}`);
  // Of a bundler only its own helpers come along, not what it is made of itself.
  return readFileSync(new URL(file, folder), 'utf8').split('# Licenses of bundled dependencies')[0];
}
const kept = (name) => [name, () => read(`docs/licenses/${name}.txt`)];
const packaged = (name) => [name, () => ofPackage(name)];

/**
 * Libraries inside of every wasm module, as its link lists them: Emscripten's runtime, Embind and allocator, musl, LLVM's
 * libc++, libc++abi, libunwind and compiler-rt, and dlmalloc (public domain). Boost.Math comes in by headers; the Fourier
 * transform has kissfft's order of operations. LLVM's and Boost's licences ask for no notice in compiled code.
 */
const inWasm = ['emscripten', 'musl', 'llvm', 'dlmalloc', 'boost', 'kissfft'].map(kept);
const lexicon = ['VADER sentiment lexicon', () => read('web/data/LICENSE-vader-Apache-2.0.txt')];

/** Whose work a file is, beside that of this project: the first line that fits. */
const works = [
  [/^build\/wasm\/tiltlab_\w+\.(mjs|wasm)$/, inWasm],
  [/^web\/fonts\/(inter|newsreader)\.woff2$/, ([, font]) => [packaged(`@fontsource-variable/${font}`)]],
  [/^web\/fonts\/math\.woff2$/, [kept('stix-two-math')]],
  [/^web\/data\/moby-dick|^web\/generated\/moby-dick/, [lexicon]],
  [/^web\/data\/humaneval/, [['Programs of CodeT', () => read('web/data/LICENSE-CodeT-MIT.txt')]]],
  // Its code is ajv's.
  [/^web\/generated\/validate-scenario\.js$/, [packaged('ajv')]],
  [/^web\//, []],
  // Scripts that become part of others, made of what is noted where they are built.
  [/^virtual:worker-source/, []],
  [/^virtual:(vite|native:|plugin-vue|\/?vite)/, [packaged('vite')]],
  [/^virtual:(rolldown|\/?@oxc-project)/, [packaged('rolldown')]],
  [/^node_modules\/((?:@[^/]+\/)?[^/]+)\//, ([, name]) => [packaged(name)]],
];

/** Names and texts by what is bundled. @throws where of something no licence is known */
export function noticesOf(bundled) {
  const notices = new Map();
  for (const file of bundled) {
    const line = works.find(([pattern]) => pattern.test(file));
    if (!line) throw new Error(`no licence is known of ${file}`);
    const [pattern, whose] = line;
    for (const [name, text] of typeof whose === 'function' ? whose(pattern.exec(file)) : whose)
      if (!notices.has(name)) notices.set(name, text().trim());
  }
  // The wasm has the lexicon's valences of pairs of words.
  if (notices.has('emscripten')) notices.set(lexicon[0], lexicon[1]().trim());
  return notices;
}

/** All notices, one after another. @param bundled what outputs hold, as `bundledBy` lists it */
export const licenses = (bundled) =>
  [...noticesOf(bundled)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `== ${name}\n\n${text}\n`)
    .join('\n\n');
