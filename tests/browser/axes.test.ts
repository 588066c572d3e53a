import { readFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeLink, engine, type Scenario, stampOf } from '../engine/engine.js';
import { openChromium, openFirefox } from './browser.js';
import { type Host, host } from './host.js';

/** What stands on the vertical axis of the frontier, as the reader chooses. */

const size = 50;
const proxy: Scenario = {
  v: 1,
  model: {
    kind: 'finite',
    outcomes: Array.from({ length: size }, (_, i) => {
      const u = (i + 0.5) / size;
      return { p: 1 / size, reward: i / 100, gold: Number((u ** 12 * (1 - u) * 33).toFixed(6)) };
    }),
  },
  budget: { n: 64 },
};
const link = encodeLink(proxy, stampOf(engine.evaluate(proxy)));

let site: Host;
let chromium: BrowserContext;
let firefox: BrowserContext;
beforeAll(async () => {
  site = await host({});
  [chromium, firefox] = await Promise.all([openChromium({ acceptDownloads: true }), openFirefox()]);
});
afterAll(async () => {
  await Promise.all([chromium.close(), firefox.close()]);
  site.close();
});

const axes = (page: Page) => page.getByRole('toolbar', { name: 'Vertical axis of Reward against KL' });
const choice = (page: Page, name: string) => axes(page).getByRole('button', { name, exact: true });
const pressed = (page: Page) => axes(page).locator('[aria-pressed=true]').allTextContents();
const caption = (page: Page) => page.locator('tilt-figure').first().locator('figcaption');
const axisName = (page: Page) => page.locator('tilt-figure').first().locator('.axis-name').first();

