import type { BrowserContext, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engine, type Scenario } from '../engine/engine.js';
import { boxAtRest, labelClashes, openChromium, serve } from './browser.js';

let server: PreviewServer;
let url: string;
let context: BrowserContext;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  ({ server, url } = await serve());
  context = await openChromium({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(url);
  await page.waitForSelector('html[data-ready=true]');
}, 60_000);

afterAll(async () => {
  await context?.close();
  await server?.close();
});

const text = (length: number, rate: number): Scenario => ({
  model: { kind: 'text', source: 'moby-dick', order: 0, length },
  budget: { kl_per_token: rate },
});

/** The sentence's numbers by the report's field. */
const stated = () =>
  page.$$eval('[data-field]', (marks) =>
    Object.fromEntries(marks.map((mark) => [mark.getAttribute('data-field'), Number(mark.getAttribute('data-value'))])),
  );

const expected = (scenario: Scenario) => {
  const { budget, best_of_n, kl_rl, kl_rl_at_bon_kl, gap } = engine.evaluate(scenario);
  const length = 'length' in scenario.model ? scenario.model.length : 1;
  return {
    'budget.kl': budget.kl,
    'best_of_n.kl': best_of_n.kl,
    'kl_rl_at_bon_kl.reward': kl_rl_at_bon_kl.reward,
    'budget.log_n': budget.log_n,
    'best_of_n.reward': best_of_n.reward,
    'kl_rl.reward': kl_rl.reward,
    gap_per_token: Number(gap.reward) / length,
  };
};

const settled = (field: string, value: number) =>
  page.waitForFunction(
    ([name, wanted]) => Number(document.querySelector(`[data-field="${name}"]`)?.getAttribute('data-value')) === wanted,
    [field, value] as const,
  );

/** Drags a slider's thumb to a share of its track. */
async function drag(name: string, share: number) {
  const slider = page.getByRole('slider', { name }).first();
  const box = await boxAtRest(slider);
  const now = Number(await slider.inputValue()) / Number(await slider.getAttribute('max'));
  const x = (at: number) => box.x + 10 + at * (box.width - 20);
  await page.mouse.move(x(now), box.y + box.height / 2);
  await page.mouse.down();
  for (let i = 1; i <= 12; i++) await page.mouse.move(x(now + ((share - now) * i) / 12), box.y + box.height / 2);
  await page.mouse.up();
}

describe('the page in Chromium', () => {
  test('draws its three figures from the words of Moby-Dick', async () => {
    // Those that are not in view have not been drawn yet.
    await page.locator('[data-figure=gap]').scrollIntoViewIfNeeded();
    // They take turns: the last of the three may come a frame later.
    await page.waitForFunction(() =>
      ['frontier', 'laws', 'gap'].every((name) => document.querySelector(`[data-figure=${name}] .curve`)),
    );
    expect(
      await page.$$eval('tilt-figure svg', (figures) =>
        figures.slice(0, 3).map((f) => f.querySelectorAll('.curve').length),
      ),
    ).toEqual([2, 3, 2]);
    expect(await stated()).toMatchObject(expected(text(40, 0.2)));
  });

  test('one draw of each policy: the same for the same seed, others on demand', async () => {
    const read = async () => {
      await page.waitForSelector('.draft output');
      return page.$$eval('.drafts > .draft', (rows) =>
        rows.map((row) => ({
          words: row.querySelector('p')?.textContent?.trim().split(/\s+/).length,
          text: row.textContent,
        })),
      );
    };
    const first = await read();
    expect(first.map((row) => row.words)).toEqual([40, 40, 40]);
    expect(await page.locator('.losers summary').textContent()).toBe('12 of the 2,980 thrown away');
    expect(await page.locator('.draft .gain').count()).toBeGreaterThan(3);
    await page.getByRole('button', { name: 'Draw again' }).click();
    await page.waitForFunction((old) => document.querySelector('.draft')?.textContent !== old, first[0]?.text);
    // The link carries what was drawn.
    const second = await read();
    expect(await page.evaluate(() => location.hash)).toContain('seed=2');
    await page.reload();
    await page.waitForSelector('html[data-ready=true]');
    await expect.poll(read).toEqual(second);
    await page.goBack();
    await expect.poll(read).toEqual(first);
  });

  test('a dragged budget changes the sentence to what evaluate says', async () => {
    await drag('KL budget', 0.75);
    await settled('budget.kl', 12);
    expect(await stated()).toMatchObject(expected(text(40, 0.3)));
  });

  test('a dragged length changes the sentence to what evaluate says', async () => {
    await drag('Length', 1);
    await page.waitForFunction(() =>
      document.querySelector('tilt-slider[name="Length"]')?.textContent?.includes('words'),
    );
    await settled('budget.kl', 3e8);
    expect(await stated()).toMatchObject(expected(text(1e9, 0.3)));
    await page.getByText('Drafts of up to 400 are written out; these are longer.').waitFor();
    await page.getByRole('slider', { name: 'Length' }).first().press('Home');
    await settled('budget.kl', 0.3);
    expect(await stated()).toMatchObject(expected(text(1, 0.3)));
  });

  test('a typed value is taken, a wrong one is refused by name and rule and the last figures stay', async () => {
    const field = page.getByRole('textbox', { name: /^Length/ }).first();
    await field.fill('1,000');
    await field.press('Enter');
    await settled('budget.kl', 300);
    await field.fill('2.5');
    await field.press('Enter');
    expect(await page.getByRole('alert').textContent()).toBe('Length: 2.5 is not a whole number from 1 to a billion');
    expect(await stated()).toMatchObject(expected(text(1000, 0.3)));
  });

  test.each([390, 820, 1440])('labels neither overlap nor leave the figure at %i px', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForTimeout(100);
    const clashes = await labelClashes(page);
    expect(clashes).toEqual([]);
  });

  test('nothing was logged as an error', () => {
    expect(errors).toEqual([]);
  });
});

test('words with a memory have drafts too, and the best of more than anybody draws is one that its law drew', async () => {
  // In a browser of its own, after the others: theirs stands still now and then once another has come and gone.
  const own = await openChromium({ viewport: { width: 1440, height: 900 } });
  const other = await own.newPage();
  await other.goto(`${url}#v=1&order=1&length=60&kl_per_token=0.3`);
  const rows = other.locator('.drafts > .draft');
  const best = rows.filter({ hasText: 'Best of 66 million' });
  await best.getByText('its reward drawn by its exact law, then a draft that earns it').waitFor();
  for (const row of await rows.all()) {
    const words = (await row.locator('p').textContent())?.trim().split(/\s+/);
    expect(words?.length).toBe(60);
  }
  expect(await best.locator('.gain').count()).toBeGreaterThan(5);
  await own.close();
});
