import type { BrowserContext, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statementNames } from '../../web/engine/statements.js';
import { directions } from '../../web/figures/both-directions.js';
import { cumulants } from '../../web/figures/cumulants.js';
import { dual } from '../../web/figures/dual.js';
import type { Figure } from '../../web/figures/figure.js';
import { fixed } from '../../web/figures/fixed-n.js';
import { divergence } from '../../web/figures/kl-to-optimum.js';
import { near } from '../../web/figures/near-optimum.js';
import { rates } from '../../web/figures/rates.js';
import { renyi } from '../../web/figures/renyi.js';
import { divergences } from '../../web/figures/renyi-divergence.js';
import { simplex } from '../../web/figures/simplex.js';
import { spending } from '../../web/figures/spending.js';
import { tangent } from '../../web/figures/tangent.js';
import { number } from '../../web/words/format.js';
import type { Shown } from '../../web/words/shown.js';
import { encodeLink, engine, type Scenario, stampOf } from '../engine/engine.js';
import { labelClashes, openChromium, serve } from './browser.js';

let server: PreviewServer;
let url: string;
let context: BrowserContext;
let page: Page;
const errors: string[] = [];

const moby: Scenario = {
  model: { kind: 'text', source: 'moby-dick', order: 0, length: 40 },
  budget: { kl_per_token: 0.2 },
};
const three: Scenario = {
  model: {
    kind: 'memoryless',
    length: 160,
    tokens: [
      { label: 'dull', p: 0.5, reward: 0 },
      { label: 'fine', p: 0.3, reward: 1 },
      { label: 'grand', p: 0.2, reward: 3 },
    ],
  },
  budget: { kl_per_token: 0.2 },
};
const bell: Scenario = { model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { kl: 2 } };
const single: Scenario = {
  model: {
    kind: 'finite',
    outcomes: [
      { p: 0.7, reward: 0 },
      { p: 0.2, reward: 1 },
      { p: 0.1, reward: 4 },
    ],
  },
  budget: { kl: 0.5 },
};

/** Opens a scenario with everything in view. */
async function open(scenario: Scenario, width = 1440) {
  await page.goto('about:blank');
  await page.setViewportSize({ width, height: width < 500 ? 14000 : width < 1000 ? 10000 : 6500 });
  await page.goto(url + encodeLink(scenario, stampOf(engine.evaluate(scenario))));
  await page.waitForSelector('html[data-ready=true]');
  await page.waitForFunction(() =>
    [...document.querySelectorAll('tilt-story tilt-figure')].every((f) => f.querySelector('.curve, .area')),
  );
}

/** What Node's engine says that the page shows. */
const shownIn = (scenario: Scenario): Shown => ({
  scenario,
  simulated: null,
  view: engine.view(scenario, { klEnd: 16, statements: statementNames, near: { tilt: -0.3, bend: 0.8 } }),
  unit: scenario.model.kind === 'text' ? 'word' : scenario.model.kind === 'memoryless' ? 'token' : null,
});

const tableOf = async (name: string) => {
  const figure = page.locator(`[data-figure="${name}"]`);
  await figure.getByRole('button', { name: 'Data table' }).click();
  await figure.locator('table').waitFor();
  return figure
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)));
};

const rowsOf = (figure: Figure, shown: Shown) => {
  const columns = figure.columns(shown);
  const rows = Math.max(...columns.map(({ values }) => values.length));
  return Array.from({ length: rows }, (_, i) =>
    columns.map(({ values }) => {
      const value = values[i];
      return value === undefined ? '' : value === null ? '–' : number(value, 6);
    }),
  );
};

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

const onSequences = [spending, dual, tangent, near, divergence, directions, fixed, rates, cumulants, renyi];

