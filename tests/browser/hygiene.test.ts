import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gallery } from '../../web/scenario/gallery.js';
import { encodeLink, engine, stampOf } from '../engine/engine.js';
import { openChromium, openFirefox } from './browser.js';
import { type Host, host } from './host.js';

let site: Host;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  site = await host();
  context = await openChromium({ viewport: { width: 1280, height: 1800 }, acceptDownloads: true });
  page = await context.newPage();
}, 60_000);
afterAll(async () => {
  await context?.close();
  site?.close();
});

describe('characters that no file may hold', () => {
  const labels = ['\u0000a', '\uffffb', '\ud800c', '\u001bd "=\'e\'">&#%3C'];
  const scenario = {
    title: `\u0000\uffff${labels.join('')}`,
    model: {
      kind: 'finite',
      outcomes: [0, 1, 3, 3].map((reward, k) => ({ label: labels[k], p: 0.25, reward })),
    },
    budget: { kl: 0.3 },
  };
  test.each(['frontier', 'simplex'])(
    '%s is well-formed SVG, and a PNG',
    async (figure) => {
      await page.goto(`${site.url}/tilt/`);
      await page.goto(`${site.url}/tilt/#${encodeURIComponent(JSON.stringify(scenario))}`);
      await page.waitForSelector('html[data-ready=true]');
      const box = page.locator(`[data-figure=${figure}]`);
      await box.scrollIntoViewIfNeeded();
      await box.locator('svg .curve, svg .fill, svg .dot').first().waitFor({ state: 'attached' });
      const saved = async (kind: string) => {
        if (!(await box.getByRole('button', { name: kind, exact: true }).isVisible()))
          await box.locator('.save summary').click();
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          box.getByRole('button', { name: kind, exact: true }).click(),
        ]);
        return readFileSync(await download.path());
      };
      const svg = (await saved('SVG')).toString('utf8');
      const fault = await page.evaluate(
        (text) =>
          new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror')?.textContent ?? null,
        svg,
      );
      expect(fault).toBeNull();
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML may not hold
      expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u);
      expect((await saved('PNG 2×')).subarray(1, 4).toString()).toBe('PNG');
    },
    60_000,
  );
});

test('the picture of a snippet is one, whatever its labels hold', async () => {
  const labels = ['\u0000"a\'', '\ufffe&#0;<b>%00', '\ud800#c="d"'];
  const outcomes = [0, 1, 3].map((reward, k) => ({ label: labels[k], p: [0.5, 0.3, 0.2][k], reward }));
  const scenario = { model: { kind: 'finite', outcomes }, budget: { kl: 0.3 } };
  await page.goto(`${site.url}/tilt/`);
  await page.goto(`${site.url}/tilt/#${encodeURIComponent(JSON.stringify(scenario))}`);
  await page.waitForSelector('html[data-ready=true]');
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.locator('tilt-share select').selectOption('simplex');
  const frame = page.locator('[data-snippet=Frame]');
  await expect.poll(() => frame.textContent()).toMatch(/data:image.*view=simplex/s);
  const found = await page.evaluate(
    async (text) => {
      const body = new DOMParser().parseFromString(text, 'text/html').body;
      const image = new Image();
      image.src = body.querySelector('img')?.src ?? '';
      await image.decode();
      const svg = new DOMParser().parseFromString(await (await fetch(image.src)).text(), 'image/svg+xml');
      const words = [...svg.querySelectorAll('text')].map(({ textContent }) => textContent).join(' ');
      return {
        width: image.naturalWidth,
        elements: [...body.querySelectorAll('*')].map(({ localName }) => localName),
        words,
      };
    },
    (await frame.textContent()) ?? '',
  );
  expect(found).toMatchObject({ width: 732, elements: ['div', 'a', 'img', 'iframe'] });
  expect(found.words).toContain('#c="d"');
  expect(found.words).toContain('<b>%00');
  await page.keyboard.press('Escape');
}, 60_000);

test('130,000 rows are pasted, and made to sum to 1, without a fault', async () => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`${site.url}/tilt/#v=1&model=finite&p=0.5,0.5&r=0,1&kl=0.3`);
  await page.waitForSelector('html[data-ready=true]');
  const table = page.locator('tilt-editor table');
  await table.scrollIntoViewIfNeeded();
  await table.evaluate((element) => {
    const data = new DataTransfer();
    data.setData('text', Array.from({ length: 130_000 }, (_, i) => `r${i}\t0.001\t${i % 7}`).join('\n'));
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await page.getByRole('button', { name: 'Make them sum to 1' }).click();
  await expect
    .poll(() => page.locator('tilt-editor .notice').first().textContent(), { timeout: 20_000 })
    .toContain('130000, not of 1 to 100000 entries');
  expect(errors).toEqual([]);
}, 60_000);

