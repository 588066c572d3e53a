import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engine } from '../engine/engine.js';
import { openChromium, openFirefox } from './browser.js';
import { type Host, host } from './host.js';

/** What stands without one of the page's parts: scripts, wasm, time; and that nothing moves when they come. */

const three = '#v=1&model=memoryless&length=160&p=0.5,0.3,0.2&r=0,1,3&kl_per_token=0.2&seed=1';
const post = (inside: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A post</title><body style="margin:0">${inside}</body></html>`;

let site: Host;
const pages: Record<string, string> = {};
let chromium: BrowserContext;
let firefox: BrowserContext;
beforeAll(async () => {
  site = await host({ pages });
  [chromium, firefox] = await Promise.all([openChromium(), openFirefox()]);
});
afterAll(async () => {
  await Promise.all([chromium.close(), firefox.close()]);
  site.close();
});

/** A page that notes what it complains of. */
async function fresh(context: BrowserContext, width = 1440): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  await page.setViewportSize({ width, height: 900 });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, complaints };
}
const blocked = 'blocks WebAssembly';
const missing = 'did not arrive';
const times = (text: string, words: string) => text.split(words).length - 1;

/** What a reader reads: not what is in the document and hidden. */
const seen = (page: Page) => page.evaluate('document.body.innerText') as Promise<string>;
/** Curves that are seen, whichever picture shows them. */
const curves = (page: Page) => page.locator('svg .curve:visible').count();
/** Where the parts of the top stand, to a pixel. */
const places = (page: Page) =>
  page.evaluate(() =>
    ['h1', '.plot', '.caption', '.sentence'].map((selector) => {
      const part = [...document.querySelectorAll(selector)].find((one) =>
        one.checkVisibility({ visibilityProperty: true }),
      );
      const { x = 0, y = 0, width = 0 } = part?.getBoundingClientRect() ?? {};
      return [selector, ...[x, y, width].map(Math.round)].join(' ');
    }),
  );

describe.each([
  ['Chromium', () => chromium],
  ['Firefox', () => firefox],
] as const)('in %s', (_, context) => {
  test('before its script the page stands, and nothing moves when it takes over', async () => {
    for (const width of [390, 1440]) {
      const { page, complaints } = await fresh(context(), width);
      let go = () => {};
      const wait = new Promise<void>((resolve) => {
        go = resolve;
      });
      await page.route('**/*.wasm', async (route) => {
        await wait;
        await route.continue();
      });
      await page.goto(`${site.url}/tilt/`);
      await page.locator('#still .sentence').waitFor();
      await page.evaluate(() => document.fonts.ready);
      expect(await curves(page)).toBe(2);
      const { best_of_n } = engine.evaluate({
        model: { kind: 'text', source: 'moby-dick', order: 0, length: 40 },
        budget: { kl_per_token: 0.2 },
      });
      expect(await page.locator('.sentence:visible [data-field="best_of_n.reward"]').getAttribute('data-value')).toBe(
        String(best_of_n.reward),
      );
      expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(251, 250, 246)');
      const before = await places(page);
      go();
      await page.waitForSelector('html[data-ready=true]');
      expect(await page.locator('#still').count()).toBe(0);
      expect(await places(page)).toEqual(before);
      expect(complaints).toEqual([]);
      await page.close();
    }
  });

  test('a link’s own scenario never shows the default’s numbers', async () => {
    const { page } = await fresh(context());
    await page.route('**/*.wasm', () => {});
    await page.goto(`${site.url}/tilt/${three}`);
    await page.getByText('The scenario of this link is being computed.').waitFor();
    expect(await page.locator('h1:visible').count()).toBe(1);
    expect(await page.locator('.sentence:visible').count()).toBe(0);
    expect(await curves(page)).toBe(0);
    await page.close();
  });

  test.each([
    ['', missing],
    [three, missing],
  ])('wasm that does not come is said once, in words: %s', async (hash, words) => {
    const { page, complaints } = await fresh(context());
    await page.route('**/*.wasm', (route) => route.abort());
    await page.goto(`${site.url}/tilt/${hash}`);
    await page.locator('.of-failure .notice').waitFor();
    const text = await seen(page);
    expect(times(text, words)).toBe(1);
    expect(text).toContain('the default figure, as it was');
    expect(text).not.toMatch(/Error|Aborted|undefined/);
    expect(await curves(page)).toBe(2);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('so it is in an embed', async () => {
    const bare = await host({ lacks: /\.wasm$/ });
    const { page, complaints } = await fresh(context(), 700);
    await page.goto(`${bare.url}/tilt/embed.html`);
    await page.locator('.notice').first().waitFor();
    const text = await seen(page);
    expect(times(text, missing)).toBe(1);
    expect(text).not.toMatch(/Error|Aborted|undefined/);
    expect(await curves(page)).toBe(2);
    expect(complaints).toEqual([]);
    await page.close();
    bare.close();
  });
});

test('without JavaScript: the figure, the sentence, and what is missing', async () => {
  const context = await openChromium({ javaScriptEnabled: false });
  for (const width of [390, 1440]) {
    const { page } = await fresh(context, width);
    await page.goto(`${site.url}/tilt/`);
    expect(await curves(page)).toBe(2);
    const text = await seen(page);
    expect(text).toContain('JavaScript is off');
    expect(text).toContain('The first nat of KL buys');
    await page.close();
  }
  await context.close();
});

test.each([
  ['absent', {}, 'delete globalThis.WebAssembly'],
  [
    'forbidden by a content policy',
    { 'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'" },
    '',
  ],
])('WebAssembly %s is named, with the remedy', async (_, headers, script) => {
  const strict = await host({ headers });
  const { page, complaints } = await fresh(chromium);
  if (script) {
    // Workers have their own: there it is taken away in their text.
    await page.addInitScript(script);
    await page.route(/worker-.*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${script};${await response.text()}` });
    });
  }
  await page.goto(`${strict.url}/tilt/`);
  await page.locator('.of-failure .notice').waitFor();
  const text = await seen(page);
  expect(times(text, blocked)).toBe(1);
  expect(await curves(page)).toBe(2);
  expect(complaints).toEqual([]);
  await page.close();
  strict.close();
});