describe('the statements on the page', () => {
  test.each([
    ['Moby-Dick', moby, onSequences],
    ['three tokens', three, [...onSequences, simplex]],
    ['a single draw', single, [spending, dual, tangent, simplex, near, renyi]],
    ['a bell curve', bell, [divergences]],
  ] as const)('every figure’s numbers are the engine’s: %s', async (_, scenario, figures) => {
    await open(scenario);
    const shown = shownIn(scenario);
    for (const figure of figures) {
      const rows = rowsOf(figure, shown);
      expect(rows.length).toBeGreaterThan(5);
      expect(await tableOf(figure.name), figure.name).toEqual(rows);
    }
  });

  test('each figure is drawn where nothing but a part of it is in view', async () => {
    await open(moby);
    await page.setViewportSize({ width: 1440, height: 340 });
    await page.reload();
    await page.waitForSelector('html[data-ready=true]');
    for (const { name } of onSequences) {
      await page.locator(`tilt-figure:has([data-figure="${name}"]) svg`).scrollIntoViewIfNeeded();
      await page.locator(`[data-figure="${name}"] svg`).locator('.curve, .fill').first().waitFor({ state: 'attached' });
      expect(await page.locator(`[data-figure="${name}"] figcaption`).textContent(), name).not.toContain('Nothing');
    }
  });

  test('the dual’s least value is stated', async () => {
    await open(three);
    expect(await page.locator('[data-figure="dual"] figcaption').textContent()).toContain(
      'the least bound is what the tilt earns, 1.6741 a token',
    );
  });

  test.each(onSequences.map((figure) => [figure.name]))('arrow keys read out %s', async (name) => {
    if (!(await page.locator('[data-figure="simplex"]').count())) await open(three);
    const drawing = page.locator(`[data-figure="${name}"] svg`);
    await drawing.press('Home');
    const spoken = () => page.locator(`[data-figure="${name}"] [aria-live=polite]`).textContent();
    const first = await spoken();
    await drawing.press('ArrowRight');
    expect(await spoken()).not.toBe(first);
    await drawing.press('Escape');
  });

  test('the reader’s own policy obeys the identity wherever it is dragged', async () => {
    await open(three);
    const hint = page.locator('.own .hint');
    for (const key of ['End', 'Home', 'ArrowRight']) {
      await page.getByRole('slider', { name: 'Tilt yours' }).press(key);
      await page.waitForTimeout(150);
      const [, byDefinition, byIdentity] =
        (await hint.textContent())?.match(/KL to the optimum is (\d+\.\d+), by the identity (\d+\.\d+)/) ?? [];
      expect(byDefinition).toBeDefined();
      expect(byDefinition).toBe(byIdentity);
    }
  });

  test('one budget moves every figure in view; those out of view say nothing', async () => {
    await open(three);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.locator('#rates').scrollIntoViewIfNeeded();
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.waitForTimeout(200);
    const path = (name: string) =>
      page.locator(`[data-figure="${name}"] .curve`).nth(1).getAttribute('d', { timeout: 5000 });
    const before = {
      frontier: await page.locator('[data-figure="frontier"] .dot').first().getAttribute('cx'),
      rates: await path('rates'),
    };
    await page.getByRole('slider', { name: 'KL budget' }).first().press('ArrowRight');
    await page.waitForFunction(
      (old) => document.querySelector('[data-figure="frontier"] .dot')?.getAttribute('cx') !== old,
      before.frontier,
    );
    // What they said of the old budget is gone until they are in view again.
    await expect.poll(() => page.locator('[data-figure="rates"] .curve').count()).toBe(0);
    expect((await page.locator('#rates p').textContent())?.trim()).toBe('');
    await page.locator('#rates').scrollIntoViewIfNeeded();
    await page.waitForFunction(
      (old) => document.querySelectorAll('[data-figure="rates"] .curve')[1]?.getAttribute('d') !== old,
      before.rates,
    );
  });

  test.each([
    [390, 'Moby-Dick', moby],
    [820, 'Moby-Dick', moby],
    [1440, 'Moby-Dick', moby],
    [390, 'three tokens', three],
    [1440, 'three tokens', three],
    [1440, 'a single draw', single],
    [390, 'a bell curve', bell],
  ] as const)('labels neither overlap nor leave their figures at %i px: %s', async (width, _, scenario) => {
    await open(scenario, width);
    await page.waitForTimeout(150);
    expect(await labelClashes(page)).toEqual([]);
  });

  test('nothing was logged as an error', () => {
    expect(errors).toEqual([]);
  });
});
