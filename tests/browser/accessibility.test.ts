import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium, rollDice, serve } from './browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const models = {
  'Moby-Dick': '',
  'Moby-Dick with a memory': '#v=1&order=1',
  'three tokens': '#v=1&model=memoryless&length=20&p=0.5,0.3,0.2&r=0,1,3&n=8',
  'a bell curve': '#v=1&model=continuous&family=normal&mean=0&sd=1&kl=2',
  'a chain': '#v=1&model=markov&length=20&initial=1,0&transition=0.8,0.2;0.4,0.6&r=0,1;0.3,2&kl_per_token=0.1',
};

describe.each(['light', 'dark'] as const)('axe finds nothing wrong, %s', (colorScheme) => {
  let server: PreviewServer;
  let url: string;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    ({ server, url } = await serve());
    context = await openChromium({ viewport: { width: 1280, height: 7000 }, colorScheme });
    page = await context.newPage();
  }, 60_000);

  afterAll(async () => {
    await context?.close();
    await server?.close();
  });

  async function faults(): Promise<string[]> {
    await page.evaluate(axe);
    const found = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  }

  test.each(Object.entries(models))('%s', async (_, hash) => {
    await page.goto('about:blank');
    await page.goto(url + hash);
    await page.waitForSelector('html[data-ready=true]');
    await page.waitForFunction(() =>
      [...document.querySelectorAll('tilt-story tilt-figure')].every((f) => f.querySelector('.curve, .area')),
    );
    if (![models['a bell curve'], models['a chain'], models['Moby-Dick with a memory']].includes(hash)) {
      const run = await rollDice(page);
      await page.waitForSelector('.dice table');
      await run.waitFor();
    }
    expect(await faults()).toEqual([]);
  });

  test('the panel that shares', async () => {
    await page.goto('about:blank');
    await page.goto(url);
    await page.waitForSelector('html[data-ready=true]');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.locator('tilt-share .code').waitFor();
    expect(await faults()).toEqual([]);
  });

  test('the page that compares bits', async () => {
    await page.goto(`${url}verify.html`);
    expect(await faults()).toEqual([]);
    await page.getByRole('button', { name: 'Compute here' }).press('Enter');
    await page.waitForSelector('[data-state=done][data-same=true]');
    expect(await faults()).toEqual([]);
  });

  test.each(['frontier', 'gap', 'dual'])('an embed of %s', async (view) => {
    await page.goto(`${url}embed.html?view=${view}&show=chart,caption,sentence,controls`);
    await page.waitForSelector('html[data-ready=true]');
    await page.locator('svg .curve').first().waitFor({ state: 'attached' });
    expect(await faults()).toEqual([]);
  });
});

describe.each([
  [390, 'light', 'none'],
  [390, 'dark', 'none'],
  [820, 'light', 'none'],
  [820, 'dark', 'none'],
  [1440, 'light', 'none'],
  [1440, 'dark', 'none'],
  [1440, 'light', 'active'],
] as const)('with every table and panel open, %i px, %s, forced colours %s', (width, colorScheme, forcedColors) => {
  let server: PreviewServer;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    const served = await serve();
    server = served.server;
    const height = width < 500 ? 14_000 : width < 1000 ? 12_000 : 8000;
    context = await openChromium({ viewport: { width, height }, colorScheme, forcedColors, hasTouch: width < 500 });
    page = await context.newPage();
    await page.goto(`${served.url}${models['three tokens']}`);
    await page.waitForSelector('html[data-ready=true]');
  }, 60_000);

  afterAll(async () => {
    await context?.close();
    await server?.close();
  });

  test('axe finds nothing', async () => {
    await page.waitForFunction(() =>
      [...document.querySelectorAll('tilt-figure')].every((f) => f.querySelector('.curve, .area, .fill')),
    );
    const run = await rollDice(page);
    await page.waitForSelector('.dice table');
    await run.waitFor();
    for (const table of await page.getByRole('button', { name: /^Data table/ }).all()) await table.click();
    await expect.poll(() => page.locator('.table').count()).toBeGreaterThan(12);
    await page.$$eval('details', (all) => {
      for (const details of all) details.open = true;
    });
    await page.getByRole('button', { name: 'KL, in nats' }).click();
    await page.evaluate(axe);
    const found = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.length} ${nodes[0]?.html.slice(0, 200)}`)).toEqual(
      [],
    );
  });

  test('no target is smaller than 24 by 24 pixels', async () => {
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, summary, select, input, a, [role=slider]')].flatMap(
        (each) => {
          const { width: wide, height: high } = each.getBoundingClientRect();
          // Links within a sentence are as high as its lines.
          const isInText = each.tagName === 'A' || each.closest('.skip, .file');
          return wide === 0 || isInText || (wide >= 24 && high >= 24)
            ? []
            : [`${each.outerHTML.slice(0, 90)} ${wide} x ${high}`];
        },
      ),
    );
    expect(small).toEqual([]);
  });
});
