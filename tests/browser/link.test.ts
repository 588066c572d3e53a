import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeLink, encodeLink, engine, type Scenario, stampOf } from '../engine/engine.js';
import { openChromium, openFirefox, serve } from './browser.js';

let server: PreviewServer;
let url: string;

beforeAll(async () => {
  ({ server, url } = await serve());
});
afterAll(() => server?.close());

const linkOf = (scenario: Scenario) => encodeLink(scenario, stampOf(engine.evaluate(scenario)));
const three: Scenario = {
  v: 1,
  title: 'Three',
  model: {
    kind: 'memoryless',
    length: 160,
    tokens: [
      { label: 'a', p: 0.5, reward: 0 },
      { label: 'b', p: 0.3, reward: 1 },
      { label: 'c', p: 0.2, reward: 3 },
    ],
  },
  budget: { kl_per_token: 0.2 },
};

/** What "Copy link" gave in Chromium, for Firefox to open. */
let copied = '';

describe.each([
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
] as const)('links and editor in %s', (browser, open) => {
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    context = await open({ viewport: { width: 1200, height: 900 } });
    page = await context.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
  }, 60_000);
  afterAll(() => context?.close());

  const visit = async (hash: string) => {
    await page.goto('about:blank');
    await page.goto(url + hash);
    await page.waitForSelector('html[data-ready=true]');
  };
  const hash = () => page.evaluate(() => location.hash);
  const reward = () => page.$eval('[data-field="kl_rl.reward"]', (mark) => Number(mark.getAttribute('data-value')));
  const settled = (scenario: Scenario) =>
    page.waitForFunction(
      (wanted) => Number(document.querySelector('[data-field="kl_rl.reward"]')?.getAttribute('data-value')) === wanted,
      engine.evaluate(scenario).kl_rl.reward,
    );
  const withRate = (scenario: Scenario, kl_per_token: number): Scenario => ({ ...scenario, budget: { kl_per_token } });

  test('a link made in Node opens with the same digest: reproduced', async () => {
    await visit(linkOf(three));
    await page.waitForSelector('[data-verdict="reproduced"]');
    expect(await reward()).toBe(engine.evaluate(three).kl_rl.reward);
  });

  test('what the page writes opens in Node to the same report', async () => {
    await page.getByRole('slider', { name: 'KL budget' }).first().press('ArrowRight');
    await page.waitForFunction((before) => location.hash !== before, linkOf(three));
    const { scenario, problems, stamp } = decodeLink(await hash());
    expect(problems).toEqual([]);
    expect(stampOf(engine.evaluate(scenario))).toEqual(stamp);
    expect(scenario.title).toBe('Three');
  });

  test('a link copied in Chromium opens in Firefox with the same digest', async () => {
    if (browser === 'Chromium') {
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('button', { name: 'Copy link' }).click();
      await page.getByText('Link copied').waitFor();
      copied = await page.evaluate(() => navigator.clipboard.readText());
      expect(copied).toBe(url + (await hash()));
      return;
    }
    await visit(new URL(copied).hash);
    await page.waitForSelector('[data-verdict="reproduced"]');
    const { scenario, stamp } = decodeLink(copied);
    expect(await reward()).toBe(engine.evaluate(scenario).kl_rl.reward);
    expect(await page.textContent('.verdict')).toContain(stamp?.digest);
  });

  test('keys that follow each other faster than the engine answers all count', async () => {
    await visit(linkOf(three));
    const slider = page.getByRole('slider', { name: 'KL budget' }).first();
    const start = await slider.inputValue();
    await slider.evaluate(async (range) => {
      for (let i = 0; i < 5; i++) {
        range.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true, cancelable: true }));
        for (let tick = 0; tick < 20; tick++) await null;
      }
    });
    await expect.poll(() => slider.inputValue()).toBe(String(Number(start) + 5));
  });

  test('what is chosen anew without a change stands as the value is written', async () => {
    await visit(linkOf(withRate(three, 0.1)));
    const typed = page.getByLabel(/^KL budget, /).first();
    await typed.click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('0.1000');
    await page.keyboard.press('Tab');
    await expect.poll(() => typed.inputValue()).toBe('0.1');
    // Several positions of the thumb are one length.
    const length = page.getByRole('slider', { name: 'Length' }).first();
    await length.press('Home');
    await length.evaluate((range: HTMLInputElement) => {
      range.value = '5';
      for (const type of ['input', 'change']) range.dispatchEvent(new Event(type, { bubbles: true }));
    });
    await expect.poll(() => length.inputValue()).toBe('0');
  });

  test('a length past a transform’s slider may be typed; one that is too long is said so, and what was there stands', async () => {
    const stepped = { ...three, transform: { kind: 'step', at: 0.6, height: 1 } } as const;
    await visit(linkOf(stepped));
    const length = page.getByLabel(/^Length, /).first();
    const type = async (text: string) => {
      await length.click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    };
    await type('1000');
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('length=1000&');
    await expect.poll(() => length.inputValue()).toBe('1,000');
    expect(await page.getByRole('slider', { name: 'Length' }).first().getAttribute('aria-valuetext')).toContain(
      '1,000',
    );
    await type('900000000');
    await page.getByText('is too long for a transform').first().waitFor();
    await type('900');
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('length=900&');
    await expect.poll(() => page.getByText('is too long for a transform').count()).toBe(0);
  });

  test('keys move the sliders and say value and unit', async () => {
    await visit(linkOf(three));
    const slider = page.getByRole('slider', { name: 'KL budget' }).first();
    await slider.press('End');
    await settled(withRate(three, 0.4));
    expect(await slider.getAttribute('aria-valuetext')).toBe('0.4 nats a token, 64 nats in all');
    await slider.press('Home');
    await settled(withRate(three, 0));
    await slider.press('PageUp');
    await slider.press('PageDown');
    await settled(withRate(three, 0));
  });

  test('back undoes a whole gesture, forward redoes it', async () => {
    await visit(linkOf(three));
    const slider = page.getByRole('slider', { name: 'KL budget' }).first();
    await slider.press('End');
    await settled(withRate(three, 0.4));
    await page.waitForFunction(() => location.hash.includes('kl_per_token=0.4'));
    await page.goBack();
    await settled(three);
    await page.goForward();
    await settled(withRate(three, 0.4));
  });

  test('another digest is said to differ, with both numbers', async () => {
    await visit(linkOf(three).replace(/&e=.*$/, '&e=0.0.1&d=0000000000~1.5~2.5'));
    await page.waitForSelector('[data-verdict="differs"]');
    const said = (await page.textContent('.verdict'))?.replace(/\s+/g, ' ');
    expect(said).toContain('By engine 0.0.1 the link says best-of-N 1.5 and KL-RL 2.5');
    expect(said).toContain(stampOf(engine.evaluate(three)).kl_rl);
  });

  test.each([
    ['#v=1&length=2.5', 'model.length: 2.5 is not an integer'],
    ['#v=9&length=3', 'link.v: "9" is of a later version; this Tilt Lab reads version 1'],
    ['#v=1&colour=red', 'link.colour: "red" is in an unknown field'],
    ['#v=1&model=finite&p=0.5,0.4&r=0,1&kl=1', 'model.outcomes: probabilities sum to 0.9, not to 1 (within 1e-6)'],
    ['#v=1&model=memoryless&length=3&data=%%%', 'link.data: "%%%" cannot be unpacked'],
  ])('a bad link is named and the default stands in: %s', async (link, message) => {
    await visit(link);
    await page.waitForSelector('.problem');
    expect(await page.textContent('.problem')).toContain(message);
    // Drawn in one of the next frames.
    await expect.poll(() => page.locator('[data-figure=frontier] .curve').count()).toBe(2);
  });

  test('the editor: typed, summed to one, undone, redone', async () => {
    await visit('');
    await page.getByRole('button', { name: 'Start from three tokens' }).click();
    const reward = page.getByLabel('Reward of grand');
    await reward.waitFor();
    const retype = async (field: Locator, text: string) => {
      await field.click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    };
    await retype(reward, '5');
    await page.waitForFunction(() => location.hash.includes('r=0,1,5'));
    await retype(page.getByLabel('Probability of dull', { exact: true }), '0.9');
    expect(await page.locator('.editor [role=alert]').textContent()).toContain(
      'p: the probabilities sum to 1.4, not to 1',
    );
    await page.getByRole('button', { name: 'Make them sum to 1' }).click();
    await page.waitForFunction(() => location.hash.includes('p=0.64'));
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForFunction(() => location.hash.includes('p=0.5,0.3,0.2') && location.hash.includes('r=0,1,5'));
    await page.getByRole('button', { name: 'Redo' }).click();
    await page.waitForFunction(() => location.hash.includes('p=0.64'));
    expect(await page.getByLabel('Reward of grand').inputValue()).toBe('5');
  });

  test('a file saved here opens here', async () => {
    await visit(linkOf(three));
    const folder = mkdtempSync(join(tmpdir(), 'tiltlab-'));
    const file = join(folder, 'scenario.json');
    if (browser === 'Chromium') {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save as a file' }).click(),
      ]);
      await download.saveAs(file);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(three);
    } else writeFileSync(file, JSON.stringify(three));
    await visit('');
    await page.locator('.file input').setInputFiles(file);
    await settled(three);
    writeFileSync(file, '{"model": 3, "budget": {"kl": 1}}');
    await page.locator('.file input').setInputFiles(file);
    await page.locator('.editor [role=alert]').waitFor();
    expect(await page.locator('.editor [role=alert]').textContent()).toContain(
      'scenario.json: model: 3 is not an object',
    );
    await settled(three);
  });

  test('each exhibit of the gallery opens, under 300 characters of link', async () => {
    await visit('');
    const names = await page.$$eval('.gallery b', (titles) => titles.map((title) => title.textContent ?? ''));
    expect(names.length).toBeGreaterThanOrEqual(8);
    for (const name of names.slice(1)) {
      const before = await hash();
      await page.locator('.gallery button', { hasText: name }).click();
      await page.waitForFunction((old) => location.hash !== old, before);
      expect((await hash()).length, name).toBeLessThan(300);
      expect(decodeLink(await hash()).problems).toEqual([]);
    }
  });

  test('no script failed', () => {
    expect(errors).toEqual([]);
  });
});
