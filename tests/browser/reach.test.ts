import type { BrowserContext, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gallery } from '../../web/scenario/gallery.js';
import { encodeLink, engine, type Scenario, stampOf } from '../engine/engine.js';
import { boxAtRest, openChromium, serve } from './browser.js';

/** That everything on the page can be reached: by pointer, touch and keys, from links as people mangle them, and back. */

let server: PreviewServer;
let url: string;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  ({ server, url } = await serve());
  context = await openChromium({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
}, 60_000);

afterAll(async () => {
  await context?.close();
  await server?.close();
});

const linkOf = (scenario: Scenario) => encodeLink(scenario, stampOf(engine.evaluate(scenario)));
const three: Scenario = {
  v: 1,
  model: {
    kind: 'memoryless',
    length: 160,
    tokens: [
      { p: 0.5, reward: 0 },
      { p: 0.3, reward: 1 },
      { p: 0.2, reward: 3 },
    ],
  },
  budget: { kl_per_token: 0.2 },
};

async function visit(address: string, on = page) {
  await on.goto('about:blank');
  await on.goto(url + address);
  await on.waitForSelector('html[data-ready=true]');
}
const stated = (field: string, on = page) =>
  on.$eval(`[data-field="${field}"]`, (mark) => Number(mark.getAttribute('data-value')));

describe('the line of the budget', () => {
  test('is dragged by a pointer, and selects no text', async () => {
    await visit('');
    const line = page.getByRole('slider', { name: 'Line of the budget' });
    const box = await boxAtRest(line);
    const entries = await page.evaluate(() => history.length);
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    await page.mouse.down();
    for (let i = 1; i <= 8; i++) await page.mouse.move(box.x + box.width / 2 - 20 * i, box.y + 60 + i);
    await page.mouse.up();
    await expect.poll(() => stated('budget.kl')).toBeLessThan(5);
    expect(await page.evaluate(() => String(getSelection()))).toBe('');
    await expect.poll(() => page.evaluate(() => history.length)).toBe(entries + 1);
    expect(await page.evaluate(() => location.hash)).toContain('kl_per_token=');
  });

  test('is moved by keys, of which ten in a row are one entry of the history', async () => {
    await visit('');
    const line = page.getByRole('slider', { name: 'Line of the budget' });
    await line.focus();
    const entries = await page.evaluate(() => history.length);
    for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => stated('budget.kl')).toBeCloseTo(8.4, 9);
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('kl_per_token=0.21');
    expect(await page.evaluate(() => history.length)).toBe(entries + 1);
    await page.goBack();
    await expect.poll(() => stated('budget.kl')).toBe(8);
  });

  test('the line at n moves the length', async () => {
    await visit('');
    await page.locator('[data-figure=gap]').scrollIntoViewIfNeeded();
    const line = page.getByRole('slider', { name: 'Line at n' });
    await line.focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('length=1000000000');
  });
});

test('undo keeps the page where it is', async () => {
  await visit(linkOf(three));
  await page.locator('#rates').scrollIntoViewIfNeeded();
  await page.locator('.dock').getByRole('slider', { name: 'KL budget' }).press('ArrowRight');
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('kl_per_token=0.201');
  const before = await page.evaluate(() => scrollY);
  expect(before).toBeGreaterThan(1000);
  await page.goBack();
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('kl_per_token=0.2&');
  await page.waitForTimeout(200);
  expect(Math.abs((await page.evaluate(() => scrollY)) - before)).toBeLessThan(3);
});

describe('addresses', () => {
  test('a section’s name scrolls to it, also while a scenario is shown', async () => {
    await visit('#rates');
    await expect
      .poll(() => page.locator('#rates').evaluate((e) => Math.abs(e.getBoundingClientRect().top)))
      .toBeLessThan(300);
    expect(await page.locator('.problem').count()).toBe(0);
    await visit(linkOf(three));
    await page.evaluate(() => {
      location.hash = '#moments';
    });
    await expect
      .poll(() => page.locator('#moments').evaluate((e) => Math.abs(e.getBoundingClientRect().top)))
      .toBeLessThan(300);
    expect(await page.locator('tilt-editor table tbody tr').count()).toBe(3);
  });

  test('a name that is none says so', async () => {
    await visit('#nowhere');
    expect(await page.locator('.problem').textContent()).toContain(
      '"nowhere" is neither a scenario nor a part of this',
    );
  });

  test.each([
    ['escaped as HTML', (link: string) => link.replaceAll('&', '&amp;')],
    ['wholly percent-encoded', (link: string) => `#${encodeURIComponent(link.slice(1))}`],
    ['with a field of some later day', (link: string) => `${link}&glow=1`],
  ])('%s, a link reproduces', async (_, mangle) => {
    await visit(mangle(linkOf({ ...three, title: 'A & B' })));
    await page.locator('[data-verdict=reproduced]').waitFor();
    expect(await page.locator('tilt-editor table tbody tr').count()).toBe(3);
  });

  test('a figure that a link names is scrolled to', async () => {
    await visit(`?view=fixed${linkOf(three)}`);
    await expect
      .poll(() => page.locator('[data-figure=fixed]').evaluate((e) => e.getBoundingClientRect().top))
      .toBeLessThan(900);
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(1000);
  });
});