async function open(context: BrowserContext, hash: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1280, height: 900 });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${site.url}/tilt/${hash}`);
  await page.waitForSelector('html[data-ready=true]');
  await axes(page).waitFor();
  return { page, complaints };
}

describe.each([
  ['Chromium', () => chromium],
  ['Firefox', () => firefox],
] as const)('in %s', (_, context) => {
  test('keys choose it, nothing moves, and the choice outlives what is shown', async () => {
    const { page, complaints } = await open(context(), link);
    const place = () =>
      page
        .locator('.plot svg')
        .first()
        .evaluate((plot) => plot.getBoundingClientRect().top);
    const top = await place();
    expect(await axes(page).getByRole('button').allTextContents()).toEqual(['reward', 'win rate', 'gold']);
    expect(await pressed(page)).toEqual(['reward']);
    await choice(page, 'reward').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await expect.poll(() => caption(page).textContent()).toContain('Past its peak, more KL buys less gold.');
    expect(await pressed(page)).toEqual(['gold']);
    expect(await axisName(page).textContent()).toContain('gold');
    expect(await page.locator('.peak').count()).toBe(2);
    expect(await page.locator('.label', { hasText: 'N = 12.9' }).count()).toBe(1);
    expect(await place()).toBe(top);
    // Another budget is another view of the same choice.
    const before = await page.locator('.label.best-of-n.strong').textContent();
    await page.getByRole('slider', { name: 'Line of the budget' }).first().press('ArrowLeft');
    await expect.poll(() => page.locator('.label.best-of-n.strong').textContent()).not.toBe(before);
    expect(await pressed(page)).toEqual(['gold']);
    expect(await axisName(page).textContent()).toContain('gold');
    await choice(page, 'reward').click();
    await expect.poll(() => axisName(page).textContent()).toContain('expected reward');
    expect(await page.locator('.peak').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a model without gold is not asked for it, and keeps the choice for one that has it', async () => {
    const { page } = await open(context(), link);
    await choice(page, 'gold').click();
    await expect.poll(() => axisName(page).textContent()).toContain('gold');
    await page.evaluate(() => {
      location.hash = '#v=1&model=finite&p=0.5,0.3,0.2&r=0,1,3&n=8&seed=1';
    });
    await expect.poll(() => axisName(page).textContent()).toContain('expected reward');
    expect(await axes(page).getByRole('button').allTextContents()).toEqual(['reward', 'win rate']);
    expect(await pressed(page)).toEqual(['reward']);
    await page.evaluate((back) => {
      location.hash = back;
    }, link);
    await expect.poll(() => axisName(page).textContent()).toContain('gold');
    await page.close();
  });
});

test('the table and files hold what is drawn', async () => {
  const { page } = await open(chromium, link);
  const figure = page.locator('tilt-figure').first();
  const names = () => figure.locator('.table th').allTextContents();
  await figure.getByRole('button', { name: 'Data table' }).click();
  const ofReward = await names();
  expect(ofReward).toContain('reward of best-of-N');
  await choice(page, 'win rate').click();
  await expect.poll(names).toEqual(ofReward.map((name) => name.replace('reward', 'win rate')));
  await choice(page, 'gold').click();
  await expect.poll(names).toContain('N at the peak of best-of-N');
  const saved = async (kind: string) => {
    await figure.locator('.save summary').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      figure.getByRole('button', { name: kind, exact: true }).click(),
    ]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
  };
  const csv = await saved('CSV');
  expect(csv.name).toBe('tilt-lab-frontier-gold.csv');
  expect(csv.text).toContain('gold of best-of-N');
  const { columns, figure: of } = JSON.parse((await saved('JSON')).text) as {
    figure: string;
    columns: { name: string; values: number[] }[];
  };
  expect(of).toBe('frontier-gold');
  const { paths } = engine.view(proxy, { klEnd: 2 * Math.log(64), curves: [], statements: ['paths'] }).statements;
  const column = (name: string) => columns.find((each) => each.name === name)?.values;
  expect(column('N at the peak of best-of-N')?.[0]).toBeCloseTo(paths?.best_of_n.peak?.n ?? 0, 9);
  expect(column('gold of KL-RL')?.[0]).toBe(paths?.kl_rl.gold?.[0]);
  const svg = await saved('SVG');
  expect(svg.text).toContain('expected gold reward');
  expect(svg.text).toContain('N = 12.9');
  await page.close();
});

test('it stands in the address, and a link opens on it', async () => {
  const { page } = await open(chromium, link);
  await choice(page, 'gold').click();
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('&axis=gold&');
  const shared = await page.evaluate(() => location.hash);
  await choice(page, 'reward').click();
  await expect.poll(() => page.evaluate(() => location.hash)).not.toContain('axis=');
  await page.goto('about:blank');
  await page.goto(`${site.url}/tilt/${shared}`);
  await expect.poll(() => axisName(page).textContent()).toContain('gold');
  expect(await pressed(page)).toEqual(['gold']);
  // The link still says what it reproduces.
  await page.getByText('reproduced', { exact: false }).first().waitFor();
  await page.close();
  const { page: other } = await open(chromium, link.replace('&e=', '&axis=luck&e='));
  expect(await pressed(other)).toEqual(['reward']);
  await other.getByText('link.axis: "luck" is not one of reward, win_rate, gold, which is passed over').waitFor();
  await other.close();
});

test('an embed of such a link shows it', async () => {
  const page = await chromium.newPage();
  await page.goto(`${site.url}/tilt/embed.html?view=frontier${link.replace('&e=', '&axis=win_rate&e=')}`);
  await expect.poll(() => axisName(page).textContent()).toContain('win rate');
  await page.close();
});

test('fingers hit it on a phone', async () => {
  const context = await openChromium({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
  const { page } = await open(context, link);
  await page.setViewportSize({ width: 390, height: 800 });
  for (const name of ['reward', 'win rate', 'gold']) {
    const box = await choice(page, name).boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect(box?.width).toBeGreaterThanOrEqual(40);
  }
  await choice(page, 'win rate').tap();
  await expect.poll(() => axisName(page).textContent()).toContain('win rate');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await context.close();
});
