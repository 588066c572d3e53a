import { readFileSync } from 'node:fs';
import type { BrowserContext } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeLanguageEngine } from '../../web/language/engine.js';
import { DraftsDigest, encodeLanguageLink, shippedSetting } from '../../web/language/language-link.js';
import { openChromium, openFirefox, serve } from './browser.js';

let server: PreviewServer;
let url: string;
let chromium: BrowserContext;
let firefox: BrowserContext;

beforeAll(async () => {
  ({ server, url } = await serve());
  [chromium, firefox] = await Promise.all([openChromium({ viewport: { width: 1200, height: 900 } }), openFirefox()]);
}, 60_000);

afterAll(async () => {
  await chromium?.close();
  await firefox?.close();
  await server?.close();
});

const setting = { ...shippedSetting, words: 8, drafts: 300, seed: 5, prompt: 'The whale' };
const length = 3 * setting.words + 8;

/** The link of what Node draws. */
async function linkOfNode(): Promise<string> {
  const file = (ending: string) => new URL(`../../build/wasm/tiltlab_language.${ending}`, import.meta.url);
  const { default: create } = await import(file('mjs').href);
  const engine = makeLanguageEngine(await create({ wasmBinary: readFileSync(file('wasm')) }));
  const data = (name: string) => readFileSync(new URL(`../../web/data/${name}`, import.meta.url));
  engine.read(data('moby-dick-model.bin'), data('moby-dick-tokenizer.bin'));
  const digest = new DraftsDigest();
  for (let first = 0; first < setting.drafts; first += 64) {
    const drafts = engine.generate({
      prompt: setting.prompt,
      length,
      first,
      n: Math.min(64, setting.drafts - first),
      seed: setting.seed,
    });
    digest.addDrafts(drafts);
  }
  const { sha256 } = JSON.parse(data('moby-dick-model.json').toString());
  return encodeLanguageLink({
    ...setting,
    model: sha256.model.slice(0, 12),
    engine: engine.version,
    digest: digest.value,
  });
}

test.each([
  ['Chromium, one worker', () => chromium, 1],
  ['Chromium, two', () => chromium, 2],
  ['Chromium, five', () => chromium, 5],
  ['Firefox, two', () => firefox, 2],
] as const)('tokens and bits of log p are those of Node: %s', async (_, context, workers) => {
  const page = await context().newPage();
  await page.goto(`${url}transformer.html?workers=${workers}${await linkOfNode()}`);
  await page.waitForSelector('html[data-ready=true]', { timeout: 50_000 });
  expect(await page.locator('.notice').allTextContents()).toEqual([expect.stringMatching(/^Reproduced: every token/)]);
  await page.close();
});

test('it draws, says what it found, compares three ways, and says what is wrong', async () => {
  const page = await chromium.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(`${url}transformer.html#v=1&drafts=400&words=6&kl_per_word=0.1`);
  await page.waitForSelector('html[data-ready=true]', { timeout: 50_000 });
  expect(await page.locator('.sentence').textContent()).toMatch(/^With 6 words a draft and N = 1\.82, best-of-N earns/);
  await page.locator('.losers summary').waitFor();
  expect(await page.locator('.draft').count()).toBeGreaterThanOrEqual(3);
  await page.getByRole('button', { name: 'List and compare' }).click();
  const rows = page.locator('.three tbody tr');
  await rows.first().waitFor({ timeout: 50_000 });
  // How much rejection is to keep is said before it starts.
  expect(await rows.last().locator('td').last().textContent()).toMatch(/^would keep one in \d+(\.\d+)?$/);
  await page.getByRole('button', { name: 'Reject' }).click();
  await expect.poll(() => rows.last().textContent()).toMatch(/[\d,]+ kept: one in /);
  const [exact = '', weighted = '', kept = ''] = await rows.locator('td:nth-child(2)').allTextContents();
  for (const told of [weighted, kept]) {
    const [, low = '', high = ''] = /\[(.*), (.*)\]/.exec(told) ?? [];
    expect([told, Number(low) <= Number(exact) && Number(exact) <= Number(high)]).toEqual([told, true]);
  }
  // Another reward draws anew; one that is none is said at its field.
  await page.locator('select').selectOption('word');
  await expect.poll(() => page.locator('.settings .wide').count()).toBe(2);
  const field = page.locator('.settings .wide').first();
  await field.fill('two words');
  await field.press('Enter');
  await page.getByText('reward.word: "two words" is not one word').waitFor();
  await page.goto('about:blank');
  await page.goto(`${url}transformer.html#v=1&drafts=12&words=x&reward=love`);
  await page.getByText('drafts: "12" is not an integer in 100 .. 10000.').waitFor({ timeout: 50_000 });
  expect(faults).toEqual([]);
  await page.close();
});