describe('typed values', () => {
  const row = (i: number, name: string) => page.getByRole('textbox', { name: `${name} of row ${i}` });
  const type = async (i: number, name: string, text: string) => {
    await row(i, name).fill(text);
    await row(i, name).press('Enter');
  };

  test('are read as people write them, and refused by row and column', async () => {
    await visit(linkOf(three));
    const field = page.getByRole('textbox', { name: /^KL budget/ }).first();
    await field.fill('0,3');
    await field.press('Enter');
    await expect.poll(() => stated('budget.kl')).toBeCloseTo(48, 9);
    await field.fill('1x');
    await field.press('Enter');
    expect(await page.getByRole('alert').textContent()).toContain('1x is not a number from 0 to 1000');
    await page.getByRole('slider', { name: 'KL budget' }).first().press('ArrowLeft');
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    await page.locator('tilt-editor').scrollIntoViewIfNeeded();
    await type(1, 'Probability', 'abc');
    expect(await page.getByRole('alert').textContent()).toContain(
      'Row 1, probability: abc is not a number from 0 to 1',
    );
    await type(1, 'Probability', '50 %');
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    await type(3, 'Reward', '1/4');
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('r=0,1,0.25');
  });

  test('each is one entry of the history', async () => {
    await visit(linkOf(three));
    const entries = await page.evaluate(() => history.length);
    const field = page.getByRole('textbox', { name: /^KL budget/ }).first();
    await field.fill('0.25');
    await field.press('Enter');
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('kl_per_token=0.25');
    await page.keyboard.press('Tab');
    await page.locator('tilt-editor').scrollIntoViewIfNeeded();
    await type(3, 'Reward', '4');
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('r=0,1,4');
    expect(await page.evaluate(() => history.length)).toBe(entries + 2);
  });

  test('Escape gives the old value back', async () => {
    await visit(linkOf(three));
    await page.locator('tilt-editor').scrollIntoViewIfNeeded();
    await row(1, 'Reward').fill('77');
    await row(1, 'Reward').press('Escape');
    expect(await row(1, 'Reward').inputValue()).toBe('0');
  });
});

test('figures come back after another file of single draws, and after Back', async () => {
  const draw = (reward: number): Scenario => ({
    v: 1,
    model: {
      kind: 'finite',
      outcomes: [
        { p: 0.7, reward: 0 },
        { p: 0.3, reward },
      ],
    },
    budget: { kl: 0.3 },
  });
  const file = (scenario: Scenario) => ({
    name: 'one.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(scenario)),
  });
  const choose = page.locator('tilt-editor input[type=file]');
  const drawn = () => page.locator('[data-figure=renyi] .curve').first().waitFor({ state: 'attached', timeout: 5000 });
  await visit('');
  await page.locator('#moments').scrollIntoViewIfNeeded();
  await page.locator('[data-figure=cumulants] .curve').first().waitFor({ state: 'attached' });
  for (const reward of [1, 2]) {
    await choose.setInputFiles(file(draw(reward)));
    await expect.poll(() => page.evaluate(() => location.hash)).toContain(`r=0,${reward}`);
    await page.locator('[data-figure=renyi]').scrollIntoViewIfNeeded();
    await drawn();
    expect((await page.locator('[data-figure=renyi] figcaption').textContent())?.trim()).not.toBe('');
  }
  await page.goBack();
  await page.goBack();
  await page.locator('[data-figure=cumulants]').scrollIntoViewIfNeeded();
  await page.locator('[data-figure=cumulants] .curve').first().waitFor({ state: 'attached' });
});

