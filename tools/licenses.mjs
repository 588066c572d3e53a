// Writes the notices of what the built site holds: packages, fonts, data, and libraries inside of the wasm.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const packages = [
  '@fontsource-variable/inter',
  '@fontsource-variable/newsreader',
  'lit',
  'lit-html',
  'lit-element',
  '@lit/reactive-element',
  'd3-array',
  'd3-format',
  'd3-scale',
  'd3-time',
  'd3-time-format',
  'internmap',
  'fflate',
  'uqr',
  'papaparse',
  'yaml',
  'hyparquet',
  'hyparquet-compressors',
  'fzstd',
  'hysnappy',
];

/** @returns {string} all notices, one after another */
export function licenses() {
  const notices = packages.map((name) => {
    const folder = new URL(`node_modules/${name}/`, root);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} has no licence file`);
    return [name, readFileSync(new URL(file, folder), 'utf8')];
  });
  const own = readdirSync(new URL('docs/licenses/', root)).map((file) => [
    file.replace('.txt', ''),
    readFileSync(new URL(`docs/licenses/${file}`, root), 'utf8'),
  ]);
  const vader = new URL('web/data/LICENSE-vader-Apache-2.0.txt', root);
  own.push(['Programs of CodeT', readFileSync(new URL('web/data/LICENSE-CodeT-MIT.txt', root), 'utf8')]);
  if (existsSync(vader)) own.push(['VADER sentiment lexicon', readFileSync(vader, 'utf8')]);
  return [...notices, ...own].map(([name, text]) => `== ${name}\n\n${text.trim()}\n`).join('\n\n');
}
