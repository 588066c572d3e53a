// Builds the static site into dist/: the page, the page of bits, the embed, the embed for sandboxes, all in one file, releases by version.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'vite';
import { shared as common } from '../vite.shared.mjs';
import { bundledBy } from './bundled.mjs';
import { writeDigests } from './digests.mjs';
import { filled } from './document.mjs';
import { licenses } from './licenses.mjs';
import { deflated, noAddress, variants } from './wasm-inside.mjs';

const root = new URL('../', import.meta.url);
const path = (name) => new URL(name, root).pathname;
const asset = (pattern) => {
  const found = readdirSync(path('dist/assets')).filter((name) => pattern.test(name));
  if (found.length !== 1) throw new Error(`${found.length} files are like ${pattern}`);
  return found[0];
};
const bundled = bundledBy();
/** What this script adds to each build's configuration: workers have plugins of their own. */
const noting = { plugins: [bundled.plugin], worker: { ...common.worker, plugins: () => [bundled.plugin] } };
const shared = { ...common, ...noting };
/** Into dist/, beside what is there. */
const beside = (options) => ({
  outDir: '../dist',
  emptyOutDir: false,
  target: 'es2022',
  reportCompressedSize: false,
  // Where a browser cannot preload modules it loads them a moment later: no reason for every embed to grow.
  modulePreload: { polyfill: false },
  ...options,
});

await build({ logLevel: 'error', ...noting });

// By itself, so that it shares no file with the page that the page would then load in two.
await writeDigests();
await build({
  logLevel: 'error',
  ...noting,
  build: beside({ rollupOptions: { input: { verify: path('web/verify.html') } } }),
});

/**
 * No part of an embed has a style sheet of its own or preloads others: Vite's wrapper around each import, a kilobyte in all,
 * has nothing to do there.
 */
const noPreload = {
  name: 'no-preload',
  configResolved({ plugins }) {
    for (const wrapper of ['vite:build-import-analysis', 'native:import-analysis-build']) {
      const place = plugins.findIndex(({ name }) => name === wrapper);
      if (place < 0) throw new Error(`no plugin is called ${wrapper}`);
      plugins.splice(place, 1);
    }
  },
};

await build({
  ...shared,
  configFile: false,
  logLevel: 'error',
  publicDir: false,
  plugins: [noPreload, bundled.plugin],
  build: beside({
    // What all figures need comes with the first script: lists of what else each would preload are not worth their bytes.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_file, deps, { hostType }) => (hostType === 'js' ? [] : deps),
    },
    rollupOptions: {
      input: { frame: path('web/embed.html') },
      output: {
        // All that comes first, and what almost every figure needs, in one file: cut by who else needs what, it takes 1 kB more.
        codeSplitting: {
          groups: [
            { name: 'first', test: /\/(embed\/main|figures\/labels|figures\/path)\.ts$|\/d3-scale\/src\/linear\.js$/ },
          ],
        },
      },
    },
  }),
});

/** One classic script of everything that `input` imports. */
const classic = (name, input, { plugins = [], define = {}, ...options } = {}) =>
  build({
    ...shared,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [deflated, noAddress, ...plugins, bundled.plugin],
    // A classic script has no address of its own once it ran; nothing here is fetched by one.
    define: { 'import.meta.url': 'self.location.href', ...define },
    build: beside({
      cssCodeSplit: false,
      ...options,
      rollupOptions: {
        input: path(input),
        output: { format: 'iife', codeSplitting: false, entryFileNames: `assets/${name}-[hash].js` },
      },
    }),
  });

// The element, under a name that is a promise: as a classic script, which hosts without CORS headers may give to anyone, and
// which as a module works too. Its address is that of its element, or what the browser says of where it runs.
await build({
  ...shared,
  configFile: false,
  logLevel: 'error',
  publicDir: false,
  plugins: [bundled.plugin],
  define: { 'import.meta.url': '(document.currentScript?.src||/\\w+:\\/\\/\\S+?\\.js/.exec(Error().stack)[0])' },
  build: beside({
    rollupOptions: {
      input: path('web/embed/element.ts'),
      output: { format: 'iife', codeSplitting: false, entryFileNames: 'embed.js' },
    },
  }),
});