test('by keys alone: at most 60 stops, none of them under the controls, and each says what it is', async () => {
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    await page.setViewportSize(viewport);
    await visit('');
    const stops: { name: string; isCovered: boolean }[] = [];
    await page.evaluate(() => {
      (window as unknown as { stops: Set<Element> }).stops = new Set();
    });
    for (let i = 0; i < 100; i++) {
      await page.keyboard.press('Tab');
      await page.waitForTimeout(30);
      const look = () =>
        page.evaluate(() => {
          const focused = document.activeElement;
          if (!focused || focused === document.body) return null;
          const { top, bottom } = focused.getBoundingClientRect();
          const dock = document.querySelector('.dock');
          const over = dock?.getBoundingClientRect();
          const label = focused.id && document.querySelector(`label[for="${focused.id}"]`)?.textContent;
          // A figure that is drawn anew under the focus gives it back: that is the same stop.
          const { stops } = window as unknown as { stops: Set<Element> };
          const isNew = !stops.has(focused);
          stops.add(focused);
          return {
            isNew,
            name: (
              focused.getAttribute('aria-label') ||
              label ||
              focused.closest('label')?.textContent ||
              focused.textContent ||
              ''
            ).trim(),
            isCovered:
              over !== undefined &&
              !dock?.contains(focused) &&
              getComputedStyle(dock as Element).position === 'sticky' &&
              top >= over.top &&
              bottom <= over.bottom + 1,
          };
        });
      let stop = await look();
      const isNew = stop?.isNew;
      // A figure that comes into view is drawn in the next frames.
      for (let k = 0; stop?.isCovered && k < 10; k++) {
        await page.waitForTimeout(50);
        stop = await look();
      }
      if (!stop) break;
      if (isNew) stops.push(stop);
    }
    expect(stops.length).toBeGreaterThan(30);
    expect(stops.length, stops.map(({ name }) => name.slice(0, 30)).join(' | ')).toBeLessThanOrEqual(60);
    expect(stops.filter(({ name }) => name === '')).toEqual([]);
    expect(stops.filter(({ isCovered }) => isCovered)).toEqual([]);
    expect(stops[0]?.name).toMatch(/^Skip to/);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('the main job by keys alone: a budget, a length, a link to hand on', async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await visit('');
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id ?? '');
  const tabTo = async (wanted: (name: string) => Promise<boolean> | boolean) => {
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press('Tab');
      if (await wanted(await focused())) return;
    }
    throw new Error('not reached');
  };
  const label = (name: string) => page.locator(`aside label:text-is("${name}")`).getAttribute('for');
  const [budget, length] = [await label('KL budget'), await label('Length')];
  await tabTo((name) => name === budget);
  // Typed on the slider, a number goes to its field.
  await page.keyboard.type('0.3');
  await page.keyboard.press('Enter');
  await expect.poll(() => stated('budget.kl')).toBeCloseTo(12, 9);
  await tabTo((name) => name === length);
  await page.keyboard.press('Enter');
  await page.keyboard.type('1k');
  await page.keyboard.press('Enter');
  await expect.poll(() => stated('budget.kl')).toBeCloseTo(300, 9);
  await page.evaluate(() => scrollTo(0, 0));
  await page.getByRole('button', { name: 'Share' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('tilt-share dialog[open]').waitFor();
  expect(await page.locator('[data-snippet=Link]').textContent()).toContain('length=1000&kl_per_token=0.3');
  await page.keyboard.press('Escape');
});

test('a model of the gallery, chosen by keys, takes the focus to the top and says so', async () => {
  await visit('');
  await page.locator('tilt-gallery').scrollIntoViewIfNeeded();
  await page.locator('tilt-gallery button').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => scrollY)).toBeLessThan(100);
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  await expect.poll(() => page.locator('main > [role=status]').textContent()).toBe('Moby-Dick remembers is shown.');
});

test('terms are explained where they stand, by tap and by key', async () => {
  await visit('');
  const term = page.getByRole('button', { name: 'KL, in nats' });
  await term.focus();
  await page.keyboard.press('Enter');
  const meaning = page.locator('.meaning:popover-open');
  expect(await meaning.textContent()).toContain('has spent one nat');
  const box = await meaning.boundingBox();
  expect((box?.x ?? -1) >= 0 && (box?.y ?? -1) >= 0).toBe(true);
  await page.keyboard.press('Escape');
  await meaning.waitFor({ state: 'hidden' });
});

