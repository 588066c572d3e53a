import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { labelClashes, openChromium, openFirefox, serve } from './browser.js';
import { fooled as table } from './fooled.js';

const axe = readFileSync(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');

let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  site = await serve();
});
afterAll(async () => {
  await site.server.close();
});

const ready = (page: Page) => page.waitForFunction(() => document.documentElement.dataset.ready === 'true');

/** As one reads it: spaces are single. */
const textOf = async (page: Page, selector: string) =>
  ((await page.textContent(selector)) ?? '').replaceAll(/\s+/g, ' ').trim();

describe.each(['Chromium', 'Firefox'] as const)('in %s', (name) => {
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];
  beforeAll(async () => {
    context = await (name === 'Chromium' ? openChromium() : openFirefox());
  });
  afterAll(async () => {
    await context.close();
  });
  beforeEach(async () => {
    page = await context.newPage();
    errors.length = 0;
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(`${site.url}samples.html`);
    await ready(page);
  });
  afterEach(async () => {
    expect(errors).toEqual([]);
    await page.close();
  });

  const text = (selector: string) => textOf(page, selector);
  const sentence = () => text('.sentence');
  const give = (rows: string, file = 'drafts.csv') =>
    page.setInputFiles('input[type=file]', { name: file, mimeType: 'text/plain', buffer: Buffer.from(rows) });

  test('its first screen answers for the table that ships', async () => {
    expect(await sentence()).toMatch(
      /^Draw 5\. .* is then 0\.301, against 0\.212 for one draft and 0\.209 for the best of 100\. From 4 to 8/,
    );
    expect(await text('.price')).toMatch(/stop at 4/);
  });

  test('from a file to a sentence with an N in three actions', async () => {
    await give(table);
    await page.click('.recognised >> text=Which N?');
    await expect.poll(sentence).toMatch(/^Draw \d+\. Chosen by rm_score, correct is then/);
    expect(await text('.file')).toMatch(/drafts\.csv\s+12 prompts × 8 drafts/);
  });

  test('what was guessed can be changed, before and after', async () => {
    await give(table);
    await page.selectOption('select[aria-label="What correct is"]', '');
    await page.click('.recognised .strong');
    await expect.poll(sentence).toMatch(/Judged by what chooses them/);
    await page.click('.guess >> nth=0');
    await page.selectOption('select[aria-label="What correct is"]', 'gold');
    await page.click('.recognised .strong');
    await expect.poll(sentence).toMatch(/^Draw/);
    await page.click('text=Back to HumanEval');
    await expect.poll(() => text('.file')).toMatch(/^HumanEval/);
    expect(await sentence()).toMatch(/^Draw 5\./);
  });

  test('rows that are no drafts are counted by reason, a file that is none is refused in a line', async () => {
    await give(`${table}\nq0,broken,,1\nq0,broken,x,1`);
    await page.click('.recognised .strong');
    await expect.poll(() => text('.file')).toMatch(/2 of 98 rows refused/);
    await page.click('.refused summary');
    expect(await text('.refused')).toMatch(/rm_score is missing, first at drafts\.csv:98/);
    await give('\u0000\u0001', 'picture.csv');
    await expect.poll(() => text('.failure')).toBe('picture.csv: is not text (it has zero bytes)');
    // What stood there still does.
    expect(await text('.file')).toMatch(/drafts\.csv/);
  });

  test('a link to the table that ships needs no file', async () => {
    await page.click('[aria-label="Copy link"]');
    await expect.poll(() => text('.notice')).toMatch(/too large for an address/);
    const link = page.url();
    await page.goto('about:blank');
    await page.goto(link);
    await expect.poll(() => text('.notice')).toMatch(/^Reproduced/);
  });

  test('YAML is read by the other worker; until it has, the first holds what is shown', async () => {
    await give('prompt: p\nsamples: [a, b]\nis_corrects: [true, false]\n', 'first.yaml');
    await page.click('text=Not this file');
    await page.click('.multiples.lost button >> nth=0');
    await expect.poll(() => text('.drafts-of')).toMatch(/#18, 100 drafts/);
    await give('prompt: p\nsamples: [a, b, c, d]\nis_corrects: [true, false, true, false]\n', '0.yaml');
    await page.click('.recognised .strong');
    await expect.poll(() => text('.file')).toMatch(/0\.yaml\s+1 prompt × 4 drafts/);
  });

  test('a price moves where to stop; a prompt opens its drafts', async () => {
    await page.click('.price input');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('0.05');
    await page.keyboard.press('Tab');
    await expect.poll(() => text('.price')).toMatch(/stop at 2/);
    await page.click('.multiples.lost button >> nth=0');
    await expect.poll(() => text('.drafts-of')).toMatch(/#18, 100 drafts/);
  });

  test('two ways to choose are compared, and a budget is set as people set it', async () => {
    const differs = page.locator('tilt-difference');
    await differs.scrollIntoViewIfNeeded();
    await expect
      .poll(() => differs.textContent())
      .toMatch(/At no N can these data tell KL-RL at equal KL from best-of-N/);
    await page.getByLabel('First').selectOption('ceiling');
    await expect
      .poll(() => differs.textContent())
      .toMatch(/The best of N, if one could tell is ahead\.\s+At N = \d+ .* more share solved than best-of-N/);
    await page.getByLabel('First').selectOption('best_of_n');
    await expect.poll(() => differs.textContent()).toMatch(/No difference/);
    const budget = page.getByLabel('Budget', { exact: true });
    // As one types it: what is filled in by script is no change.
    const spend = async (amount: string) => {
      await budget.fill('');
      await budget.pressSequentially(amount);
      await budget.press('Enter');
    };
    await spend('8');
    await expect.poll(() => text('.spends')).toMatch(/at 2\.08 nats best-of-8 has 0\.294/);
    await page.getByLabel('Budget is in').selectOption('kl');
    await spend('1');
    await expect.poll(() => text('.spends')).toMatch(/at 1\.00 nats best-of-2\.7\d* has .*KL-RL 0\.\d+/);
    await page.click('[aria-label="Copy link"]');
    await expect.poll(() => page.url()).toMatch(/&kl=1&/);
    const link = page.url();
    await page.goto('about:blank');
    await page.goto(link);
    await expect.poll(() => text('.notice')).toMatch(/^Reproduced/);
    expect(await text('.spends')).toMatch(/at 1\.00 nats/);
    await spend('none');
    expect(await budget.evaluate((field: HTMLInputElement) => field.validationMessage)).toBe('a number of at least 0');
  });

  test('a link carries a small table, and says whether its numbers are reproduced', async () => {
    await give(table);
    await page.click('.recognised .strong');
    await expect.poll(sentence).toMatch(/rm_score/);
    const said = await sentence();
    await page.click('[aria-label="Copy link"]');
    await expect.poll(() => text('.notice')).toMatch(/carries the numbers of every draft/);
    const link = page.url();
    expect(link.length).toBeLessThan(8000);
    const other = await context.newPage();
    await other.goto(link);
    await expect.poll(() => textOf(other, '.notice')).toMatch(/^Reproduced/);
    expect(await textOf(other, '.sentence')).toBe(said);
    await other.goto('about:blank');
    await other.goto(link.replace(/d=\w+$/, 'd=0000000000'));
    await expect.poll(() => textOf(other, '.notice')).toMatch(/^Engine differs/);
    await other.goto('about:blank');
    await other.goto(link.replace(/data=.{40}/, 'data='));
    await expect.poll(() => textOf(other, '.failure')).toMatch(/^link\.data: cannot be unpacked/);
    await other.close();
  });

  test('a link to a large table asks for its file, and tells it from another', async () => {
    const large = [
      'id,score',
      ...Array.from({ length: 20_000 }, (_, i) => `${i % 200},${Math.sin(i * i).toFixed(9)}`),
    ].join('\n');
    await give(large, 'large.csv');
    await page.click('.recognised .strong');
    await expect.poll(() => text('.file')).toMatch(/large\.csv/);
    await page.click('[aria-label="Copy link"]');
    await expect.poll(() => text('.notice')).toMatch(/too large for an address/);
    const link = page.url();
    expect(link.length).toBeLessThan(400);
    await page.goto('about:blank');
    await page.goto(link);
    await expect.poll(() => text('.notice')).toMatch(/is about large\.csv/);
    await give(table, 'other.csv');
    await page.click('.recognised .strong');
    await expect.poll(() => text('.notice')).toMatch(/other drafts than those of the link/);
    // Rows in another order are the same table.
    const [head, ...rows] = large.split('\n');
    const turned = rows.map((_, i) => rows[200 * (99 - Math.floor(i / 200)) + (i % 200)]);
    await give([head, ...turned].join('\n'), 'large.csv');
    await page.click('.recognised .strong');
    await expect.poll(() => text('.notice')).toMatch(/^Reproduced/);
  });

  // The driver of Firefox tells of no downloads.
  test.skipIf(name === 'Firefox')('a saved report opens without its files', async () => {
    await give(table);
    await page.click('.recognised .strong');
    await expect.poll(sentence).toMatch(/rm_score/);
    const said = await sentence();
    const [saved] = await Promise.all([page.waitForEvent('download'), page.click('[aria-label="Save report"]')]);
    const report = readFileSync(await saved.path(), 'utf8');
    await page.click('text=Back to HumanEval');
    // Both answers may begin alike: what was read tells them apart.
    await expect.poll(() => text('.file')).toMatch(/^HumanEval/);
    expect(await sentence()).toMatch(/^Draw 5\./);
    await give(report, 'saved.json');
    await expect.poll(() => text('.price')).toMatch(/saved report/);
    expect(await sentence()).toBe(said);
    const [made] = await Promise.all([page.waitForEvent('download'), page.click('[aria-label="Save page"]')]);
    const alone = readFileSync(await made.path(), 'utf8');
    expect(alone).not.toMatch(/<script|<button|src=|https?:(?!\/\/www\.w3\.org)/);
    const frame = await context.newPage();
    await frame.setContent(
      `<iframe sandbox width="700" height="900" srcdoc="${alone.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`,
    );
    const inside = frame.frameLocator('iframe');
    expect(((await inside.locator('.sentence').textContent()) ?? '').trim()).toBe(said);
    expect((await inside.locator('tilt-chart svg .curve').count()) > 0).toBe(true);
    await frame.close();
    await give(`${report.slice(0, 400)}`, 'cut.json');
    await expect.poll(() => text('.failure')).toMatch(/^cut\.json: is no whole saved report/);
  });

  test('rewards that are all equal choose nothing, and that is the answer', async () => {
    const rows = Array.from({ length: 48 }, (_, i) => `q${i % 12},1,${i % 3 === 0 ? 1 : 0}`);
    await give(['prompt,reward,gold', ...rows].join('\n'));
    await page.click('.recognised .strong');
    await expect
      .poll(sentence)
      .toMatch(
        /^All drafts of a prompt have the same reward: there is nothing to choose by\. gold is 0\.333, whatever N\.$/,
      );
  });

  test('keys read the curve out; another measure may stand on the axis', async () => {
    await page.focus('tilt-chart svg');
    await page.keyboard.press('Home');
    await expect.poll(() => text('.main-figure .readout')).toMatch(/N = 1, 0\.00 nats/);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => text('.main-figure .readout')).toMatch(/N = 2, 0\.14 nats:\s+best-of-N 0\.270/);
    await page.click('.axes >> text=win rate');
    await expect.poll(() => text('.main-figure .axis-name >> nth=0')).toMatch(/win rate/);
  });
});

