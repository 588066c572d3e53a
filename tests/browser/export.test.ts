import { readFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeLink, encodeLink, engine, parseScenario, type Scenario, stampOf } from '../engine/engine.js';
import { openChromium, serve } from './browser.js';

const three: Scenario = {
  v: 1,
  title: 'Three, "quoted"',
  model: {
    kind: 'memoryless',
    length: 30,
    tokens: [
      { label: 'a', p: 0.5, reward: 0 },
      { label: 'b', p: 0.3, reward: 1 },
      { label: 'c', p: 0.2, reward: 3 },
    ],
  },
  budget: { n: 50 },
};

describe('files of a figure', () => {
  let server: PreviewServer;
  let context: BrowserContext;
  let page: Page;
  let link: string;

  beforeAll(async () => {
    let url: string;
    ({ server, url } = await serve());
    context = await openChromium({ viewport: { width: 1280, height: 1800 }, acceptDownloads: true });
    page = await context.newPage();
    link = url + encodeLink(three, stampOf(engine.evaluate(three)));
    await page.goto(link);
    await page.waitForSelector('html[data-ready=true]');
  }, 60_000);

  afterAll(async () => {
    await context?.close();
    await server?.close();
  });

  const saved = async (figure: string, kind: string) => {
    const box = page.locator(`[data-figure=${figure}]`);
    await box.scrollIntoViewIfNeeded();
    await page.waitForFunction((name) => document.querySelector(`[data-figure=${name}] .curve`), figure);
    await box.locator('.save summary').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      box.getByRole('button', { name: kind, exact: true }).click(),
    ]);
    return { name: download.suggestedFilename(), data: readFileSync(await download.path()) };
  };

  test.each(['frontier', 'gap', 'dual', 'simplex'])(
    'SVG of %s: valid, self-contained, text as text',
    async (figure) => {
      const { name, data } = await saved(figure, 'SVG');
      expect(name).toBe(`tilt-lab-${figure}.svg`);
      const text = data.toString('utf8');
      const drawn = await page.evaluate((source) => {
        const file = new DOMParser().parseFromString(source, 'image/svg+xml');
        return {
          broken: file.querySelector('parsererror')?.textContent ?? null,
          link: file.querySelector('desc')?.textContent,
          texts: [...file.querySelectorAll('text')].map((t) => t.textContent),
          strokes: [...file.querySelectorAll('path')].map((p) => p.getAttribute('stroke')),
        };
      }, text);
      expect(drawn.broken).toBeNull();
      expect(drawn.link).toBe(link);
      expect(drawn.texts.length).toBeGreaterThan(3);
      expect(drawn.strokes.some((stroke) => stroke?.startsWith('rgb'))).toBe(true);
      expect(text).not.toMatch(/class=|var\(|<!--/);
    },
  );

  test('PNG at one to four times the size, with its address inside', async () => {
    const sizes: number[] = [];
    for (const kind of ['PNG 1×', 'PNG 2×', 'PNG 3×', 'PNG 4×']) {
      const { name, data } = await saved('frontier', kind);
      expect(name).toBe('tilt-lab-frontier.png');
      expect(data.subarray(1, 4).toString()).toBe('PNG');
      sizes.push(data.readUInt32BE(16));
      expect(data.toString('latin1')).toContain(`tEXtSource\0${link}`);
      const shown = await page.evaluate(
        async (bytes) => {
          const image = await createImageBitmap(new Blob([Uint8Array.from(bytes)], { type: 'image/png' }));
          return image.width;
        },
        [...data],
      );
      expect(shown).toBe(sizes.at(-1));
    }
    expect(sizes.map((size) => size / (sizes[0] as number))).toEqual([1, 2, 3, 4]);
  });

  test('on paper: every figure drawn, in light colours, and the address instead of buttons', async () => {
    await page.evaluate(() => {
      window.print = () => document.documentElement.setAttribute('data-printed', '');
    });
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Print or save as PDF' }).click();
    await page.locator('html[data-printed]').waitFor({ state: 'attached' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    // What a browser says before it prints, whatever came into view so far.
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const bare = await page.$$eval('tilt-figure', (figures) =>
      figures
        .filter((figure) => !figure.querySelector('svg :is(path, line, circle)'))
        .map((figure) => figure.innerHTML),
    );
    expect(bare).toEqual([]);
    expect(await page.locator('tilt-figure').count()).toBeGreaterThan(10);
    expect(await page.locator('button:visible').count()).toBe(0);
    expect(await page.locator('.print-only').textContent()).toBe(link);
    expect(await page.locator('h1').evaluate((h1) => getComputedStyle(h1).color)).toBe('rgb(27, 27, 26)');
    await page.emulateMedia({ media: null, colorScheme: null });
    // Back on the screen, what is out of view waits again.
    await page.evaluate(() => {
      dispatchEvent(new Event('afterprint'));
      scrollTo(0, 0);
    });
    await page.waitForTimeout(200);
    const drawn = (name: string) => page.locator(`[data-figure=${name}] svg`).innerHTML();
    const near = await drawn('frontier');
    const words = page.locator('[data-figure=renyi] figcaption');
    expect((await words.textContent())?.trim()).not.toBe('');
    await page.getByRole('slider', { name: 'KL budget' }).first().press('ArrowRight');
    await expect.poll(() => drawn('frontier')).not.toBe(near);
    // What it said is false by now, and gone.
    await expect.poll(async () => (await words.textContent())?.trim()).toBe('');
    expect(await page.locator('[data-figure=renyi] svg .curve').count()).toBe(0);
    await page.goBack();
    await expect.poll(() => page.evaluate(() => location.href)).toBe(link);
  });

  test('CSV with every digit, and the address in its first line', async () => {
    const { data } = await saved('frontier', 'CSV');
    const [first = '', head = '', ...rows] = data.toString('utf8').trimEnd().split('\n');
    expect(decodeLink(first.slice(first.indexOf('#v'))).scenario).toEqual(three);
    expect(head.split(',').length).toBe(rows[0]?.split(',').length);
    const { report } = engine.view(three, { klEnd: 1 });
    expect(Number.isFinite(report.kl_rl.reward)).toBe(true);
    expect(rows.length).toBeGreaterThan(20);
  });

  test('JSON gives the same report again, and opens in the editor', async () => {
    const { data } = await saved('gap', 'JSON');
    const file = JSON.parse(data.toString('utf8'));
    expect(file).toMatchObject({ tiltlab: 'figure', figure: 'gap', link, engine: engine.version, seed: 1 });
    expect(JSON.stringify(engine.evaluate(parseScenario(file.scenario)))).toBe(JSON.stringify(file.report));
    await page.goto('about:blank');
    await page.goto(link.slice(0, link.indexOf('#')));
    await page.waitForSelector('html[data-ready=true]');
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'f.json', mimeType: 'application/json', buffer: data });
    await page.waitForFunction(() => location.hash.includes('model=memoryless'));
    expect(decodeLink(page.url()).scenario).toEqual(three);
  });
});
