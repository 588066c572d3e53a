import type { BrowserContext, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sections } from '../../web/page/sections.js';
import { aChain, gallery } from '../../web/scenario/gallery.js';
import { nats, number } from '../../web/words/format.js';
import { encodeLink, engine, type Scenario, stampOf } from '../engine/engine.js';
import { openChromium, serve } from './browser.js';

let server: PreviewServer;
let url: string;
let context: BrowserContext;
let page: Page;
const errors: string[] = [];

const golden: Scenario = {
  model: {
    kind: 'finite',
    outcomes: [
      { p: 0.5, reward: 0, gold: 1 },
      { p: 0.3, reward: 1, gold: 3 },
      { p: 0.15, reward: 3 },
      { p: 0.05, reward: 4, gold: 1 },
    ],
  },
  budget: { n: 5 },
};

/** Opens a scenario where one of its tables is in view, with its numbers. */
async function open(scenario: Scenario, table: string, width = 1440) {
  await page.goto('about:blank');
  await page.setViewportSize({ width, height: 900 });
  await page.goto(url + encodeLink(scenario, stampOf(engine.evaluate(scenario))));
  await page.waitForSelector('html[data-ready=true]');
  await page.locator('tilt-story section').last().scrollIntoViewIfNeeded();
  // Sections out of sight hold their room alone.
  const section = sections.find(({ tables = [] }) => tables.some(({ name }) => name === table));
  await page.locator(`#${section?.id}`).scrollIntoViewIfNeeded();
  const found = page.locator(`[data-table="${table}"]`);
  await found.scrollIntoViewIfNeeded();
  await found.locator('table:not([aria-busy])').first().waitFor();
  return found;
}

/** Rows as they stand: the name, then the cells. */
const rowsIn = (table: ReturnType<Page['locator']>) =>
  table
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent)));

const columnOf = async (table: ReturnType<Page['locator']>, column: number) =>
  (await rowsIn(table)).filter((row) => row.length > 2).map((row) => row[column]);

beforeAll(async () => {
  ({ server, url } = await serve());
  context = await openChromium({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
}, 60_000);

afterAll(async () => {
  await context?.close();
  await server?.close();
});

describe('every policy at one KL', () => {
  test('is sorted by reward at first, and its numbers are the engine’s', async () => {
    const table = await open(golden, 'equal-kl');
    const { equal } = engine.tables(golden, ['equal']);
    const all = [equal?.kl_rl, equal?.best_of_n, ...(equal?.policies ?? [])].flatMap((row) =>
      row && !row.refusal ? [row] : [],
    );
    const expected = all.map(({ reward }) => reward as number).sort((a, b) => b - a);
    expect(await columnOf(table, 1)).toEqual(expected.map((reward) => number(reward, 6)));
    expect(new Set(await columnOf(table, 4))).toEqual(new Set([nats(equal?.kl ?? null)]));
    expect(await table.locator('th[aria-sort=descending]').textContent()).toContain('reward');
  });

  test('is sorted by the column that is clicked, and the other way by a second click', async () => {
    const table = await open(golden, 'equal-kl');
    const gold = table.getByRole('button', { name: 'gold' });
    await gold.click();
    const values = async () => (await columnOf(table, 3)).map((text) => Number(text?.replace('−', '-')));
    const decreasing = await values();
    expect(decreasing).toEqual([...decreasing].sort((a, b) => b - a));
    expect(await table.locator('th:has-text("gold")').getAttribute('aria-sort')).toBe('descending');
    await gold.click();
    expect(await values()).toEqual([...decreasing].sort((a, b) => a - b));
    expect(await table.locator('th:has-text("gold")').getAttribute('aria-sort')).toBe('ascending');
    expect(await table.locator('th[aria-sort=descending]').count()).toBe(0);
  });

  test('a policy that has no numbers says why, below all that have', async () => {
    const table = await open(golden, 'equal-kl');
    const last = (await rowsIn(table)).slice(-2);
    expect(last).toEqual([
      ['soft best-of-n', 'has two parameters, and a KL tells neither'],
      ['mixture with the base', 'has two parameters, and a KL tells neither'],
    ]);
    await table.getByRole('button', { name: 'win rate' }).click();
    expect((await rowsIn(table)).slice(-2)).toEqual(last);
  });

  test('one tab stop, arrow keys from column to column, and Enter sorts', async () => {
    const table = await open(golden, 'equal-kl');
    expect(await table.locator('th button[tabindex="0"]').count()).toBe(1);
    await table.getByRole('button', { name: 'reward' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(() => table.locator('th[aria-sort=descending]').textContent()).toContain('win rate');
    const wins = (await columnOf(table, 2)).map((text) => Number.parseFloat(text ?? ''));
    expect(wins).toEqual([...wins].sort((a, b) => b - a));
    await page.keyboard.press('Space');
    await expect.poll(() => table.locator('th[aria-sort=ascending]').textContent()).toContain('win rate');
  });

  test('follows the budget, keeps the order that was chosen, and is busy meanwhile', async () => {
    const table = await open(golden, 'equal-kl');
    await table.getByRole('button', { name: 'win rate' }).click();
    const before = (await columnOf(table, 4))[0];
    await page.getByRole('slider', { name: 'KL budget' }).last().press('ArrowLeft');
    await expect.poll(async () => (await columnOf(table, 4))[0]).not.toBe(before);
    expect(await page.locator('[data-table="equal-kl"]').getAttribute('aria-busy')).toBeNull();
    expect(await table.locator('th[aria-sort=descending]').textContent()).toContain('win rate');
  });

  test('stands below a bell curve too, whose models have no statement', async () => {
    const bell: Scenario = { model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { kl: 2 } };
    const table = await open(bell, 'equal-kl');
    expect((await rowsIn(table)).length).toBeGreaterThan(8);
    expect(await page.locator('.letters').count()).toBe(0);
  });

  test('a phone scrolls it sideways within its place', async () => {
    await open(golden, 'equal-kl', 390);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});

test('each prompt has a row, and the sentence says where KL goes', async () => {
  const scenario = gallery.find(({ name }) => name === 'Two prompts')?.scenario as Scenario;
  const table = await open(scenario, 'prompts');
  const { prompts } = engine.tables(scenario, ['prompts']);
  expect(await columnOf(table, 2)).toEqual(prompts?.kl_rl_kl.map(nats));
  expect(await table.locator('.caption').textContent()).toContain('KL-RL spends on no prompt more than on prompt 1.');
});

test('a chain is shown with its first, middle and last step, and its limit', async () => {
  const table = await open(aChain, 'chain');
  expect(await table.locator('caption').allTextContents()).toEqual([
    'base',
    'KL-RL, first step',
    'KL-RL, step 10',
    'KL-RL, last step',
    'KL-RL, limit',
  ]);
  const { chain } = engine.tables(aChain, ['chain']);
  expect(await table.locator('table').nth(3).locator('td[style]').allTextContents()).toEqual(
    chain?.last.map((p) => number(p, 3)),
  );
});

test('nothing was logged as an error', () => {
  expect(errors).toEqual([]);
});
