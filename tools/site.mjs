// Builds the static site into dist/: the page, the embed, and the embed for sandboxes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { build } from 'vite';
import { shared } from '../vite.shared.mjs';

const root = new URL('../', import.meta.url);
const path = (name) => new URL(name, root).pathname;
const asset = (pattern) => {
  const found = readdirSync(path('dist/assets')).filter((name) => pattern.test(name));
  if (found.length !== 1) throw new Error(`${found.length} files are like ${pattern}`);
  return found[0];
};
/** Into dist/, beside what is there. */
const beside = (options) => ({
  outDir: '../dist',
  emptyOutDir: false,
  target: 'es2022',
  reportCompressedSize: false,
  ...options,
});

await build({ logLevel: 'error' });

await build({
  ...shared,
  configFile: false,
  logLevel: 'error',
  publicDir: false,
  build: beside({
    rollupOptions: {
      input: { frame: path('web/embed.html'), element: path('web/embed/element.ts') },
      output: {
        // The element's name is a promise.
        entryFileNames: ({ name }) => (name === 'element' ? 'embed.js' : 'assets/[name]-[hash].js'),
      },
    },
  }),
});

/** A wasm module inside of a script: deflated, since base64 of what is not deflated compresses badly. */
const wasmAsText = {
  name: 'wasm-as-text',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source.endsWith('.wasm?deflated')
      ? `\0${new URL(source.replace(/\?.*/, ''), `file://${importer}`).pathname}`
      : null,
  load: (id) =>
    /^\0.*\.wasm$/.test(id)
      ? `export default ${JSON.stringify(deflateRawSync(readFileSync(id.slice(1)), { level: 9 }).toString('base64'))};`
      : null,
};

/** One classic script of everything that `input` imports. */
const classic = (name, input, { plugins = [], define = {} } = {}) =>
  build({
    ...shared,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [wasmAsText, ...plugins],
    // A classic script has no address of its own once it ran; nothing here is fetched by one.
    define: { 'import.meta.url': 'document.baseURI', ...define },
    build: beside({
      cssCodeSplit: false,
      rollupOptions: {
        input: path(input),
        output: { format: 'iife', codeSplitting: false, entryFileNames: `assets/${name}-[hash].js` },
      },
    }),
  });

/** Modules that a sandbox replaces by its own. */
const inSandbox = {
  name: 'in-sandbox',
  enforce: 'pre',
  resolveId(source, importer) {
    const name = /\/engine\//.test(importer ?? '') && /^\.\/(modules|spawn)\.js$/.exec(source)?.[1];
    return name ? path(`web/sandbox/${name}.ts`) : null;
  },
};
await classic('full', 'web/sandbox/full.ts');
await classic('sandbox', 'web/embed/main.ts', {
  plugins: [inSandbox],
  define: { fullScript: JSON.stringify(`assets/${asset(/^full-.*\.js$/)}`) },
});
await classic('start', 'web/sandbox/start.ts');

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