test('no file of the site begins with an underscore, which hosts that run Jekyll leave out', () => {
  const files = readdirSync(join(import.meta.dirname, '../../dist/assets'));
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => file.startsWith('_'))).toEqual([]);
});

describe('nothing leaves the page', () => {
  test('it asks for its own scripts, styles and fonts alone, and neither it nor its worker can ask for more', async () => {
    const context = await openChromium();
    const page = await context.newPage();
    const asked: string[] = [];
    await page.route('**/*', (route: Route) => {
      asked.push(route.request().url());
      return route.continue();
    });
    await page.goto(`${site.url}samples.html`);
    await ready(page);
    await page.setInputFiles('input[type=file]', {
      name: 'drafts.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(table),
    });
    await page.click('.recognised .strong');
    await expect.poll(() => textOf(page, '.sentence')).toMatch(/rm_score/);
    expect(asked.filter((url) => !url.startsWith(site.url))).toEqual([]);
    expect(asked.filter((url) => !/\/(samples\.html|favicon\.svg|assets\/[\w-]+\.(js|css|woff2))$/.test(url))).toEqual(
      [],
    );
    const tries = await page.evaluate(async () => {
      const failed = (promise: Promise<unknown>) =>
        promise.then(
          () => 'sent',
          () => 'blocked',
        );
      const here = await failed(fetch('./'));
      const away = await failed(fetch('https://example.com/'));
      const beacon = navigator.sendBeacon('./') ? 'queued' : 'blocked';
      const image = await new Promise((resolve) => {
        const probe = new Image();
        probe.onload = () => resolve('sent');
        probe.onerror = () => resolve('blocked');
        probe.src = 'https://example.com/x.png';
      });
      const worker = await new Promise((resolve) => {
        const text = `fetch(${JSON.stringify(location.href)}).then(() => postMessage('sent'), () => postMessage('blocked'))`;
        const probe = new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
        probe.onmessage = ({ data }) => resolve(data);
      });
      return { here, away, image, worker, beacon };
    });
    expect(tries).toMatchObject({ here: 'blocked', away: 'blocked', image: 'blocked', worker: 'blocked' });
    await context.close();
  });
});

describe.each([390, 820, 1440])('at %i pixels', (width) => {
  test.each(['light', 'dark'] as const)('nothing overlaps, leaves the page or is out of reach in %s', async (theme) => {
    const context = await openChromium({ viewport: { width, height: 900 }, colorScheme: theme });
    const page = await context.newPage();
    await page.goto(`${site.url}samples.html`);
    await ready(page);
    for (const measure of ['gold', 'reward', 'win rate']) {
      await page.click(`.axes >> text=${measure}`);
      expect(await labelClashes(page, 'tilt-chart svg')).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() =>
      (
        globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        }
      ).axe.run(),
    );
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 120)}`)).toEqual([]);
    await context.close();
  });
});
