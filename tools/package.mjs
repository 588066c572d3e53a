// Builds the package into build/lib/: for browsers and bundlers, for Node (and the command), with the wasm inside, and the types.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { bundledBy } from './bundled.mjs';
import { licenses } from './licenses.mjs';
import { deflated, noAddress, variants } from './wasm-inside.mjs';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const bundled = bundledBy();
const library = {
  index: 'web/engine/index.ts',
  samples: 'web/samples/load.ts',
  language: 'web/language/load.ts',
};

/**
 * One build of the package: all in it, since a plain module script resolves no bare names. It is Vite's build for servers,
 * which leaves the wasm files' addresses as they are.
 */
const part = (folder, input, { plugins = [], ssr = {}, output = {}, alias = {} } = {}) =>
  build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [...plugins, bundled.plugin],
    ssr: { noExternal: true, ...ssr },
    // fflate's build for Node asks for worker threads, which no browser has.
    resolve: { alias: { fflate: 'fflate/browser', ...alias } },
    build: {
      ssr: true,
      target: 'es2022',
      outDir: path(folder),
      emptyOutDir: false,
      minify: false,
      rollupOptions: {
        input: Object.fromEntries(Object.entries(input).map(([name, file]) => [name, path(file)])),
        output: { chunkFileNames: '[name].js', ...output },
      },
    },
  });

rmSync(path('build/lib'), { recursive: true, force: true });
const forBrowsers = { ssr: { target: 'webworker' } };
await part('build/lib', { ...library, elements: 'web/embed/element.ts' }, forBrowsers);
await part(
  'build/lib',
  { inline: 'web/engine/index.ts' },
  {
    ...forBrowsers,
    plugins: [deflated, noAddress, variants('inline', 'wasm-file')],
    output: { codeSplitting: false },
  },
);
await part(
  'build/lib/node',
  { ...library, cli: 'web/cli/tiltlab.ts', worker: 'web/cli/worker.ts', 'draft-worker': 'web/cli/draft-worker.ts' },
  // It reads its files, whose addresses in the glue would only lead bundlers for servers astray.
  { plugins: [noAddress, variants('node', 'wasm-file')] },
);
for (const name of ['full', 'samples', 'language'])
  copyFileSync(path(`build/wasm/tiltlab_${name}.wasm`), path(`build/lib/tiltlab_${name}.wasm`));

// What the command draws from where no model is named.
for (const name of ['moby-dick-model.bin', 'moby-dick-tokenizer.bin', 'vader-lexicon.tsv'])
  copyFileSync(path(`web/data/${name}`), path(`build/lib/${name}`));

copyFileSync(path('web/scenario/scenario.v1.schema.json'), path('build/lib/scenario.v1.schema.json'));

writeFileSync(path('build/lib/LICENSES.txt'), licenses(bundled.written('package')));

execFileSync(path('node_modules/.bin/tsc'), ['-p', path('tsconfig.lib.json')], { stdio: 'inherit' });
// Declarations that were written by hand or made come as they are.
mkdirSync(path('build/lib/types/generated'), { recursive: true });
for (const file of readdirSync(path('web/generated')).filter((name) => name.endsWith('.d.ts')))
  copyFileSync(path(`web/generated/${file}`), path(`build/lib/types/generated/${file}`));
cpSync(path('web/engine/module.d.ts'), path('build/lib/types/engine/module.d.ts'));
