import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChromium } from './browser.js';
import { type Host, openHosted } from './host.js';
import { installPacked, root } from './packed.js';

const examples = join(root, 'web/examples');
let folder: string;
let installed: string;
let files: string[];
let context: BrowserContext;
const hosts: Host[] = [];

beforeAll(async () => {
  ({ folder, installed, files } = installPacked());
  context = await openChromium();
}, 60_000);
afterAll(async () => {
  for (const { close } of hosts) close();
  await context.close();
});

const open = async (folders: Record<string, string>, path: string) => {
  const opened = await openHosted(context, folders, path);
  hosts.push(opened.host);
  return opened;
};

test('it holds what is used, its licences, and nothing of the workshop', () => {
  const allowed =
    /^(build\/lib\/|dist\/(assets\/|(index|embed|verify|samples|report|transformer)\.html$|embed\.js$|favicon\.svg$|LICENSES\.txt$)|web\/cli\/bin\.js$|web\/data\/(SOURCES|LICENSE)|README\.md$|LICENSE$|CITATION\.cff$|package\.json$)/;
  expect(files.filter((path) => !allowed.test(path))).toEqual([]);
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(manifest.dependencies ?? {}).toEqual({});
  const named: string[] = [
    manifest.bin.tiltlab,
    ...[manifest.main, manifest.module, manifest.browser, manifest.types],
    ...(Object.values(manifest.typesVersions['*']) as string[][]).flat(),
    ...Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? entry : Object.values(entry as object),
    ),
  ];
  for (const path of named) expect(files).toContain(path.replace('./', ''));
  expect(files).toContain('dist/LICENSES.txt');
});