test('a reader’s words come from a file, dropped or chosen, and a bad row is said by its line', async () => {
  const page = await chromium.newPage();
  await page.goto(`${url}transformer.html#v=1&drafts=200&words=6`);
  await page.waitForSelector('html[data-ready=true]', { timeout: 50_000 });
  const drop = (...files: [name: string, text: string][]) =>
    page.evaluate((files) => {
      const dataTransfer = new DataTransfer();
      for (const [name, text] of files) dataTransfer.items.add(new File([text], name));
      const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
      document.querySelector('.settings')?.dispatchEvent(event);
      return event.defaultPrevented;
    }, files);
  const failure = page.locator('.failure');
  const [before = ''] = await page.locator('.earned td').allTextContents();

  expect(await drop(['bad.csv', 'word,weight\nsea,1\nwhite whale,2\n'])).toBe(true);
  await expect.poll(() => failure.textContent()).toMatch(/^bad\.csv, line 3, word: "white whale" is not one word: /);
  await page.setViewportSize({ width: 390, height: 900 });
  await drop([`${'x'.repeat(200)}.csv`, 'sea,much\n']);
  await expect.poll(() => failure.textContent()).toMatch(/^x+\.csv, line 1, weight: "much"/);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.setViewportSize({ width: 1200, height: 900 });
  await drop(['bad.tsv', 'sea\t1\nwhale\tmuch\n']);
  await expect.poll(() => failure.textContent()).toBe('bad.tsv, line 2, weight: "much" is not a number');
  // What was there stays.
  expect(await page.locator('select').inputValue()).toBe('vader_sum');
  expect(await page.locator('.earned td').first().textContent()).toBe(before);

  await drop(['the.txt', 'the 1\nof 0.5\n']);
  await page.getByText('2 of the.txt').waitFor();
  await page.getByText('200 drafts').waitFor();
  expect(await failure.count()).toBe(0);
  expect(await page.locator('select').inputValue()).toBe('words');
  expect(await page.locator('.draft .gain').first().textContent()).toMatch(/^(the|of)$/i);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect.poll(() => page.url()).toContain('reward=words%3Athe%3D1%2Cof%3D0.5');

  const many = Array.from(
    { length: 2000 },
    (_, i) => `${'abcdefghij'[i % 10]}${'klmnopqrst'[((i / 10) | 0) % 10]}${'uvwxyz'.repeat(1 + ((i / 100) | 0))}\t1`,
  );
  await page
    .getByLabel('A file of words, each with its weight')
    .setInputFiles({ name: 'many.tsv', mimeType: 'text/plain', buffer: Buffer.from(many.join('\n')) });
  await page.getByText('2,000 of many.tsv').waitFor();
  await page.getByText('200 drafts').waitFor();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText(/^A link holds 4,000 characters, and with this list of words it has [\d,]+: /).waitFor();
  await page.close();
});

test('the first draft is read while the others are drawn', async () => {
  const page = await chromium.newPage();
  await page.goto(`${url}transformer.html?workers=1#v=1&drafts=10000&words=20&prompt=The`);
  await page.locator('.sentence q').waitFor({ timeout: 20_000 });
  expect(await page.locator('.sentence q').textContent()).toMatch(/^The.+/);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText(/drafts; draw on/).waitFor();
  await page.close();
});

test('two files that are dropped are a model', async () => {
  const page = await chromium.newPage();
  await page.goto(`${url}transformer.html#v=1&drafts=100&words=2`);
  await page.waitForSelector('html[data-ready=true]', { timeout: 50_000 });
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    for (const size of [5000, 50]) dataTransfer.items.add(new File([new Uint8Array(size).fill(7)], `${size}.bin`));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  });
  await page.getByText(/^checkpoint\.dim: \d+ is not in 2 \.\. 65536/).waitFor();
  await page.close();
});

test('a checkpoint that is none is refused, and what was there is drawn again', async () => {
  const page = await chromium.newPage();
  await page.goto(`${url}transformer.html#v=1&drafts=100&words=2`);
  await page.waitForSelector('html[data-ready=true]', { timeout: 50_000 });
  const files = [
    { name: 'model.bin', mimeType: '', buffer: Buffer.alloc(5000, 7) },
    { name: 'words.bin', mimeType: '', buffer: Buffer.alloc(50, 7) },
  ];
  await page.locator('.card input[type=file]').setInputFiles(files);
  await page.getByText(/^checkpoint\.dim: \d+ is not in 2 \.\. 65536/).waitFor();
  await page.getByText('100 drafts').waitFor();
  await page.close();
});

test('the story loads nothing of it', async () => {
  const page = await chromium.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(url);
  await page.waitForSelector('html[data-ready=true]');
  expect(asked.filter((address) => /transformer|language/.test(address))).toEqual([]);
  await page.close();
});
