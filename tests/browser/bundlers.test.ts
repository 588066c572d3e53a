import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import nodeResolve from '@rollup/plugin-node-resolve';
import * as esbuild from 'esbuild';
import type { BrowserContext } from 'playwright-core';
import { rollup } from 'rollup';
import * as vite from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import webpack from 'webpack';
import { openChromium } from './browser.js';
import { host } from './host.js';
import { installPacked, root } from './packed.js';

/** The README's lines for each bundler, built from the packed package and run in a browser. */

const lines = Object.fromEntries(
  [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```js\n(\/\/ (\w+)[\s\S]*?)```/g)].map(
    ([, code = '', name = '']) => [name, code],
  ),
);
const use = `
document.querySelector('output').textContent = engine.evaluate({
  v: 1,
  model: { kind: 'finite', outcomes: [{ p: 0.5, reward: 0 }, { p: 0.3, reward: 1 }, { p: 0.2, reward: 2 }] },
  budget: { n: 16 },
}).best_of_n.reward;
`;
/** `tiltlab/samples` and `tiltlab/language`, whose wasm files are others. */
const others = `import { loadLanguage } from 'tiltlab/language';
import { loadSamples } from 'tiltlab/samples';

const engines = await Promise.all([loadSamples(), loadLanguage()]);
document.querySelector('output').textContent = engines.map(({ version }) => version).join();
`;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

let folder: string;
let installed: string;
let context: BrowserContext;
beforeAll(async () => {
  ({ folder, installed } = installPacked());
  context = await openChromium();
}, 60_000);
afterAll(() => context.close());

const document = (script: string) =>
  `<!doctype html><link rel="icon" href="data:,"><output></output><script type="module" src="./${script}"></script>`;

/** An app of its own folder: its entry is main.js. */
function app(name: string, code: string): string {
  const made = join(folder, name);
  mkdirSync(join(made, 'dist'), { recursive: true });
  writeFileSync(join(made, 'main.js'), code);
  writeFileSync(join(made, 'index.html'), document('main.js'));
  writeFileSync(join(made, 'dist/index.html'), document('main.js'));
  return made;
}

/** What the page writes, what it complains of, and the wasm files it asked for. */
async function shown(url: string, expected: string | RegExp) {
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('request', (request) => request.url().includes('.wasm') && asked.push(request.url()));
  await page.goto(url);
  await expect.poll(() => page.locator('output').textContent()).toMatch(expected);
  expect(complaints).toEqual([]);
  await page.close();
  return asked;
}

async function run(made: string, expected: string | RegExp) {
  const served = await host({ folders: { '/': join(made, 'dist') } });
  const asked = await shown(`${served.url}/index.html`, expected);
  served.close();
  return asked;
}

const withWebpack = (made: string, target: 'web' | 'node' = 'web') =>
  new Promise<void>((resolve, reject) => {
    const options = {
      context: made,
      mode: 'none' as const,
      target,
      entry: './main.js',
      output: { path: join(made, 'dist') },
    };
    webpack(options, (error, stats) => {
      if (error || stats?.hasErrors()) reject(error ?? new Error(stats?.toString('errors-only')));
      else resolve();
    });
  });
const withEsbuild = (made: string, loader = {}) =>
  esbuild.build({
    entryPoints: [join(made, 'main.js')],
    bundle: true,
    format: 'esm',
    outdir: join(made, 'dist'),
    logLevel: 'silent',
    loader,
  });
async function withRollup(made: string) {
  const warnings: string[] = [];
  const bundle = await rollup({
    input: join(made, 'main.js'),
    plugins: [nodeResolve()],
    onwarn: ({ message }) => void warnings.push(message),
  });
  await bundle.write({ dir: join(made, 'dist'), format: 'es' });
  expect(warnings).toEqual([]);
}
const viteOptions = (made: string): vite.InlineConfig => ({
  root: made,
  configFile: false,
  logLevel: 'error',
  build: { target: 'es2022' },
});
async function withViteDev(made: string, expected: string | RegExp) {
  const server = await vite.createServer({
    ...viteOptions(made),
    server: { port: 0, host: '127.0.0.1', fs: { allow: [folder] } },
  });
  await server.listen();
  try {
    return await shown(server.resolvedUrls?.local[0] as string, expected);
  } finally {
    await server.close();
  }
}

const best = /^1\.97/;

test('the README has lines for each', () => {
  expect(Object.keys(lines).sort()).toEqual(['Any', 'Rollup', 'Vite', 'esbuild', 'webpack']);
});

describe('the README’s lines', () => {
  test('webpack, without settings', async () => {
    const made = app('webpack', lines.webpack + use);
    await withWebpack(made);
    expect(await run(made, best)).toHaveLength(1);
  });

  test('esbuild', async () => {
    const made = app('esbuild', lines.esbuild + use);
    await withEsbuild(made, { '.wasm': 'file' });
    expect(await run(made, best)).toHaveLength(1);
  });

  test('Rollup', async () => {
    const made = app('rollup', lines.Rollup + use);
    await withRollup(made);
    copyFileSync(join(installed, 'build/lib/tiltlab_full.wasm'), join(made, 'dist/tiltlab_full.wasm'));
    expect(await run(made, best)).toHaveLength(1);
  });

  test('Vite, dev server and build', async () => {
    const made = app('vite', lines.Vite + use);
    expect(await withViteDev(made, best)).not.toEqual([]);
    await vite.build(viteOptions(made));
    expect(await run(made, best)).toHaveLength(1);
  });

  test('the wasm inside, without settings', async () => {
    const code = lines.Any + use;
    const [one, two, three] = ['webpack', 'esbuild', 'rollup'].map((name) => app(`inside-${name}`, code)) as [
      string,
      string,
      string,
    ];
    await withWebpack(one);
    await withEsbuild(two);
    await withRollup(three);
    for (const made of [one, two, three]) expect(await run(made, best)).toEqual([]);
    const dev = app('inside-vite', code);
    expect(await withViteDev(dev, best)).toEqual([]);
  });
});

