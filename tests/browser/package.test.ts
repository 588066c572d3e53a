import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChromium } from './browser.js';
import { type Host, host } from './host.js';

const root = resolve(import.meta.dirname, '../..');
const examples = join(root, 'web/examples');
const folder = mkdtempSync(join(tmpdir(), 'tiltlab-pack-'));
const installed = join(folder, 'node_modules/tiltlab');
let files: string[];
let context: BrowserContext;
const hosts: Host[] = [];

/** The package as npm would publish and install it: packed, unpacked, without this checkout. */
beforeAll(async () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' }),
  ) as [{ filename: string; files: { path: string }[] }];
  files = packed.files.map(({ path }) => path);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['xzf', join(folder, packed.filename), '-C', installed, '--strip-components=1']);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  context = await openChromium();
}, 60_000);
afterAll(async () => {
  for (const { close } of hosts) close();
  await context.close();
});

async function open(folders: Record<string, string>, path: string) {
  const made = await host({ folders });
  hosts.push(made);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(made.url + path);
  return { page, complaints };
}

test('it holds what is used, its licences, and nothing of the workshop', () => {
  const allowed =
    /^(build\/lib\/|dist\/(assets\/|(index|embed|verify|samples)\.html$|embed\.js$|favicon\.svg$|LICENSES\.txt$)|web\/cli\/bin\.js$|web\/data\/(SOURCES|LICENSE)|README\.md$|LICENSE$|CITATION\.cff$|package\.json$)/;
  expect(files.filter((path) => !allowed.test(path))).toEqual([]);
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(manifest.dependencies ?? {}).toEqual({});
  const named = [
    manifest.bin.tiltlab,
    ...Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? entry : Object.values(entry as object),
    ),
  ];
  for (const path of named) expect(files).toContain(path.replace('./', ''));
  expect(files).toContain('dist/LICENSES.txt');
});

test('Node: library, command, and elements that a server may import', () => {
  const run = (source: string) =>
    execFileSync('node', ['--input-type=module', '-e', source], { cwd: folder, encoding: 'utf8' }).trim();
  expect(
    run(`import { loadEngine, decodeLink } from 'tiltlab'; import 'tiltlab/elements';
      console.log((await loadEngine()).evaluate(decodeLink('#v=1').scenario).kl_rl.reward.toFixed(4));`),
  ).toBe('14.1847');
  const report = execFileSync('node', [join(installed, 'web/cli/bin.js'), 'evaluate', '#v=1'], { encoding: 'utf8' });
  expect(JSON.parse(report).kl_rl.reward.toFixed(4)).toBe('14.1847');
});

test('types of the library, the elements and the command', () => {
  writeFileSync(
    join(folder, 'use.ts'),
    `import { loadEngine, type Report } from 'tiltlab';
import { TiltLabElement } from 'tiltlab/elements';
import type {} from 'tiltlab/cli';
export const report: Promise<Report> = loadEngine().then((e) => e.evaluate({ v: 1, model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { n: 4 } }));
export const element: HTMLElement = new TiltLabElement();
`,
  );
  const options =
    '--noEmit --strict --skipLibCheck false --target es2022 --lib es2022,dom --module esnext --moduleResolution bundler --types';
  execFileSync(join(root, 'node_modules/.bin/tsc'), [...options.split(' '), '', 'use.ts'], {
    cwd: folder,
    stdio: 'pipe',
  });
});

test('a plain module script', async () => {
  const { page, complaints } = await open({ '/tiltlab/': installed, '/': join(examples, 'module') }, '/index.html');
  await expect.poll(() => page.locator('output').textContent()).toMatch(/^1\.97/);
  expect(complaints).toEqual([]);
  await page.close();
});

test('Vite', async () => {
  const app = join(folder, 'vite');
  cpSync(join(examples, 'vite'), app, { recursive: true });
  await build({
    root: app,
    configFile: join(app, 'vite.config.js'),
    logLevel: 'error',
    build: { outDir: join(app, 'dist') },
  });
  const { page, complaints } = await open(
    { '/tilt-lab/': join(installed, 'dist'), '/': join(app, 'dist') },
    '/index.html',
  );
  await expect.poll(() => page.locator('output').textContent()).toMatch(/^1\.97/);
  const frame = page.frameLocator('tilt-lab iframe');
  await frame.locator('html[data-ready]').waitFor({ state: 'attached' });
  expect(await frame.locator('figcaption').textContent()).toContain('There is nothing more to buy');
  expect(complaints).toEqual([]);
  await page.close();
}, 60_000);

test('the cells of the notebook, one after another', async () => {
  const cells = [
    ...readFileSync(join(examples, 'notebook/best-of-n.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g),
  ].map(([, cell]) => cell);
  const source = cells.join('\n').replaceAll("'npm:tiltlab'", `'/tiltlab/build/lib/index.js'`);
  const notebook = join(folder, 'notebook');
  mkdirSync(notebook);
  writeFileSync(
    join(notebook, 'index.html'),
    `<!doctype html><title>Cells</title><script type="module">const shown = []; const display = (value) => shown.push(value);
${source}
window.shown = shown;</script>`,
  );
  const { page, complaints } = await open({ '/tiltlab/': installed, '/': notebook }, '/index.html');
  const shown = await page.waitForFunction(() => (window as unknown as { shown?: unknown[] }).shown);
  const [rows, estimate] = (await shown.jsonValue()) as [
    { n: number; reward: number; optimal: number }[],
    { mean: number; interval: [number, number] },
  ];
  expect(rows.map(({ n }) => n)).toEqual([1, 4, 16, 64, 256]);
  for (const { reward, optimal } of rows) expect(optimal).toBeGreaterThanOrEqual(reward - 1e-9);
  expect(estimate.interval[0]).toBeLessThan(rows[2]?.reward as number);
  expect(complaints).toEqual([]);
  await page.close();
});
