import { readdirSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../../web/engine/simulation.js';
import { gallery } from '../../web/scenario/gallery.js';
import { number, whole } from '../../web/words/format.js';
import { decodeLink, encodeLink, engine, type Scenario, stampOf } from '../engine/engine.js';
import { openChromium, openFirefox, rollDice, serve } from './browser.js';

let server: PreviewServer;
let url: string;

const three: Scenario = {
  v: 1,
  model: {
    kind: 'memoryless',
    length: 30,
    tokens: [
      { p: 0.5, reward: 0 },
      { p: 0.3, reward: 1 },
      { p: 0.2, reward: 3 },
    ],
  },
  budget: { n: 50 },
  simulation: { seed: 11, replicates: 1234 },
};

beforeAll(async () => {
  ({ server, url } = await serve());
}, 60_000);

afterAll(async () => {
  await server?.close();
});

/** What `size` of the built site's own workers find, the blocks dealt out among them from the last to the first. */
const inWorkers = (page: Page, scenario: Scenario, size: number) => {
  // The name and the eight letters of its content: of other workers' names it is the beginning.
  const script = readdirSync(new URL('../../dist/assets', import.meta.url)).find((name) =>
    /^worker-.{8}\.js$/.test(name),
  );
  return page.evaluate(
    ({ address, scenario: s, count, workers: wanted }) =>
      new Promise<string>((resolve, reject) => {
        const blocks: { index: number; sums: number[] }[] = [];
        const workers = Array.from({ length: wanted }, () => {
          const worker = new Worker(address, { type: 'module' });
          worker.onerror = () => reject(new Error('the worker failed'));
          worker.onmessage = ({ data }) => {
            if (data.type === 'block') blocks.push({ index: data.block, sums: data.sums });
            if (data.type === 'block-error') reject(new Error(data.message));
            if (data.type === 'simulated') resolve(JSON.stringify(data.simulated));
            if (data.type === 'block' && blocks.length === count)
              worker.postMessage({ type: 'summarise', scenario: s, blocks });
          };
          return worker;
        });
        for (let block = count - 1; block >= 0; block--)
          workers[block % wanted]?.postMessage({ type: 'block', scenario: s, block });
      }),
    { address: `${url}assets/${script}`, scenario, count: blocksOf(scenario).count, workers: size },
  );
};

const opened = (scenario: Scenario) => url + encodeLink(scenario, stampOf(engine.evaluate(scenario)));

const simulation = { seed: 2, replicates: 300 };
/** Of every kind that is drawn beside tokens and outcomes, an exhibit. */
const drawn = [
  'A lasting chain',
  'Moby-Dick remembers',
  'A reward that pays to exceed',
  'Prompts of different worth',
].map((name): [string, Scenario] => {
  const { scenario } = gallery.find((exhibit) => exhibit.name === name) as (typeof gallery)[number];
  return [name, { ...scenario, budget: { n: 4 }, simulation }];
});

describe.each([
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
] as const)('the dice in %s', (_, openBrowser) => {
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    context = await openBrowser({ viewport: { width: 1280, height: 1800 } });
    page = await context.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(opened(three));
    await page.waitForSelector('html[data-ready=true]');
  }, 60_000);

  afterAll(async () => {
    await context?.close();
  });

  test('a simulation gives the bytes that Node gives, by every method, with 1, 2 and 5 workers', async () => {
    for (const method of ['tokens', 'types', 'order'] as const) {
      const scenario = { ...three, simulation: { ...three.simulation, method } };
      const wanted = JSON.stringify(await engine.simulate(scenario));
      for (const size of [1, 2, 5]) expect(await inWorkers(page, scenario, size)).toBe(wanted);
    }
  });

  test('Run shows the estimates beside the exact values, and dots on the frontier', async () => {
    const found = await engine.simulate(three);
    await rollDice(page);
    await page.waitForFunction(
      (replicates) => document.querySelector('.dice .hint')?.textContent?.startsWith(replicates),
      `${whole(1234)} replicates`,
    );
    const cells = await page.$$eval('.dice tbody td[data-label=reward]', (all) =>
      all.map((cell) => cell.textContent ?? ''),
    );
    for (const [k, policy] of [found.model, found.best_of_n, found.kl_rl].entries()) {
      expect(cells[k]).toContain(number(policy.reward.mean, 5));
      expect(cells[k]).toContain(`exact ${number(policy.reward.exact, 5)}`);
    }
    await expect.poll(() => page.locator('[data-figure=frontier] .whisker').count()).toBe(2);
    await page.locator('[data-figure=gap]').scrollIntoViewIfNeeded();
    await page.waitForSelector('[data-figure=gap] .whisker');
    await page.evaluate(() => window.scrollTo(0, 0));
  });

  test('what is printed is consistent, and importance weights are shown as what fails', async () => {
    const rows = await page.$$eval('.dice tbody tr', (all) =>
      all.map((row) => row.textContent?.replace(/\s+/g, ' ') ?? ''),
    );
    const read = (text: string) => Number(text.replaceAll(',', '').replace('−', '-'));
    for (const [, low, high, exact, outside] of rows
      .join(' ')
      .matchAll(/\((-?[\d.,−]+)(?: %)? to (-?[\d.,−]+)(?: %)?\) exact (-?[\d.,−]*\d)(?: %)?(, outside)?/g)) {
      const inside = read(low as string) <= read(exact as string) && read(exact as string) <= read(high as string);
      // What is not counted is never called outside.
      if (outside) expect(inside).toBe(false);
    }
    const weights = rows.find((row) => row.includes('by weights')) ?? '';
    expect(weights).toMatch(/[\d.,]+ of [\d.,]+( million)? count, for base drafts rarely look like KL-RL’s/);
    expect(weights).not.toContain('outside');
    expect(await page.locator('.dice .hint').first().textContent()).toMatch(
      /Of 6 intervals for reward and win rate, [3-6] hold the exact value; at least 19 in 20 should\./,
    );
  });

  test('a worker terminated in mid-run loses nothing', async () => {
    const long: Scenario = {
      ...three,
      budget: { n: 3000 },
      simulation: { seed: 5, replicates: 3000, method: 'tokens' },
    };
    const found = await engine.simulate(long);
    await page.goto('about:blank');
    await page.addInitScript(() => {
      const made: Worker[] = [];
      const Original = window.Worker;
      window.Worker = class extends Original {
        constructor(...args: ConstructorParameters<typeof Worker>) {
          super(...args);
          made.push(this);
        }
      };
      (window as unknown as { made: Worker[] }).made = made;
    });
    await page.goto(opened(long));
    await rollDice(page);
    await page.waitForSelector('.dice table');
    // The first is the page's own engine; those after it draw.
    const killed = await page.evaluate(() => {
      const workers = (window as unknown as { made: Worker[] }).made.slice(1);
      for (const worker of workers) worker.terminate();
      return workers.length;
    });
    expect(killed).toBeGreaterThan(0);
    await page.waitForFunction(
      (replicates) => document.querySelector('.dice .hint')?.textContent?.startsWith(replicates),
      `${whole(3000)} replicates`,
    );
    // The drafts asked for while partial results came in are there too.
    await page.waitForSelector('.draft output');
    expect(await page.locator('.drafts > .draft').count()).toBe(3);
    const cell = await page.locator('.dice tbody td[data-label=reward]').nth(1).textContent();
    expect(cell).toContain(number(found.best_of_n.reward.mean, 5));
    await page.goto('about:blank');
    await page.goto(opened(three));
    await rollDice(page);
    await page.waitForSelector('.dice table');
  });

  test('another budget takes the dice away', async () => {
    await page.getByRole('slider', { name: 'KL budget' }).first().press('ArrowRight');
    await page.waitForFunction(() => !document.querySelector('.whisker') && !document.querySelector('.dice table'));
  });

  test('seed, replicates and method travel in the link; what is no number is refused', async () => {
    const field = page.getByLabel('Seed');
    await field.fill('');
    await field.pressSequentially('77');
    await field.press('Enter');
    await page.waitForFunction(() => location.hash.includes('seed=77'));
    expect(decodeLink(page.url()).scenario.simulation).toEqual({ seed: 77, replicates: 1234 });
    const replicates = page.getByLabel('Replicates');
    await replicates.fill('');
    await replicates.pressSequentially('many');
    await replicates.press('Enter');
    expect(await page.locator('.dice [role=alert]').textContent()).toBe(
      'replicates: many is not a whole number from 1 to 100,000,000',
    );
  });

  test('a long run shows its progress and is cancelled', async () => {
    await page.goto('about:blank');
    await page.goto(opened({ ...three, budget: { n: 30000 }, simulation: { replicates: 60000, method: 'tokens' } }));
    await rollDice(page);
    await page.waitForFunction(() =>
      /\d a second, \d+ (s|min|h) left/.test(document.querySelector('.progress')?.textContent ?? ''),
    );
    // Partial results are there, and the page still answers.
    await page.waitForSelector('.dice table');
    await page.getByRole('slider', { name: 'Length' }).first().focus();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor({ timeout: 1000 });
    expect(await page.locator('.progress').count()).toBe(0);
  });

  test('a view that never ends is given up for the next', async () => {
    await page.goto('about:blank');
    await page.addInitScript(() => {
      const Original = window.Worker;
      // A worker whose view of 777 drafts is never done.
      window.Worker = class extends Original {
        stuck = false;
        override postMessage(message: { type: string; scenario?: { budget: { n?: number } } }) {
          if (message.type === 'view' && message.scenario?.budget.n === 777) this.stuck = true;
          super.postMessage(message);
        }
        override set onmessage(handle: (event: MessageEvent) => void) {
          super.onmessage = (event: MessageEvent) => {
            if (!(this.stuck && event.data.type === 'view')) handle(event);
          };
        }
      };
    });
    await page.goto(opened(three));
    await page.waitForSelector('html[data-ready=true]');
    await page.evaluate(
      (link) => {
        location.hash = new URL(link).hash;
      },
      opened({ ...three, budget: { n: 777 } }),
    );
    await page.waitForTimeout(50);
    const start = performance.now();
    await page.evaluate(
      (link) => {
        location.hash = new URL(link).hash;
      },
      opened({ ...three, budget: { n: 60 } }),
    );
    await page.waitForFunction(() =>
      /\b60\b/.test(document.querySelector('.sentence, [data-sentence], main')?.textContent ?? ''),
    );
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test.each(drawn)('what is drawn: %s', async (_, scenario) => {
    await page.goto('about:blank');
    await page.goto(opened(scenario));
    await page.waitForSelector('html[data-ready=true]');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.waitForSelector('.dice tbody');
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
    const { model, best_of_n, kl_rl } = await engine.simulate(scenario);
    const cells = await page.$$eval('.dice tbody td[data-label=reward]', (all) =>
      all.map((cell) => cell.textContent ?? ''),
    );
    for (const [k, { reward }] of [model, best_of_n, kl_rl].entries())
      expect(cells[k]).toContain(number(reward.mean, 5));
  });

  test('nothing was logged as an error', () => {
    expect(errors).toEqual([]);
  });
});
