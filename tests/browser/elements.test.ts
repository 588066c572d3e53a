import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium, openFirefox } from './browser.js';
import { type Host, host } from './host.js';
import { strokesIn } from './paper.js';

/** The element on pages of other hosts, which get no CORS headers from Tilt Lab's. */

const dist = join(import.meta.dirname, '../../dist');
const post = (body: string, style = '') =>
  `<!doctype html><html lang="en" style="${style}"><meta charset="utf-8"><title>A post</title><body>${body}</body></html>`;

describe.each([
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
])('%s', (name, open) => {
  let tilt: Host;
  let context: BrowserContext;
  beforeAll(async () => {
    tilt = await host();
    context = await open({ viewport: { width: 900, height: 900 } });
  }, 60_000);
  afterAll(async () => {
    await context?.close();
    tilt?.close();
  });

  /** A page of another host, and what its console said. */
  async function opened(
    body: string,
    { style = '', headers = {} }: { style?: string; headers?: Record<string, string> } = {},
  ) {
    const site = await host({ folders: { '/copy/': dist }, pages: { '/post': post(body, style) }, headers });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    await page.goto(`${site.url}/post`);
    const close = async () => {
      await page.close();
      site.close();
    };
    return { page, said, close };
  }
  const element = (attributes = '') => `<tilt-lab ${attributes} style="display:block;min-height:480px"></tilt-lab>`;
  const drawn = '.curve';

  test('a classic script draws where a module script may not', async () => {
    const { page, said, close } = await opened(`<script async src="${tilt.url}/tilt/embed.js"></script>${element()}`);
    await page.frameLocator('tilt-lab iframe').locator(drawn).first().waitFor({ state: 'attached', timeout: 20_000 });
    expect(said.filter((line) => /web-share|Feature Policy.*share/i.test(line))).toEqual([]);
    await close();
  }, 60_000);

  test('the same file is a module too', async () => {
    const { page, close } = await opened(`<script type="module">import '/copy/embed.js'</script>${element()}`);
    await page.frameLocator('tilt-lab iframe').locator(drawn).first().waitFor({ state: 'attached', timeout: 20_000 });
    await close();
  }, 60_000);

  test.runIf(name === 'Chromium')(
    'on a page that is isolated its frame is credentialless',
    async () => {
      const { page, close } = await opened(
        `<script src="/copy/embed.js"></script>${element(`site="${tilt.url}/tilt/"`)}`,
        {
          headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
        },
      );
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
      await page.frameLocator('tilt-lab iframe').locator(drawn).first().waitFor({ state: 'attached', timeout: 20_000 });
      await close();
    },
    60_000,
  );

  test.each([
    ['nothing inside', ''],
    ['the link that the page’s own snippet has inside', '<a href="https://example.org/tilt/">The gap</a>'],
  ])(
    'on paper a figure that was never in view is a link with its address, then the figure: %s',
    async (_, inside) => {
      const one = element('title="The gap" view="gap" scenario="v=1&amp;kl_per_token=0.1"').replace(
        '><',
        `>${inside}<`,
      );
      const { page, close } = await opened(
        `<div style="height:9000px"></div><script src="${tilt.url}/tilt/embed.js"></script>${one}`,
      );
      const address = inside ? 'https://example.org/tilt/' : `${tilt.url}/tilt/?view=gap#v=1&kl_per_token=0.1`;
      const link = page.locator('tilt-lab').getByRole('link', { name: 'The gap' });
      expect(page.frames()[1]?.url()).not.toContain('embed.html');
      // What is printed at once; Firefox is told of paper by nobody but its reader.
      if (name === 'Chromium') {
        await page.emulateMedia({ media: 'print' });
        expect(await link.isVisible()).toBe(true);
        expect(await link.evaluate((a) => getComputedStyle(a, '::after').content)).toContain(address);
      }
      // Chromium lays a frame out of view out for paper alone. A reader's Firefox tells the frames of paper as well: one may
      // have come by itself before, and never been in view.
      const tell = () => void dispatchEvent(new Event('beforeprint'));
      const print = () =>
        name === 'Chromium'
          ? page.pdf()
          : Promise.all(page.frames().map((frame) => frame.evaluate(tell).catch(() => undefined)));
      const curves = () => page.frameLocator('tilt-lab iframe').locator(drawn).count();
      await expect.poll(() => print().then(curves), { interval: 1000 }).toBeGreaterThan(0);
      await link.waitFor({ state: 'hidden' });
      await close();
    },
    60_000,
  );

  const scenario = 'v=1&amp;model=memoryless&amp;length=60&amp;p=0.5,0.3,0.2&amp;r=0,1,3&amp;kl_per_token=0.2';
  const frame = (attributes: string) =>
    `<iframe src="${tilt.url}/tilt/embed.html?view=frontier#${scenario}" ${attributes} style="width:100%;height:480px;border:0"></iframe>`;
  test.runIf(name === 'Chromium').each([
    ['a frame that is loaded late', () => frame('loading="lazy"'), false],
    ['a frame with the name that the README says', () => frame('name="print"'), true],
    ['an element that is eager', () => element(`loading="eager" scenario="${scenario}"`), true],
  ])(
    'on paper at once, and never in view: %s',
    async (_, text, isDrawn) => {
      const { page, close } = await opened(
        `<script src="${tilt.url}/tilt/embed.js"></script><div style="height:30000px"></div>${text()}`,
      );
      const figure = page.frameLocator('iframe').locator(`tilt-embed:not([data-waits]) ${drawn}`).first();
      if (isDrawn) await figure.waitFor({ state: 'attached', timeout: 20_000 });
      const strokes = Object.values(strokesIn(await page.pdf()));
      if (isDrawn) expect(Math.min(...strokes)).toBeGreaterThan(0);
      else expect(strokes).toEqual([0, 0]);
      await close();
    },
    60_000,
  );

  test('theme="page" follows the color-scheme of the page', async () => {
    const { page, close } = await opened(
      `<script async src="${tilt.url}/tilt/embed.js"></script>${element('theme="page"')}`,
      {
        style: 'color-scheme:dark',
      },
    );
    const root = page.frameLocator('tilt-lab iframe').locator('html');
    await page.frameLocator('tilt-lab iframe').locator(drawn).first().waitFor({ state: 'attached', timeout: 20_000 });
    expect(await root.getAttribute('data-theme')).toBe('dark');
    await page.evaluate(() => {
      document.documentElement.style.colorScheme = 'light';
    });
    await expect.poll(() => root.getAttribute('data-theme')).toBe('light');
    await page.evaluate(() => document.documentElement.setAttribute('style', 'color-scheme:only dark'));
    await expect.poll(() => root.getAttribute('data-theme')).toBe('dark');
    await close();
  }, 60_000);
});
