import type { Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aChain } from '../../web/scenario/gallery.js';
import { engine, type Scenario } from '../engine/engine.js';
import { openChromium, serve } from './browser.js';

let server: PreviewServer;
let url: string;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  ({ server, url } = await serve());
  const context = await openChromium({ viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(`${url}#v=1&model=memoryless&length=20&p=0.5,0.3,0.2&r=0,1,3&n=8`);
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true');
}, 60_000);

afterAll(async () => {
  await page?.context().close();
  await server?.close();
});

const hash = () => page.evaluate(() => location.hash);
/** What the address says that the tilt earns: words that are out of view are not there. */
const tilted = (scenario: Scenario) => `~${(engine.evaluate(scenario).kl_rl.reward as number).toPrecision(7)}`;
const cell = (name: string) => page.getByRole('textbox', { name });
const become = (kind: string) => page.getByRole('combobox', { name: 'One draw is' }).selectOption(kind);

describe('gold in the table', () => {
  test('is added, typed and in the address; the frontier is asked by it', async () => {
    await page.getByRole('button', { name: 'Add gold' }).click();
    await expect.poll(hash).toContain('gold=0,1,3');
    const gold = page.getByRole('textbox', { name: 'Gold reward of row 3' });
    await gold.fill('-1');
    await gold.press('Enter');
    await expect.poll(hash).toContain('gold=0,1,-1');
    await page.locator('[data-figure=frontier]').first().scrollIntoViewIfNeeded();
    await page.locator('[data-figure=frontier] .axes').getByRole('button', { name: 'gold', exact: true }).waitFor();
  });

  test('what is no number is kept as it was typed, and refused by row', async () => {
    const gold = page.getByRole('textbox', { name: 'Gold reward of row 2' });
    await gold.fill('much');
    await gold.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Row 2, gold reward: much is not a number' }).waitFor();
    expect(await gold.inputValue()).toBe('much');
    await page.getByRole('button', { name: 'Discard' }).click();
    expect(await gold.inputValue()).toBe('1');
  });

  test('is pasted as a fourth column, and removed', async () => {
    await page.locator('.editor tbody input').first().focus();
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text', 'a\t0.5\t0\t0\nb\t0.3\t1\t2\nc\t0.2\t3\t-4');
      document.activeElement?.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
      );
    });
    await expect.poll(hash).toContain('gold=0,2,-4');
    await page.getByRole('button', { name: 'Remove gold' }).click();
    await expect.poll(hash).not.toContain('gold=');
    expect(await page.getByRole('textbox', { name: /Gold reward/ }).count()).toBe(0);
  });
});

describe('a chain in the editor', () => {
  test('another kind begins with a chain of two states, and its address what it earns', async () => {
    await become('markov');
    await expect.poll(hash).toContain(tilted(aChain));
    expect(await cell('Probability of the step from state 1 to state 2').inputValue()).toBe('0.2');
  });

  test('a reward that is typed is the chain’s, in its address', async () => {
    await cell('Reward of the step from state 2 to state 2').fill('3');
    await cell('Reward of the step from state 2 to state 2').press('Enter');
    const model = {
      ...aChain.model,
      reward: [
        [0, 1],
        [0.3, 3],
      ],
    } as Scenario['model'];
    await expect.poll(hash).toContain(tilted({ ...aChain, model }));
    await expect.poll(hash).toContain('r=0,1;0.3,3');
  });

  test('rows that do not sum to 1 are kept as they were typed, with what is wrong; Discard gives the chain back', async () => {
    const before = await hash();
    await cell('Probability of the step from state 1 to state 2').fill('0.5');
    await cell('Probability of the step from state 1 to state 2').press('Enter');
    const alert = page.getByRole('alert').filter({ hasText: 'From state 1' });
    await alert.waitFor();
    expect(await alert.textContent()).toContain('probabilities sum to 1.3, not to 1');
    expect(await cell('Probability of the step from state 1 to state 2').inputValue()).toBe('0.5');
    expect(await hash()).toBe(before);
    await page.getByRole('button', { name: 'Discard' }).click();
    await expect.poll(() => cell('Probability of the step from state 1 to state 2').inputValue()).toBe('0.2');
    await expect.poll(() => page.getByRole('alert').filter({ hasText: 'From state 1' }).count()).toBe(0);
  });

  test('a state is added and removed, and Undo takes a step back', async () => {
    await page.getByRole('button', { name: 'Add a state' }).click();
    await cell('Probability of beginning in state 3').waitFor();
    await expect.poll(hash).toContain('initial=1,0,0');
    await page.getByRole('button', { name: 'Remove the last state' }).click();
    await expect.poll(hash).toContain('initial=1,0&');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(hash).toContain('initial=1,0,0');
  });

  test('from a chain the way leads back to a table', async () => {
    await become('memoryless');
    await expect.poll(hash).toContain('model=memoryless');
    expect(faults).toEqual([]);
  });
});

