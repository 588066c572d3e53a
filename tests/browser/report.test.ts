import { readFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium, openFirefox } from './browser.js';
import { fooled } from './fooled.js';
import { type Host, host } from './host.js';

const pages: Record<string, string> = {};
const open = { 'access-control-allow-origin': '*' };
let site: Host;
/** Tilt Lab on another site, and reports that allow it. */
let elsewhere: Host;
let said = '';
const wide = (text: string | null) => (text ?? '').replaceAll(/\s+/g, ' ').trim();

beforeAll(async () => {
  site = await host({ pages, headers: open });
  elsewhere = await host();
  const context = await openChromium({ acceptDownloads: true });
  const page = await context.newPage();
  await page.goto(`${site.url}/tilt/samples.html`);
  await page.locator('html[data-ready=true]').waitFor({ state: 'attached' });
  await page.setInputFiles('input[type=file]', {
    name: 'drafts.csv',
    mimeType: 'text/plain',
    buffer: Buffer.from(fooled),
  });
  await page.click('.recognised .strong');
  await page.locator('.sentence', { hasText: 'rm_score' }).waitFor();
  said = wide(await page.textContent('.sentence'));
  const [saved] = await Promise.all([page.waitForEvent('download'), page.click('[aria-label="Save report"]')]);
  pages['/blog/which-n.json'] = readFileSync(await saved.path(), 'utf8');
  // The page says how to show it.
  expect(wide(await page.textContent('.notice'))).toContain(
    `<tilt-lab report="${saved.suggestedFilename()}"></tilt-lab>`,
  );
  await context.close();
}, 60_000);
afterAll(() => {
  site?.close();
  elsewhere?.close();
});

describe.each(['Chromium', 'Firefox'] as const)('in %s', (name) => {
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];
  beforeAll(async () => {
    context = await (name === 'Chromium' ? openChromium() : openFirefox());
    page = await context.newPage();
    page.on('pageerror', ({ message }) => errors.push(message));
  }, 60_000);
  afterAll(async () => {
    await context?.close();
  });

  test('an element shows a report that lies beside its page, by files of another site', async () => {
    pages['/blog/post'] =
      `<!doctype html><script src="${elsewhere.url}/tilt/embed.js"></script><p>Words.</p><tilt-lab report="which-n.json" theme="dark" style="display:block"></tilt-lab>`;
    await page.goto(`${site.url}/blog/post`);
    const frame = page.locator('tilt-lab iframe').contentFrame();
    await expect.poll(async () => wide(await frame.locator('.sentence').textContent())).toBe(said);
    expect(await frame.locator('tilt-chart svg .curve').count()).toBeGreaterThan(0);
    expect(await frame.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await frame.locator('a', { hasText: 'The report' }).getAttribute('href')).toBe(
      `${site.url}/blog/which-n.json`,
    );
    // As high as what it holds.
    const needs = await frame.locator('tilt-report').evaluate((element) => element.getBoundingClientRect().height);
    await expect
      .poll(() => page.locator('tilt-lab iframe').evaluate((element) => element.getBoundingClientRect().height))
      .toBeCloseTo(Math.ceil(needs), 0);
    await frame.getByRole('button', { name: 'win rate' }).click();
    await expect.poll(async () => wide(await frame.locator('tilt-chart svg').textContent())).toMatch(/win rate/i);
    expect(errors).toEqual([]);
  }, 60_000);

  test('a sandbox without an origin shows it too, and a host that adds 20 is asked once', async () => {
    pages['/blog/bare'] =
      `<!doctype html><iframe sandbox="allow-scripts" width="700" height="300" src="${site.url}/tilt/report.html?report=${encodeURIComponent(`${site.url}/blog/which-n.json`)}&view=kl"></iframe>
      <script>window.asked = 0; addEventListener('message', ({ data }) => { if (data.type !== 'tilt-lab:resize') return; window.asked++; document.querySelector('iframe').style.height = data.height + 20 + 'px'; })</script>`;
    await page.goto(`${site.url}/blog/bare`);
    const frame = page.locator('iframe').contentFrame();
    await expect.poll(async () => wide(await frame.locator('.sentence').textContent())).toBe(said);
    expect(wide(await frame.locator('figcaption').textContent())).toMatch(/KL/);
    await page.waitForTimeout(600);
    expect(await page.evaluate(() => (window as unknown as { asked: number }).asked)).toBeLessThan(4);
    expect(errors).toEqual([]);
  }, 60_000);

  test('what is no report is said in one line', async () => {
    const whole = pages['/blog/which-n.json'] ?? '';
    const saved = JSON.parse(whole);
    saved.verdict.judged.curves.best_of_n[0].reward_interval = 'x';
    saved.verdict.judged.curves.ceiling = 7;
    const written = JSON.stringify(saved);
    Object.assign(pages, {
      '/blog/cut.json': whole.slice(0, 500),
      '/blog/other.json': '{"a": 1}',
      '/blog/odd.json': written,
    });
    for (const [asked, line] of [
      ['cut.json', /^cut\.json: is no whole saved report/],
      ['other.json', /^other\.json: is no report that samples\.html saved$/],
      ['odd.json', /is no whole saved report/],
      ['none.json', /^none\.json: did not come \(404\)$/],
      ['http://127.0.0.1:9/x.json', /^x\.json: did not come; another site must allow it/],
      ['javascript:alert(1)', /^report: "javascript:alert\(1\)" is not the address of a saved report$/],
      ['http://[', /^report: "http:\/\/\[" is not the address/],
      ['', /^report: "" is not the address/],
    ] as const) {
      await page.goto(
        `${site.url}/tilt/report.html?report=${encodeURIComponent(/^[\w-]+\.json$/.test(asked) ? `../blog/${asked}` : asked)}`,
      );
      await page.locator('html[data-ready=true]').waitFor({ state: 'attached' });
      expect(wide(await page.textContent('.notice'))).toMatch(line);
      expect(await page.locator('tilt-chart').count()).toBe(0);
    }
    expect(errors).toEqual([]);
  }, 60_000);
});
