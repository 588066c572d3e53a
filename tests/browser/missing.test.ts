import type { BrowserContext, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeLink, engine, type Scenario, stampOf } from '../engine/engine.js';
import { labelClashes, openChromium, rollDice, serve } from './browser.js';

const memoryless = (length: number, p: number[], reward: number[]): Scenario => ({
  v: 1,
  model: { kind: 'memoryless', length, tokens: p.map((weight, i) => ({ p: weight, reward: reward[i] as number })) },
  budget: { kl_per_token: 0.1 },
});

const models: [name: string, scenario: Scenario, note: string, dice: boolean][] = [
  [
    'not known to a thousandth',
    memoryless(557, [0.5, 0.25, 0.15, 0.1], [0, 1, 2, 3.0001]),
    'left out: the KL from best-of-N to KL-RL, what it leaves at equal KL.',
    false,
  ],
  [
    'past 1.8e308',
    memoryless(1e9, [0.5, 0.5], [0, 1e300]),
    'the base’s reward, the largest reward, KL-RL’s reward, best-of-N’s reward',
    true,
  ],
];

describe.each(models)('a page of numbers %s', (_, scenario, note, dice) => {
  let server: PreviewServer;
  let url: string;
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];
  const wrong = /.{0,80}\b(?:NaN|null|undefined|Infinity)\b.{0,40}/g;
  /** Words and attributes, in which no number may be missing without being said so. */
  const faults = async () => (await page.content()).match(wrong) ?? [];

  beforeAll(async () => {
    ({ server, url } = await serve());
    context = await openChromium({ viewport: { width: 1280, height: 7000 } });
    page = await context.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(url + encodeLink(scenario, stampOf(engine.evaluate(scenario))));
    await page.waitForSelector('html[data-ready=true]');
    // All figures are in view, and each draws something once the engine has got to it.
    await page.waitForFunction(() =>
      [...document.querySelectorAll('tilt-figure')].every((f) => f.querySelector('.axis, .area')),
    );
  }, 60_000);

  afterAll(async () => {
    await context?.close();
    await server?.close();
  });

  test('shows none that is not there, and says why', async () => {
    expect(await faults()).toEqual([]);
    expect(await page.textContent('.notes')).toContain(note);
    expect(await labelClashes(page)).toEqual([]);
  });

  test('says that its link is reproduced', async () => {
    expect(await page.getAttribute('.verdict', 'data-verdict')).toBe('reproduced');
  });

  test('has tables and read-outs without holes', async () => {
    for (const button of await page.getByRole('button', { name: 'Data table' }).all()) await button.click();
    await page.waitForFunction(
      () => document.querySelectorAll('tilt-figure .table').length === document.querySelectorAll('tilt-figure').length,
    );
    expect(await faults()).toEqual([]);
    for (const figure of await page.locator('tilt-figure svg').all()) {
      await figure.press('End');
      expect(await faults()).toEqual([]);
    }
  });

  test.runIf(dice)('rolls dice', async () => {
    const run = await rollDice(page);
    await page.waitForSelector('.dice table');
    await run.waitFor();
    expect(await faults()).toEqual([]);
    expect(await page.textContent('.dice table')).toContain('not known');
  });

  test('nothing was logged as an error', () => {
    expect(errors).toEqual([]);
  });
});