await classic('full', 'web/sandbox/full.ts');
await classic('sandbox', 'web/embed/main.ts', {
  plugins: [variants('sandbox', 'modules', 'spawn')],
  define: { fullScript: JSON.stringify(`assets/${asset(/^full-.*\.js$/)}`) },
});
// A saved report in a frame of anybody's, whose sandbox may have no origin to fetch modules with.
await build({
  ...shared,
  configFile: false,
  logLevel: 'error',
  publicDir: false,
  plugins: [bundled.plugin],
  build: beside({
    cssCodeSplit: false,
    rollupOptions: {
      input: path('web/samples/page/embedded-main.ts'),
      output: {
        format: 'iife',
        codeSplitting: false,
        entryFileNames: 'assets/report-[hash].js',
        assetFileNames: 'assets/report-[hash][extname]',
      },
    },
  }),
});
writeFileSync(
  path('dist/report.html'),
  readFileSync(path('web/report.html'), 'utf8').replace(
    /<script type="module".*?<\/script>/,
    () =>
      `<link rel="stylesheet" href="./assets/${asset(/^report-.*\.css$/)}" />\n    <script src="./assets/${asset(/^report-.*\.js$/)}" defer></script>`,
  ),
);
await classic('start', 'web/sandbox/start.ts');
await classic('early', 'web/still/early.ts');
await classic('disk', 'web/still/from-disk.ts');
const early = asset(/^early-.*\.js$/);
// What the page is made of is fetched by that script.
const index = readFileSync(path('dist/index.html'), 'utf8');
const addresses = (pattern) => [...index.matchAll(pattern)].map(([, address]) => address).join(' ');
const module = /\n *<script type="module" crossorigin src="(.*?)"><\/script>/g;
const imported = /\n *<link rel="modulepreload" crossorigin href="(.*?)">/g;
writeFileSync(
  path('dist/index.html'),
  index
    .replaceAll(module, '')
    .replaceAll(imported, '')
    .replace(
      '</title>',
      `</title>\n    <script src="./assets/${early}" data-module="${addresses(module)}" data-imports="${addresses(imported)}"></script>`,
    ),
);

// The embed's document starts whichever the frame can run; its style sheet needs no CORS either.
const document = path('dist/embed.html');
const html = readFileSync(document, 'utf8')
  .replace(
    /<script type="module" crossorigin src="(.*?)"><\/script>/,
    (_, module) =>
      `<script src="./assets/${asset(/^start-.*\.js$/)}" data-module="${module}" data-classic="./assets/${asset(/^sandbox-.*\.js$/)}" defer></script>`,
  )
  .replaceAll(/\n *<link rel="modulepreload".*?>/g, '')
  .replaceAll(' crossorigin', '');
writeFileSync(document, html);

// Beside dist: what becomes part of other scripts.
const oneFile = { outDir: '../build/onefile', assetsInlineLimit: () => true };
const built = (pattern) => {
  const folder = path('build/onefile/assets/');
  const name = readdirSync(folder).find((file) => pattern.test(file));
  if (!name) throw new Error(`no file is like ${pattern}`);
  return readFileSync(folder + name, 'utf8');
};
rmSync(path('build/onefile'), { recursive: true, force: true });

/** Readers that come with the larger of the workers alone. */
const readersElsewhere = {
  name: 'readers-elsewhere',
  enforce: 'pre',
  resolveId: (source, importer) =>
    /^\.\/(yaml|parquet)\.js$/.test(source) && /\/samples\/reading\//.test(importer ?? '')
      ? path('web/samples/page/elsewhere.ts')
      : null,
};
// The page for a reader's own drafts may fetch nothing: its workers are text in scripts.
for (const [kind, plugins] of [
  ['small', [readersElsewhere]],
  ['whole', []],
])
  await classic(`samples-${kind}`, 'web/samples/page/worker.ts', { plugins, ...oneFile });