test('a link whose probabilities sum to .9999 is mended by one click', async () => {
  await page.goto(`${site.url}/tilt/`);
  await page.goto(`${site.url}/tilt/#v=1&model=finite&p=0.5,0.4999&r=0,1&kl=0.3`);
  await page.getByText('probabilities sum to 0.9999').waitFor();
  await page.getByRole('button', { name: 'Divide them by their sum' }).click();
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('normalise=true');
  expect(await page.locator('.notice.problem').count()).toBe(0);
}, 60_000);

test('a budget is set by the KL coefficient, and back', async () => {
  // A page of its own: of one that is open an address alone changes, and a click may come before it hears of that.
  await page.goto('about:blank');
  await page.goto(`${site.url}/tilt/#v=1&kl_per_token=0.2`);
  await page.waitForSelector('html[data-ready=true]');
  const choice = page.getByRole('button', { name: 'Set the budget by β' });
  await choice.click();
  await expect.poll(() => page.evaluate(() => location.hash), { timeout: 20_000 }).toMatch(/[&]beta=/);
  await page.evaluate(() => scrollTo(0, 0));
  await page.locator('label:text-is("KL coefficient β")').first().waitFor();
  expect(await choice.getAttribute('aria-pressed')).toBe('true');
  const slider = page.locator('aside input[type=range]').first();
  const before = await page.evaluate(() => location.hash);
  await slider.focus();
  await slider.press('ArrowRight');
  await expect.poll(() => page.evaluate(() => location.hash)).not.toBe(before);
  await choice.click();
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('kl_per_token=');
}, 60_000);

test('a link by a coefficient that spends much has an axis that holds it', async () => {
  await page.goto(`${site.url}/tilt/`);
  await page.goto(`${site.url}/tilt/#v=1&beta=0.3`);
  await page.locator('label:text-is("KL coefficient β")').first().waitFor();
  await expect.poll(() => page.locator('[data-figure=frontier] .curve').count()).toBeGreaterThan(0);
  expect(await page.locator('.notice:visible').count()).toBe(0);
}, 60_000);

describe.each([
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
])('%s: opened from a disk', (_, open) => {
  let own: BrowserContext;
  beforeAll(async () => {
    own = await open();
  }, 60_000);
  afterAll(() => own?.close());

  test.each(['index.html', 'samples.html', 'verify.html'])(
    '%s says which file to open',
    async (file) => {
      const tab = await own.newPage();
      await tab.goto(`file://${join(import.meta.dirname, '../../dist', file)}`);
      await tab.getByRole('link', { name: 'tilt-lab.html' }).click();
      await tab.waitForURL(/tilt-lab\.html$/);
      await tab.close();
    },
    60_000,
  );
});

test('200 navigations between models of the gallery leave listeners and nodes where they were', async () => {
  const tab = await context.newPage();
  await tab.goto(`${site.url}/tilt/`);
  await tab.waitForSelector('html[data-ready=true]');
  const session = await context.newCDPSession(tab);
  await session.send('Performance.enable');
  const links = gallery.map(({ scenario }) => encodeLink(scenario, stampOf(engine.evaluate(scenario))));
  const measured = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name: string) => metrics.find((each) => each.name === name)?.value ?? 0;
    const places = await tab.evaluate(() => document.querySelector('tilt-story')?.childNodes.length);
    return { nodes: of('Nodes'), listeners: of('JSEventListeners'), documents: of('Documents'), places };
  };
  const visit = async (count: number) => {
    for (let k = 0; k < count; k++) {
      await tab.evaluate(
        (hash) => {
          location.hash = hash;
        },
        links[k % links.length] ?? '',
      );
      await tab.waitForTimeout(60);
    }
    // The same model, and every part of it seen: what is out of view is not rendered, and so not compared.
    await tab.evaluate(() => {
      location.hash = '#v=1&seed=77';
    });
    await tab.waitForTimeout(3000);
    const height = await tab.evaluate(() => document.documentElement.scrollHeight);
    for (let at = height; at >= 0; at -= 900) {
      await tab.evaluate((y) => scrollTo(0, y), at);
      await tab.waitForTimeout(150);
    }
    await tab.evaluate(() => scrollTo(0, 0));
  };
  /** What is held once it no longer changes: what is let go is given up seconds later. */
  const settled = async () => {
    for (let last = await measured(); ; ) {
      await tab.waitForTimeout(2500);
      const now = await measured();
      if (JSON.stringify(now) === JSON.stringify(last)) return now;
      last = now;
    }
  };
  // Each once, and what they load.
  await visit(links.length);
  const before = await settled();
  await visit(200);
  const asBefore = (after: typeof before) =>
    after.documents === before.documents &&
    after.places === before.places &&
    after.listeners <= before.listeners + 30 &&
    after.nodes <= before.nodes * 1.1 + 500;
  await expect
    .poll(
      async () => {
        const after = await measured();
        return asBefore(after) ? 'as before' : { before, after };
      },
      { timeout: 60_000, interval: 1000 },
    )
    .toBe('as before');
}, 180_000);