test('Vite 8 without the address', async () => {
  const made = app('vite-plain', lines.webpack + use);
  await withViteDev(made, best);
  await vite.build(viteOptions(made));
  expect(await run(made, best)).toHaveLength(1);
});

test('scored drafts and language models come along in the same way', async () => {
  const made = app('others', others);
  await withWebpack(made);
  expect(await run(made, `${version},${version}`)).toHaveLength(2);
  const inside = app('others-vite', others);
  await vite.build(viteOptions(inside));
  expect(await run(inside, `${version},${version}`)).toHaveLength(2);
});

test('a bundle for a server, as frameworks make them, finds no address of a wasm file to follow', async () => {
  const made = app('server', `${lines.webpack}\nconsole.log(engine.version);\n`);
  await withWebpack(made, 'node');
  const script = join(made, 'dist/main.js');
  // What webpack writes for Node is CommonJS, in a folder whose package.json says otherwise.
  writeFileSync(join(made, 'dist/package.json'), '{"type":"commonjs"}');
  expect(execFileSync('node', [script], { encoding: 'utf8' }).trim()).toBe(version);
});

test('the wasm inside has the size that the README states', () => {
  const size = gzipSync(readFileSync(join(installed, 'build/lib/inline.js'))).length;
  const stated = 1000 * Number(/(\d+) kB in gzip/.exec(lines.Any ?? '')?.[1]);
  expect(Math.abs(size / stated - 1)).toBeLessThan(0.05);
});

test('a wasm that does not arrive is said in one line, with what helps', async () => {
  const made = app(
    'lost',
    `import { loadEngine } from 'tiltlab';
loadEngine().catch(({ kind, message }) => { document.querySelector('output').textContent = kind + ': ' + message; });
`,
  );
  // esbuild copies no wasm.
  await withEsbuild(made);
  const served = await host({ folders: { '/': join(made, 'dist') } });
  const page = await context.newPage();
  await page.goto(`${served.url}/index.html`);
  await expect
    .poll(() => page.locator('output').textContent())
    .toBe('start: wasm: tiltlab_full.wasm did not arrive; pass its address or its bytes as { wasm }');
  await page.close();
  served.close();
});

/** Whatever of Node is imported from an entry for browsers, wherever it stands. */
test('no entry for browsers imports anything of Node', async () => {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const entries = Object.values(exports as Record<string, string | Record<string, string>>)
    .map((entry) => (typeof entry === 'string' ? entry : (entry.browser ?? entry.default ?? '')))
    .filter((path) => path.endsWith('.js') && !path.includes('/node/'));
  expect(entries.length).toBeGreaterThanOrEqual(5);
  const { metafile } = await esbuild.build({
    entryPoints: entries.map((path) => join(installed, path)),
    bundle: true,
    format: 'esm',
    splitting: true,
    write: false,
    outdir: folder,
    metafile: true,
    external: ['node:*', ...builtinModules],
    logLevel: 'silent',
  });
  const outside = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external).map(({ path }) => path),
  );
  expect(outside).toEqual([]);
});

test('what the wasm may be: an address, bytes, what was compiled; anything else is refused in one line', async () => {
  const lib = await host({
    folders: { '/': join(installed, 'build/lib') },
    pages: {
      '/empty.html': `<!doctype html><link rel="icon" href="data:,">
<script type="module">import { loadEngine } from './index.js'; window.loadEngine = loadEngine;</script>`,
    },
  });
  const page = await context.newPage();
  await page.goto(`${lib.url}/empty.html`);
  const found = await page.evaluate(async () => {
    const { loadEngine } = window as unknown as {
      loadEngine: (options: object) => Promise<{ version: string }>;
    };
    const address = new URL('/tiltlab_full.wasm', location.href);
    const bytes = await (await fetch(address)).arrayBuffer();
    const given = {
      nothing: undefined,
      text: address.href,
      url: address,
      buffer: bytes,
      array: new Uint8Array(bytes),
      compiled: await WebAssembly.compile(bytes),
      number: 7,
      none: null,
      short: bytes.slice(0, 1000),
      other: await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
      lost: '/nowhere.wasm',
    };
    const results: Record<string, string> = {};
    for (const [name, wasm] of Object.entries(given))
      results[name] = await loadEngine({ wasm }).then(
        ({ version }) => version,
        (error: Error) => `${error.name}: ${error.message}`,
      );
    return results;
  });
  await page.close();
  lib.close();
  for (const name of ['nothing', 'text', 'url', 'buffer', 'array', 'compiled']) expect(found[name], name).toBe(version);
  expect(found.number).toBe('TiltLabError: wasm: Number is not an address, bytes or a WebAssembly.Module');
  expect(found.none).toBe('TiltLabError: wasm: Null is not an address, bytes or a WebAssembly.Module');
  for (const name of ['short', 'other', 'lost'])
    expect(found[name], name).toBe(
      'TiltLabError: wasm: what was given did not arrive, or is not tiltlab_full.wasm of this version',
    );
});