test('a script that does not come is said', async () => {
  const { page } = await fresh(chromium);
  await page.route('**/index-*.js', (route) => route.abort());
  await page.goto(`${site.url}/tilt/`);
  await page.getByText('A part of this page did not arrive').waitFor();
  expect(await curves(page)).toBe(2);
  await page.close();
});

test('every figure of the default scenario is there before the engine', async () => {
  const { page } = await fresh(chromium, 700);
  await page.route('**/*.wasm', () => {});
  for (const view of [
    'frontier',
    'laws',
    'gap',
    'spending',
    'dual',
    'tangent',
    'near',
    'divergence',
    'directions',
  ].concat(['fixed', 'rates', 'cumulants', 'renyi'])) {
    await page.goto(`${site.url}/tilt/embed.html?view=${view}`);
    await page.locator('svg .curve, svg .area').first().waitFor();
  }
  await page.close();
});

/** Sums the shifts of a page and of the frames in it, with a slow processor and nothing kept. */
async function shifts(path: string, width: number, settle: (page: Page) => Promise<unknown>): Promise<number> {
  const context = await openChromium();
  const { page } = await fresh(context, width);
  await context.addInitScript(() => {
    const own = globalThis as unknown as { shifted: number };
    own.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) own.shifted += (entry as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.goto(site.url + path);
  await settle(page);
  await page.waitForTimeout(1500);
  const sums = await Promise.all(
    page.frames().map((frame) => frame.evaluate(() => (globalThis as unknown as { shifted: number }).shifted)),
  );
  await context.close();
  return sums.reduce((sum, each) => sum + each, 0);
}

test.each([390, 1000, 1440])('nothing on the page moves while it loads, at %i px', async (width) => {
  expect(await shifts('/tilt/', width, (page) => page.waitForSelector('html[data-ready=true]'))).toBe(0);
  expect(await shifts(`/tilt/${three}`, width, (page) => page.waitForSelector('html[data-ready=true]'))).toBe(0);
});

test.each([390, 800])('nothing in an embed moves while it loads, at %i px', async (width) => {
  pages['/post'] = post(
    '<iframe src="/tilt/embed.html" style="width:100%;height:700px;border:0" title="A figure"></iframe><p>After.</p>',
  );
  const settle = (page: Page) => page.frameLocator('iframe').locator('html[data-ready]').waitFor({ state: 'attached' });
  expect(await shifts('/post', width, settle)).toBe(0);
  expect(await shifts('/tilt/embed.html', width, (page) => page.waitForSelector('html[data-ready]'))).toBe(0);
});

describe('an embed', () => {
  test('keeps 200 pixels for its plot on a phone, and asks for the room', async () => {
    pages['/phone'] = post(
      '<script type="module" src="/tilt/embed.js"></script><tilt-lab height="480" style="display:block;min-height:480px"></tilt-lab>',
    );
    const { page } = await fresh(chromium, 390);
    await page.goto(`${site.url}/phone`);
    const frame = page.frameLocator('tilt-lab iframe');
    await frame.locator('html[data-ready]').waitFor({ state: 'attached' });
    const line = frame.locator('line.budget');
    await expect
      .poll(() => line.evaluate((rule) => Number(rule.getAttribute('y2')) - Number(rule.getAttribute('y1'))))
      .toBeGreaterThanOrEqual(200);
    const height = await frame.locator('html').evaluate((root) => root.scrollHeight);
    await expect
      .poll(() => page.locator('tilt-lab').evaluate((wrapper) => wrapper.getBoundingClientRect().height))
      .toBe(height);
    await page.close();
  });

  test('lets its author’s page shine through, in the author’s letters', async () => {
    pages['/own'] = post(
      '<script type="module" src="/tilt/embed.js"></script><tilt-lab background="transparent" font="Liberation Serif, serif" theme="light"></tilt-lab>',
    );
    const { page } = await fresh(chromium, 800);
    await page.goto(`${site.url}/own`);
    const frame = page.frameLocator('tilt-lab iframe');
    await frame.locator('html[data-ready]').waitFor({ state: 'attached' });
    const style = (selector: string, name: 'backgroundColor' | 'fontFamily') =>
      frame
        .locator(selector)
        .first()
        .evaluate((part, key) => getComputedStyle(part)[key], name);
    expect(await style('html', 'backgroundColor')).toBe('rgba(0, 0, 0, 0)');
    expect(await style('body', 'backgroundColor')).toBe('rgba(0, 0, 0, 0)');
    expect(await style('body', 'fontFamily')).toContain('Liberation Serif');
    expect(await style('svg .tick', 'fontFamily')).toContain('Liberation Serif');
    expect(await frame.locator('.notice').count()).toBe(0);
    await page.close();
  });

  test('names what it cannot read of these', async () => {
    const { page } = await fresh(chromium, 800);
    await page.goto(`${site.url}/tilt/embed.html?background=none&font=url(x)`);
    await page.locator('html[data-ready]').waitFor({ state: 'attached' });
    const notices = await page.locator('.notice').allTextContents();
    expect(notices.map((text) => text.split(':')[0])).toEqual(['background', 'font']);
    await page.close();
  });
});

describe('formulas', () => {
  test.each([
    ['Chromium', () => chromium],
    ['Firefox', () => firefox],
  ] as const)('are set in a font of the site that knows how, in %s', async (_, context) => {
    const { page } = await fresh(context());
    await page.goto(`${site.url}/tilt/`);
    await page.waitForSelector('html[data-ready=true]');
    await page.locator('.formula').first().scrollIntoViewIfNeeded();
    await expect
      .poll(() => page.evaluate(() => [...document.fonts].find(({ family }) => family.includes('Math'))?.status))
      .toBe('loaded');
    // A bar keeps clear of the letters above and below it.
    const gaps = await page
      .locator('mfrac')
      .first()
      .evaluate((fraction) => {
        const [above, under] = [...fraction.children].map((part) => part.getBoundingClientRect());
        return (under?.top ?? 0) - (above?.bottom ?? 0);
      });
    expect(gaps).toBeGreaterThan(2);
    await page.close();
  });
});
