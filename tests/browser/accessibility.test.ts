import type { BrowserContext, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeFaults, openChromium, rollDice, serve, showIn } from './browser.js';

/** What axe says of every page in light and in dark. The page that compares bits is in `bits.test.ts`, which computes there. */

const models = {
  'Moby-Dick': '',
  'Moby-Dick with a memory': '#v=1&order=1',
  'three tokens': '#v=1&model=memoryless&length=20&p=0.5,0.3,0.2&r=0,1,3&n=8',
  'a bell curve': '#v=1&model=continuous&family=normal&mean=0&sd=1&kl=2',
  'a chain': '#v=1&model=markov&length=20&initial=1,0&transition=0.8,0.2;0.4,0.6&r=0,1;0.3,2&kl_per_token=0.1',
};

let server: PreviewServer;
let url: string;

beforeAll(async () => {
  ({ server, url } = await serve());
});
afterAll(() => server?.close());

describe('axe finds nothing wrong, in light and in dark', () => {
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    context = await openChromium({ viewport: { width: 1280, height: 7000 } });
    page = await context.newPage();
  }, 60_000);
  afterAll(() => context?.close());

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
    expect(await axeFaults(page)).toEqual([]);
  });

  test('the panel that shares', async () => {
    await page.goto('about:blank');
    await page.goto(url);
    await page.waitForSelector('html[data-ready=true]');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.locator('tilt-share .code').waitFor();
    expect(await axeFaults(page)).toEqual([]);
  });

  test.each(['frontier', 'gap', 'dual'])('an embed of %s', async (view) => {
    await page.goto(`${url}embed.html?view=${view}&show=chart,caption,sentence,controls`);
    await page.waitForSelector('html[data-ready=true]');
    await page.locator('svg .curve').first().waitFor({ state: 'attached' });
    expect(await axeFaults(page)).toEqual([]);
  });
});

describe.each([
  [390, 14_000, ['light', 'dark']],
  [820, 12_000, ['light', 'dark']],
  [1440, 8000, ['light', 'dark', 'forced']],
] as const)('with every table and panel open, at %i px', (width, height, colours) => {
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    context = await openChromium({ viewport: { width, height }, hasTouch: width < 500 });
    page = await context.newPage();
    await page.goto(`${url}${models['three tokens']}`);
    await page.waitForSelector('html[data-ready=true]');
  }, 60_000);
  afterAll(() => context?.close());

  test(`axe finds nothing, in colours ${colours.join(', ')}`, async () => {
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
    expect(await axeFaults(page, colours)).toEqual([]);
  });

  test.each(colours)('no target is smaller than 24 by 24 pixels, in colours %s', async (colour) => {
    await showIn(page, colour);
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