test('the site in the package links to nothing that the package lacks', () => {
  const dist = join(installed, 'dist');
  const pages = readdirSync(dist).filter((name) => name.endsWith('.html'));
  const links = pages.flatMap((name) =>
    [...readFileSync(join(dist, name), 'utf8').matchAll(/(?:href|src)="([^"#?:]+)[^":]*"/g)].map(
      ([, path]) => [name, path as string] as const,
    ),
  );
  expect(links.length).toBeGreaterThan(pages.length);
  expect(links.filter(([, path]) => !existsSync(join(dist, path)))).toEqual([]);
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

test('the command, by npx, in a folder that holds nothing else and without a network', () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'tiltlab-cache-'));
  const command = (...args: string[]) =>
    spawnSync('npx', ['--offline', '--cache', elsewhere, 'tiltlab', ...args], {
      cwd: folder,
      encoding: 'utf8',
      // Whoever asks for the network all the same is told at once.
      env: { ...process.env, HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' },
    });
  const evaluated = command('evaluate', '#v=1');
  expect(evaluated.stderr).toBe('');
  expect(JSON.parse(evaluated.stdout).kl_rl.reward.toFixed(4)).toBe('14.1847');
  const simulated = command('simulate', '#v=1', '--replicates', '20', '--workers', '2');
  expect(JSON.parse(simulated.stdout).replicates).toBe(20);
});

test('help has examples of every command, and each works as it stands', () => {
  const place = mkdtempSync(join(tmpdir(), 'tiltlab-help-'));
  writeFileSync(
    join(place, 'scenario.json'),
    '{"v":1,"model":{"kind":"finite","outcomes":[{"p":0.5,"reward":0},{"p":0.5,"reward":1}]},"budget":{"n":4},"simulation":{"replicates":40}}',
  );
  const rows = Array.from({ length: 40 }, (_, i) => `p${i % 10},${(i * 7) % 13}`);
  mkdirSync(join(place, 'runs'));
  for (const file of ['drafts.csv', 'runs/a.csv', 'runs/b.csv'])
    writeFileSync(join(place, file), `prompt,score\n${rows.join('\n')}\n`);
  const shell = (line: string) =>
    spawnSync('sh', ['-c', line.replace(/^tiltlab/, `node ${join(installed, 'web/cli/bin.js')}`)], {
      cwd: place,
      encoding: 'utf8',
    });
  const examplesIn = (help: string) => [...help.matchAll(/^ {2}(tiltlab .*)$/gm)].map(([, line = '']) => line);
  const { stdout: usage } = shell('tiltlab --help');
  const commands = ['evaluate', 'samples', 'statements', 'simulate', 'merge', 'generate', 'link', 'open'];
  const first = examplesIn(usage.split('For example')[1] as string);
  expect(first.map((line) => line.split(' ')[1])).toEqual(commands);
  // In an order in which what merges comes after what it merges.
  for (const command of commands.sort((a, b) => Number(a === 'merge') - Number(b === 'merge'))) {
    const [options = '', lines = ''] = shell(`tiltlab ${command} --help`).stdout.split('For example:\n');
    expect(options).toMatch(new RegExp(`^  tiltlab ${command} `));
    const examples = examplesIn(lines);
    expect(examples.length, command).toBeGreaterThan(0);
    for (const line of examples) {
      const { status, stderr } = shell(line);
      // Another model's files are not here.
      if (line.includes('--checkpoint')) expect(stderr).toMatch(/^--checkpoint: .* is no file\n$/);
      else expect(status, `${line}: ${stderr}`).toBe(0);
    }
  }
});

test('Node requires it too', () => {
  const run = (source: string) =>
    execFileSync('node', ['--input-type=commonjs', '--no-warnings', '-e', source], { cwd: folder, encoding: 'utf8' });
  expect(run(`require('tiltlab/inline').loadEngine().then(({ version }) => console.log(version))`).trim()).toBe(
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
  );
});

/** A program of everywhere, and one of browsers. */
const programs = {
  'everywhere.ts': `import { loadEngine, type Report, type Scenario, TiltLabError } from 'tiltlab';
import { loadEngine as loadInside } from 'tiltlab/inline';
import { loadLanguage } from 'tiltlab/language';
import { loadSamples, sampleReport } from 'tiltlab/samples';
import type {} from 'tiltlab/cli';
const scenario: Scenario = { v: 1, model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { n: 4 } };
export async function report(): Promise<Report> {
  const engine = await loadEngine({ wasm: new Uint8Array(8) });
  await engine.simulate(scenario, { onProgress: ({ done, blocks }) => done / blocks });
  const reward: number | null = engine.evaluate(scenario).best_of_n.reward;
  if (reward === null) throw new TiltLabError('input', 'no reward', '');
  return engine.evaluate(scenario);
}
export const all = [loadInside(), loadLanguage({ wasm: 'x.wasm' }), loadSamples(), sampleReport];
`,
  'browser.ts': `import { loadEngine } from 'tiltlab';
import { TiltLabElement } from 'tiltlab/elements';
export const element: HTMLElement = new TiltLabElement();
export async function run(): Promise<void> {
  await loadEngine({ wasm: new URL('https://example.org/tiltlab_full.wasm') });
  const engine = await loadEngine({ wasm: await WebAssembly.compile(new ArrayBuffer(8)) });
  const { signal } = new AbortController();
  await engine.simulate({ v: 1, model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { n: 4 } }, { signal });
}
`,
};
const resolutions = [
  ['esnext', 'bundler'],
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
] as const;

test.each(resolutions)('types, all of them checked: module %s, moduleResolution %s', (module, resolution) => {
  for (const [file, program] of Object.entries(programs)) writeFileSync(join(folder, file), program);
  const check = (lib: string, ...sources: string[]) => {
    const options = `--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck false --target es2022 --lib ${lib} --module ${module} --moduleResolution ${resolution} --types`;
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), [...options.split(' '), '', ...sources], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout;
  };
  expect(check('es2022', 'everywhere.ts')).toBe('');
  expect(check('es2022,dom', 'everywhere.ts', 'browser.ts')).toBe('');
});

test('scripts that build the package build its types, and packing builds all', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(scripts.prepack).toBe('npm run build');
  expect(Object.values(scripts).filter((script) => /vite build/.test(script as string))).toEqual([]);
  // What empties build/lib makes the types again.
  const builder = readFileSync(join(root, 'tools/package.mjs'), 'utf8');
  expect(builder.indexOf('tsconfig.lib.json')).toBeGreaterThan(builder.indexOf("rmSync(path('build/lib')"));
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
    configFile: false,
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
    ...readFileSync(join(examples, 'observable/best-of-n.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g),
  ].map(([, cell]) => cell);
  const source = cells.join('\n').replaceAll("'npm:tiltlab/inline'", `'/tiltlab/build/lib/inline.js'`);
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