await classic('language-worker', 'web/language/page/worker.ts', oneFile);
const workerFiles = {
  small: /^samples-small-.*js$/,
  whole: /^samples-whole-.*js$/,
  language: /^language-worker-.*js$/,
};
const workerSources = {
  name: 'worker-sources',
  enforce: 'pre',
  resolveId: (source) => (source.startsWith('worker-source:') ? `\0${source}` : null),
  load: (id) =>
    id.startsWith('\0worker-source:')
      ? `export default ${JSON.stringify(built(workerFiles[id.split(':')[1]]))};`
      : null,
};
await build({
  logLevel: 'error',
  ...noting,
  plugins: [workerSources, bundled.plugin],
  build: beside({
    rollupOptions: {
      input: { samples: path('web/samples.html'), transformer: path('web/transformer.html') },
      // Hosts that run Jekyll leave out what begins with an underscore, as names of virtual modules do.
      output: { chunkFileNames: ({ name }) => `assets/${name.replace(/^_+/, '')}-[hash].js` },
    },
  }),
});

// Pages that nothing runs before the module which a disk does not give.
for (const name of ['samples', 'verify']) {
  const file = path(`dist/${name}.html`);
  const script = `<script src="./assets/${asset(/^disk-.*\.js$/)}"></script>`;
  writeFileSync(file, readFileSync(file, 'utf8').replace('</title>', `</title>\n    ${script}`));
}

// All of the page in one file that opens by double click.
await classic('worker', 'web/engine/worker.ts', { plugins: [variants('onefile', 'modules', 'moby-dick')], ...oneFile });
const workerSource = {
  name: 'worker-source',
  enforce: 'pre',
  resolveId: (source) => (source === 'worker-source' ? '\0worker-source' : null),
  load: (id) => (id === '\0worker-source' ? `export default ${JSON.stringify(built(/^worker-/))};` : null),
};
/** What has a page of its own on a site. */
const moreInside = {
  name: 'more-inside',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source === './more.js' && /\/page\/page\.ts$/.test(importer ?? '') ? path('web/onefile/more.ts') : null,
};
await classic('page', 'web/onefile/main.ts', {
  plugins: [workerSource, workerSources, variants('onefile', 'modules', 'moby-dick', 'spawn'), moreInside],
  ...oneFile,
});
const icon = readFileSync(path('web/public/favicon.svg')).toString('base64');
// In a script's text, what would end it or start a comment is written so that it reads the same.
const script = built(/^page-.*js$/).replaceAll(/<(\/script|!--)/gi, '\\x3c$1');
const notices = licenses(bundled.written('site'));
writeFileSync(path('dist/LICENSES.txt'), notices);
writeFileSync(
  path('dist/tilt-lab.html'),
  (await filled(readFileSync(path('web/index.html'), 'utf8')))
    .replace('</title>', () => `</title>\n    <script>${readFileSync(path(`dist/assets/${early}`), 'utf8')}</script>`)
    .replace('./favicon.svg', () => `data:image/svg+xml;base64,${icon}`)
    .replace(/ *<script type="module".*?<\/script>/, () => `<style>${built(/\.css$/)}</style>`)
    // The file goes about alone, and the notices with it.
    .replace(
      '</body>',
      () => `<script>${script}</script>\n<script type="text/plain" id="licences">\n${notices}</script>\n  </body>`,
    ),
);

// A release lives under its version for good; what else is in build/releases/ lies beside it.
const { version } = JSON.parse(readFileSync(path('package.json'), 'utf8'));
const releases = path('build/releases/');
rmSync(releases + version, { recursive: true, force: true });
cpSync(path('dist'), releases + version, { recursive: true });
for (const release of readdirSync(releases)) cpSync(releases + release, path(`dist/${release}`), { recursive: true });
