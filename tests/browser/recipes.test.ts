import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readOptions } from '../../web/embed/options.js';
import { decodeLink } from '../engine/engine.js';
import { openChromium } from './browser.js';
import { type Host, openHosted } from './host.js';
import { installPacked, root } from './packed.js';

/**
 * The recipes of web/examples/. What can be run here is: blogs in `blogs.test.ts`, the library's in `package.test.ts`, and
 * what follows. Of the rest, frames and elements are held to what an embed takes.
 */

const examples = join(root, 'web/examples');
const files = readdirSync(examples, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(md|mdx|qmd|html|ipynb)$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(examples, file), 'utf8') }))
  // Templates, whose places the generators fill.
  .filter(({ text }) => !/\{\{ \.|\{% if|\{\{ page/.test(text));

const plain = (text: string) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"');
const attributesOf = (tag: string): Record<string, string> =>
  Object.fromEntries(
    [...tag.matchAll(/([\w-]+)=(?:"([^"]*)"|\{\{([^}]*)\}\})/g)].map(([, name = '', value, object]) => [
      name,
      plain(value ?? object ?? ''),
    ]),
  );
const tagsIn = (name: string) =>
  files.flatMap(({ file, text }) =>
    [...text.matchAll(new RegExp(`<${name}\\s[^>]*?>`, 'gs'))].map(([tag]) => ({ file, ...attributesOf(tag) })),
  ) as ({ file: string } & Record<string, string>)[];

/** Of an embed's address: problems that it would name. */
function problemsOf(address: string): string[] {
  const url = new URL(address, 'https://example.org/');
  const known = ['view', 'show', 'theme', 'background', 'font'];
  return [
    ...(url.pathname.endsWith('/tilt-lab/embed.html') ? [] : [`${url.pathname} is no embed`]),
    ...[...url.searchParams.keys()].filter((key) => !known.includes(key)).map((key) => `${key} is not known`),
    ...readOptions(url.search).problems.map(({ message }) => message),
    ...decodeLink(url.hash).problems.map(({ message }) => message),
  ];
}

describe('frames and elements are what an embed takes', () => {
  test('a frame has an embed’s address, a title, a size, and what it may do', () => {
    const frames = tagsIn('iframe');
    expect(frames.map(({ file }) => file.split('/')[0])).toEqual(
      expect.arrayContaining(['docusaurus', 'observable', 'reveal']),
    );
    for (const frame of frames) {
      expect(problemsOf(frame.src ?? frame['data-src'] ?? ''), frame.file).toEqual([]);
      expect(frame.title, frame.file).toMatch(/\w/);
      expect(frame.style, frame.file).toMatch(/width: ?'?100%.*height: ?'?\d+px.*border: ?0/);
      expect(frame.allow, frame.file).toBe('clipboard-write; web-share');
      // reveal.js has its own way to load late.
      expect('data-src' in frame || frame.loading === 'lazy', frame.file).toBe(true);
    }
  });

  test('an element has attributes that it knows, and room before its script ran', () => {
    const elements = tagsIn('tilt-lab');
    expect(elements.map(({ file }) => file.split('/')[0])).toEqual(expect.arrayContaining(['mkdocs', 'quarto']));
    for (const { file, style, scenario = '', view = '', ...rest } of elements) {
      expect(Object.keys(rest), file).toEqual([]);
      expect(style, file).toBe('display:block;min-height:480px');
      expect(problemsOf(`/tilt-lab/embed.html?view=${view}#${scenario || 'v=1'}`), file).toEqual([]);
    }
    for (const { file, text } of files.filter(({ text }) => text.includes('<tilt-lab')))
      if (!file.startsWith('hugo') && !file.startsWith('jekyll'))
        expect(text, file).toContain('<script async src="/tilt-lab/embed.js"></script>');
  });

  test('what is wrong is seen', () => {
    expect(problemsOf('/tilt-lab/embed.html?view=frontier#v=1')).toEqual([]);
    for (const address of [
      '/tilt-lab/index.html#v=1',
      '/tilt-lab/embed.html?view=nothing#v=1',
      '/tilt-lab/embed.html?viwe=laws#v=1',
      '/tilt-lab/embed.html?view=laws#v=1&model=memoryless&length=x',
    ])
      expect(problemsOf(address), address).not.toEqual([]);
  });

  test('the README’s table has a line for each folder', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const [, table = ''] = /\n(\| `web\/examples\/`[\s\S]*?)\n\n/.exec(readme) ?? [];
    const named = [...table.matchAll(/`([a-z]+)\/`/g)].map(([, name]) => name);
    expect(named.sort()).toEqual(readdirSync(examples).sort());
  });
});

const has = (tool: string) => spawnSync(tool, ['--version']).status === 0;
const apart = (name: string) => mkdtempSync(join(tmpdir(), `tiltlab-${name}-`));

let context: BrowserContext;
const hosts: Host[] = [];
beforeAll(async () => {
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
const dist = join(root, 'dist');

test.skipIf(!has('mkdocs'))('MkDocs: its page shows both figures', async () => {
  const into = apart('mkdocs');
  execFileSync('mkdocs', [
    'build',
    '--quiet',
    '--config-file',
    join(examples, 'mkdocs/mkdocs.yml'),
    '--site-dir',
    into,
  ]);
  const { page } = await open({ '/tilt-lab/': dist, '/': into }, '/index.html');
  for (const k of [0, 1]) {
    await page.locator('tilt-lab').nth(k).scrollIntoViewIfNeeded();
    const frame = page.frameLocator('tilt-lab iframe').nth(k);
    await frame.locator('svg .curve').first().waitFor({ state: 'attached' });
  }
  await page.close();
});

test('reveal.js: the figures of its slides, and keys that still turn them', async () => {
  const { page, complaints } = await open(
    { '/tilt-lab/': dist, '/reveal.js/': join(root, 'node_modules/reveal.js'), '/': join(examples, 'reveal') },
    '/index.html',
  );
  const first = page.frameLocator('iframe').first();
  await first.locator('svg .curve').first().waitFor({ state: 'attached' });
  await page.keyboard.press('ArrowRight');
  await page.locator('section.present h2', { hasText: 'Their rewards' }).waitFor();
  await page.frameLocator('section.present iframe').locator('svg .curve').first().waitFor({ state: 'attached' });
  expect(complaints).toEqual([]);
  await page.close();
});

test.skipIf(!has('jupyter-nbconvert'))('Jupyter: the cells run, frames and a report beside the packed command', () => {
  const { folder } = installPacked();
  copyFileSync(join(examples, 'jupyter/two-ways.ipynb'), join(folder, 'two-ways.ipynb'));
  mkdirSync(join(folder, 'out'));
  const command = ['--execute', '--to', 'notebook', '--output-dir', 'out', 'two-ways.ipynb'];
  execFileSync('jupyter-nbconvert', command, {
    cwd: folder,
    stdio: 'pipe',
    env: { ...process.env, PYDEVD_DISABLE_FILE_VALIDATION: '1' },
  });
  const { cells } = JSON.parse(readFileSync(join(folder, 'out/two-ways.ipynb'), 'utf8')) as {
    cells: { outputs?: { data: Record<string, unknown> }[] }[];
  };
  const outputs = cells.flatMap(({ outputs = [] }) => outputs.map(({ data }) => data));
  const frames = outputs.flatMap((data) => attributesOf(String([data['text/html'] ?? []].flat().join(''))).src ?? []);
  expect(frames).toHaveLength(2);
  for (const address of frames) expect(problemsOf(address)).toEqual([]);
  expect(frames[1]).toMatch(/#v=1&model=memoryless.*&d=/);
  const report = outputs.find((data) => 'application/json' in data)?.['application/json'] as {
    gap: { reward: number };
  };
  const difference = Number(outputs.at(-1)?.['text/plain']);
  expect(difference).toBeCloseTo(report.gap.reward, 9);
});
