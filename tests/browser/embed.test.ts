import type { BrowserContext, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium, openFirefox } from './browser.js';
import { type Host, host } from './host.js';

const tokens = 'v=1&model=memoryless&length=160&p=0.5,0.3,0.2&r=0,1,3&kl_per_token=0.2&seed=1';
const filler = '<p>Words above and below the figure, as posts have them.</p>'.repeat(30);
const post = (body: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A post</title><body style="margin:0 auto;max-width:700px">${body}</body></html>`;
const element = (attributes = '') =>
  post(
    `<script type="module" src="/tilt/embed.js"></script><p>Before.</p><tilt-lab ${attributes} style="display:block;min-height:480px"></tilt-lab><p id="after">After.</p>${filler}`,
  );
const frameOf = (attributes: string, query = 'view=frontier', hash = '') =>
  post(
    `<iframe ${attributes} src="/tilt/embed.html?${query}#${hash}" style="width:100%;height:480px;border:0" title="A figure"></iframe>${filler}`,
  );

let chromium: BrowserContext;
let firefox: BrowserContext;
beforeAll(async () => {
  [chromium, firefox] = await Promise.all([
    openChromium({ viewport: { width: 800, height: 700 } }),
    openFirefox({ viewport: { width: 800, height: 700 } }),
  ]);
});
afterAll(async () => {
  await Promise.all([chromium.close(), firefox.close()]);
});

/** Opens a page and gives what it complained about. */
async function open(context: BrowserContext, url: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

const embeds = (page: Page): Frame[] => page.frames().filter((frame) => frame.url().includes('embed.html'));
async function ready(page: Page): Promise<Frame> {
  await expect.poll(() => embeds(page).length, { timeout: 10_000 }).toBeGreaterThan(0);
  const [frame] = embeds(page) as [Frame];
  await frame.locator('html[data-ready]').waitFor({ state: 'attached' });
  await frame.locator('svg .curve').first().waitFor({ state: 'attached' });
  return frame;
}
const stated = (frame: Frame) => frame.locator('tilt-figure figcaption').textContent();

describe.each([
  ['Chromium', () => chromium],
  ['Firefox', () => firefox],
] as const)('in %s', (_, context) => {
  const hosts: Host[] = [];
  const at = async (pages: Record<string, string>, headers: Record<string, string> = {}) => {
    const made = await host({ pages, headers });
    hosts.push(made);
    return made;
  };
  afterAll(() => {
    for (const { close } of hosts) close();
  });

  test('the element draws, fills its height and moves nothing', async () => {
    const { url } = await at({ '/post': element(`view="frontier" scenario="${tokens}"`) });
    const { page, complaints } = await open(context(), `${url}/post`);
    const before = await page.locator('#after').evaluate((p) => p.getBoundingClientRect().top);
    const frame = await ready(page);
    expect(await stated(frame)).toContain('At equal KL the tilt earns more.');
    expect(await page.locator('#after').evaluate((p) => p.getBoundingClientRect().top)).toBe(before);
    const heights = await frame.evaluate(() => [innerHeight, document.documentElement.scrollHeight]);
    expect(heights).toEqual([480, 480]);
    expect(await page.evaluate(() => [scrollY, document.activeElement?.tagName])).toEqual([0, 'BODY']);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('what stands inside is shown until the figure is there; a theme set before that is kept', async () => {
    const { url } = await at({
      '/post': post(
        `<div style="height:6000px"></div><script type="module" src="/tilt/embed.js"></script><tilt-lab style="display:block;min-height:480px"><a href="/tilt/">Two ways</a></tilt-lab>`,
      ),
    });
    const { page, complaints } = await open(context(), `${url}/post`);
    const wrapper = page.locator('tilt-lab');
    await expect.poll(() => wrapper.evaluate((element) => element.shadowRoot !== null)).toBe(true);
    await page.getByText('Two ways').waitFor({ state: 'visible' });
    await wrapper.evaluate((element) => element.setAttribute('theme', 'dark'));
    await wrapper.scrollIntoViewIfNeeded();
    const frame = await ready(page);
    await page.getByText('Two ways').waitFor({ state: 'hidden' });
    expect(await frame.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(19, 21, 24)');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.each([
    ['a sandbox without an origin', 'sandbox="allow-scripts"', {}],
    ['a strict content policy', '', { 'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'" }],
    ['both at once', 'sandbox="allow-scripts"', { 'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'" }],
  ])('works in %s', async (_name, attributes, headers) => {
    const { url } = await at(
      { '/post': frameOf(attributes, 'view=frontier', tokens), '/dual': frameOf(attributes, 'view=dual', tokens) },
      headers,
    );
    const { page, complaints } = await open(context(), `${url}/post`);
    const frame = await ready(page);
    const caption = await stated(frame);
    const slider = frame.locator('input[type=range]').first();
    await slider.focus();
    await slider.press('ArrowRight');
    await expect.poll(() => stated(frame)).not.toBe(caption);
    await page.goto(`${url}/dual`);
    expect(await stated(await ready(page))).not.toBe('');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('no engine before it is seen; the default’s figure is there all the same', async () => {
    const made = await at({
      '/post': post(
        `<div style="height:1100px"></div><script type="module" src="/tilt/embed.js"></script><tilt-lab></tilt-lab>`,
      ),
    });
    const { page } = await open(context(), `${made.url}/post`);
    await expect.poll(() => embeds(page).length).toBe(1);
    const [frame] = embeds(page) as [Frame];
    await frame.locator('svg .curve').first().waitFor({ state: 'attached' });
    const still = await stated(frame);
    await page.waitForTimeout(300);
    expect(made.served.filter(({ path }) => path.endsWith('.wasm'))).toEqual([]);
    await page.locator('tilt-lab').scrollIntoViewIfNeeded();
    await ready(page);
    expect(await stated(frame)).toBe(still);
    await expect.poll(() => made.served.filter(({ path }) => path.endsWith('.wasm')).length).toBe(1);
    await page.close();
  });
});

test('ten embeds load the engine once, and an embed is under 160 kB', async () => {
  const one = '<p>Words.</p><tilt-lab style="display:block;min-height:480px"></tilt-lab>';
  const ten = await host({
    pages: { '/post': post(`<script type="module" src="/tilt/embed.js"></script>${one.repeat(10)}`) },
  });
  const { page } = await open(chromium, `${ten.url}/post`);
  for (const wrapper of await page.locator('tilt-lab').all()) {
    await wrapper.scrollIntoViewIfNeeded();
    await wrapper.locator('iframe').contentFrame().locator('html[data-ready]').waitFor({ state: 'attached' });
  }
  expect(embeds(page).length).toBe(10);
  expect(ten.served.filter(({ path }) => path.endsWith('.wasm')).length).toBe(1);
  // One of each file: a frame of the same site finds what the first one fetched.
  const files = new Map(ten.served.filter(({ path }) => path !== '/post').map((file) => [file.path, file]));
  const sum = (kind: 'gzip' | 'brotli') => [...files.values()].reduce((total, file) => total + file[kind], 0);
  expect(sum('brotli')).toBeLessThan(160_000);
  expect(sum('gzip')).toBeLessThan(160_000);
  await page.close();
  ten.close();
});
