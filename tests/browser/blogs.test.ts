import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium, openFirefox } from './browser.js';
import { type Host, host } from './host.js';

const root = resolve(import.meta.dirname, '../..');
const examples = join(root, 'web/examples');
const folder = (name: string) => mkdtempSync(join(tmpdir(), `tiltlab-${name}-`));

/** The example blogs, built by the real generators, with Tilt Lab beside them. */
const blogs: Record<string, { build(into: string): void; post: string }> = {
  hugo: {
    build: (into) => void execFileSync('hugo', ['-s', join(examples, 'hugo'), '-d', into, '--quiet']),
    post: '/posts/two-ways/',
  },
  jekyll: {
    build: (into) =>
      void execFileSync('jekyll', ['build', '-s', join(examples, 'jekyll'), '-d', into, '--disable-disk-cache', '-q']),
    post: '/two-ways/',
  },
};
const built: Record<string, Host> = {};
const contexts: Record<string, BrowserContext> = {};
const view = { viewport: { width: 800, height: 700 } };
beforeAll(async () => {
  for (const [name, { build }] of Object.entries(blogs)) {
    const into = folder(name);
    build(into);
    built[name] = await host({ folders: { '/tilt-lab/': join(root, 'dist'), '/': into } });
  }
  [contexts.Chromium, contexts.Firefox] = await Promise.all([openChromium(view), openFirefox(view)]);
}, 60_000);
afterAll(async () => {
  for (const { close } of Object.values(built)) close();
  await Promise.all(Object.values(contexts).map((context) => context.close()));
});

const cases = Object.keys(blogs).flatMap((blog) => ['Chromium', 'Firefox'].map((browser) => [blog, browser] as const));

describe.each(cases)('a post of %s in %s', (blog, browser) => {
  let page: Page;
  const complaints: string[] = [];
  beforeAll(async () => {
    page = await (contexts[browser] as BrowserContext).newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${built[blog]?.url}${blogs[blog]?.post}`);
  });
  afterAll(() => page.close());

  const embed = (k: number) => page.locator('tilt-lab').nth(k);
  async function frame(k: number): Promise<Frame> {
    await embed(k).scrollIntoViewIfNeeded();
    const element = await embed(k).locator('iframe').elementHandle();
    const found = await element?.contentFrame();
    if (!found) throw new Error('no frame');
    await found.locator('html[data-ready]').waitFor({ state: 'attached' });
    await found.locator('svg .curve').first().waitFor({ state: 'attached' });
    return found;
  }
  const paper = (found: Frame) => found.evaluate(() => getComputedStyle(document.body).backgroundColor);

  test('three figures draw, where the words around them stay and the focus is nobody’s', async () => {
    const places = () =>
      page.locator('p, h1').evaluateAll((all) => all.map((p) => Math.round(p.getBoundingClientRect().top + scrollY)));
    const before = await places();
    const names: (string | null)[] = [];
    for (const k of [0, 1, 2])
      names.push(await (await frame(k)).locator('figure[data-figure]').getAttribute('data-figure'));
    expect(names).toEqual(['frontier', 'laws', 'gap']);
    const heights = await page.locator('tilt-lab iframe').evaluateAll((all) => all.map((one) => one.clientHeight));
    expect(heights).toEqual([480, 480, 480]);
    expect(await places()).toEqual(before);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
    expect(complaints).toEqual([]);
  });

  test('they follow the reader’s dark mode, and a theme of the author’s without a reload', async () => {
    const found = await frame(0);
    await expect.poll(() => paper(found)).toBe('rgb(251, 250, 246)');
    if (browser === 'Chromium') {
      await page.emulateMedia({ colorScheme: 'dark' });
      await expect.poll(() => paper(found)).toBe('rgb(19, 21, 24)');
      await page.emulateMedia({ colorScheme: 'light' });
    } else {
      const dark = await openFirefox(view, true);
      const other = await dark.newPage();
      await other.goto(page.url());
      const body = other.locator('tilt-lab iframe').first().contentFrame().locator('body');
      await expect.poll(() => body.evaluate((b) => getComputedStyle(b).backgroundColor)).toBe('rgb(19, 21, 24)');
      await dark.close();
    }
    await embed(0).evaluate((element) => element.setAttribute('theme', 'dark'));
    await expect.poll(() => paper(found)).toBe('rgb(19, 21, 24)');
    await embed(0).evaluate((element) => element.removeAttribute('theme'));
    await expect.poll(() => paper(found)).toBe('rgb(251, 250, 246)');
    expect(found.isDetached()).toBe(false);
  });

  test('an open table makes its frame taller, a closed one gives the height back', async () => {
    const found = await frame(0);
    const height = () => embed(0).evaluate((element) => element.getBoundingClientRect().height);
    expect(await height()).toBe(480);
    await found.getByRole('button', { name: 'Data table' }).click();
    await expect.poll(height).toBeGreaterThan(700);
    const tall = await height();
    await page.waitForTimeout(300);
    expect(await height()).toBe(tall);
    await found.getByRole('button', { name: 'Data table' }).click();
    await expect.poll(height).toBe(480);
  });

  test('a narrow window: nothing is cut off and nothing scrolls inside', async () => {
    const found = await frame(0);
    await page.setViewportSize({ width: 390, height: 800 });
    const spill = () =>
      found.evaluate(() => [
        document.documentElement.scrollHeight - innerHeight,
        document.documentElement.scrollWidth - innerWidth,
      ]);
    await expect.poll(spill).toEqual([0, 0]);
    await page.setViewportSize({ width: 800, height: 700 });
    await expect.poll(spill).toEqual([0, 0]);
  });

  test('the wheel over a figure scrolls the post; a drag moves the figure, not the address', async () => {
    const found = await frame(0);
    const address = found.url();
    await page.evaluate(() => scrollTo(0, 0));
    const box = await embed(0).boundingBox();
    if (!box) throw new Error('no box');
    await page.mouse.move(box.x + 300, box.y + 200);
    await page.mouse.wheel(0, 150);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(100);
    const drawn = () => found.locator('tilt-figure svg').innerHTML();
    const before = await drawn();
    const slider = found.locator('input[type=range]').first();
    await slider.focus();
    await slider.press('ArrowRight');
    await expect.poll(drawn).not.toBe(before);
    expect(found.url()).toBe(address);
    const full = await found.getByRole('link', { name: 'Open in full' }).getAttribute('href');
    expect(full).toContain('kl_per_token=0.2');
    expect(await found.evaluate(() => history.length)).toBeLessThan(5);
    expect(complaints).toEqual([]);
  });
});