describe('a transform in the editor', () => {
  const kinds = () => page.getByRole('combobox', { name: 'A mean reward of x is worth' });
  const type = async (name: string, text: string) => {
    await page.locator('.transform').getByRole('textbox', { name }).fill(text);
    await page.locator('.transform').getByRole('textbox', { name }).press('Enter');
  };

  test('one that is chosen begins with numbers, and stands in the address and on the page', async () => {
    await kinds().selectOption('step');
    await expect.poll(hash).toContain('transform=step,0.6,1&');
    await page.locator('[data-figure="hull"]').waitFor();
  });

  test('a number that is typed is the transform’s; one that is refused is kept, with what is wrong', async () => {
    await type('height', '2');
    await expect.poll(hash).toContain('transform=step,0.6,2&');
    await kinds().selectOption('sigmoid');
    await expect.poll(hash).toContain('transform=sigmoid,0.6,0.1&');
    const before = await hash();
    await type('scale', '-1');
    const alert = page.getByRole('alert').filter({ hasText: 'Scale' });
    await alert.waitFor();
    expect(await alert.textContent()).toContain('-1 is not in (0, 1e+60]');
    expect(await hash()).toBe(before);
  });

  test('an end of a clip may be left out, and a table has a line a point', async () => {
    await kinds().selectOption('clip');
    await type('lower', '');
    await expect.poll(hash).toContain('transform=clip,,0.6&');
    await kinds().selectOption('table');
    const points = page.locator('.transform textarea');
    await points.fill('0 0\n1 2');
    await points.blur();
    await expect.poll(hash).toContain('transform=table,0,1;0,2&');
  });

  test('a single draw has none, and the reward may be left as it is', async () => {
    await become('finite');
    await expect.poll(hash).not.toContain('transform=');
    expect(await kinds().count()).toBe(0);
    await become('memoryless');
    await kinds().selectOption('indicator');
    await expect.poll(hash).toContain('transform=indicator,0.6&');
    await kinds().selectOption('none');
    await expect.poll(hash).not.toContain('transform=');
    expect(faults).toEqual([]);
  });
});

test('a text is given its memory in the editor, and in its address', async () => {
  await page.goto('about:blank');
  await page.goto(url);
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true');
  const memory = page.getByRole('checkbox', { name: 'Each word’s valence depends on the last one’s' });
  await memory.scrollIntoViewIfNeeded();
  await memory.check();
  const scenario: Scenario = {
    v: 1,
    model: { kind: 'text', source: 'moby-dick', order: 1, length: 40 },
    budget: { kl_per_token: 0.2 },
  };
  // The full module is loaded now.
  await expect.poll(hash, { timeout: 20_000 }).toContain('order=1');
  await expect.poll(hash).toContain(tilted(scenario));
  await memory.uncheck();
  await expect.poll(hash).not.toContain('order=');
  expect(faults).toEqual([]);
});