describe('by touch at 390 x 664', () => {
  let phone: BrowserContext;
  let small: Page;
  beforeAll(async () => {
    phone = await openChromium({ viewport: { width: 390, height: 664 }, hasTouch: true, isMobile: true });
    small = await phone.newPage();
  });
  afterAll(() => phone?.close());

  /** A finger's way, in steps. */
  async function swipe(from: [number, number], to: [number, number]) {
    const session = await phone.newCDPSession(small);
    const at = ([x, y]: [number, number]) => [{ x, y }];
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(from) });
    for (let i = 1; i <= 10; i++)
      await session.send('Input.dispatchTouchEvent', {
        type: 'touchMove',
        touchPoints: at([from[0] + ((to[0] - from[0]) * i) / 10, from[1] + ((to[1] - from[1]) * i) / 10]),
      });
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  }
  const range = () => small.getByRole('slider', { name: 'KL budget' }).first();

  test('the figure and its controls are on the first screen', async () => {
    await visit('', small);
    const bottom = async (selector: string) =>
      small
        .locator(selector)
        .first()
        .evaluate((e) => e.getBoundingClientRect().bottom);
    expect(await bottom('.dock')).toBeLessThanOrEqual(664);
    const dock = await small.locator('.dock').boundingBox();
    expect(await bottom('[data-figure=frontier] svg')).toBeLessThanOrEqual(dock?.y ?? 0);
  });

  test('a swipe along a slider moves it, one across it scrolls the page alone', async () => {
    await visit('', small);
    const box = await boxAtRest(range());
    const middle = box.y + box.height / 2;
    await swipe([box.x + 300, middle], [box.x + 310, middle - 300]);
    await small.waitForTimeout(300);
    expect(await small.evaluate(() => scrollY)).toBeGreaterThan(100);
    expect(await small.evaluate(() => location.hash)).toBe('');
    expect(await range().getAttribute('aria-valuetext')).toContain('0.2 nats a word');
    await small.evaluate(() => scrollTo(0, 0));
    const thumb = box.x + box.width / 2;
    await swipe([thumb, middle], [thumb + 120, middle]);
    await expect.poll(() => small.evaluate(() => location.hash)).toContain('kl_per_token=0.3');
  });

  test('the panel that shares is opened and closed by taps', async () => {
    await visit('', small);
    await small.getByRole('button', { name: 'Share' }).tap();
    await small.locator('tilt-share dialog[open]').waitFor();
    expect(await small.locator('[data-snippet=Link]').textContent()).toContain('#v=1');
    await small.getByRole('button', { name: 'Close' }).tap();
    await small.locator('tilt-share dialog[open]').waitFor({ state: 'detached' });
  });

  test('the line of the figure follows a finger', async () => {
    await visit('', small);
    const line = await boxAtRest(small.getByRole('slider', { name: 'Line of the budget' }));
    const x = line.x + line.width / 2;
    await swipe([x, line.y + 60], [x - 80, line.y + 62]);
    await expect.poll(() => stated('budget.kl', small)).toBeLessThan(6);
  });
});

describe('no hole over 60 pixels without a figure, whatever is shown', () => {
  const endsOf = ({ scenario }: (typeof gallery)[number]): [Scenario, Scenario, Scenario] => {
    const isLong = 'length' in scenario.model;
    const at = (rate: number): Scenario => ({ ...scenario, budget: isLong ? { kl_per_token: rate } : { kl: rate } });
    return [scenario, at(0), at(12)];
  };
  const show = (width: number) =>
    page.setViewportSize({ width, height: width < 500 ? 14000 : width < 1000 ? 10000 : 7000 });
  const holes = () =>
    page.$$eval('tilt-figure', (figures) =>
      figures.flatMap((figure) => {
        const name = figure.querySelector('figure')?.dataset.figure;
        const svg = figure.querySelector('svg');
        const words = figure.querySelector('figcaption')?.textContent?.trim() ?? '';
        // A drawing with nothing in it but its axes, or none where the words are missing too.
        const isEmpty = svg
          ? svg.getBoundingClientRect().height > 60 && !svg.querySelector('.curve, .area, .stem, .fill, .dot')
          : words === '';
        return isEmpty ? [`${name}: ${words}`] : [];
      }),
    );
  /** On a page that is open, as by Back. */
  const turnTo = async (scenario: Scenario) => {
    const link = linkOf(scenario);
    await page.goto(url + link);
    const { kl } = engine.evaluate(scenario).budget;
    await expect.poll(() => stated('budget.kl'), { message: link }).toBeCloseTo(Number(kl), 6);
  };
  const drawn = (scenario: Scenario) =>
    expect.poll(holes, { timeout: 8000, message: JSON.stringify(scenario) }).toEqual([]);
  afterAll(() => page.setViewportSize({ width: 1440, height: 900 }));

  test.each(gallery.map((exhibit) => [exhibit.name, exhibit] as const))('%s', async (_, exhibit) => {
    await show(1440);
    const [first, ...ends] = endsOf(exhibit);
    await visit(linkOf(first));
    await drawn(first);
    for (const end of ends) {
      await turnTo(end);
      await drawn(end);
    }
  });

  // A phone that is turned is as wide as a tablet.
  test.each(gallery.flatMap(endsOf).filter((__, i) => i % 5 === 0))(
    'on small screens: $title $budget',
    async (scenario) => {
      await show(390);
      await visit(linkOf(scenario));
      await drawn(scenario);
      await show(820);
      await drawn(scenario);
    },
  );
});
