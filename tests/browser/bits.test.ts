import type { BrowserContext, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestsOf, exactText, groupDigest, wholeDigest } from '../../web/verify/digest.js';
import { groups } from '../../web/verify/scenarios.js';
import { engine } from '../engine/engine.js';
import { axeFaults, openChromium, openFirefox, serve } from './browser.js';

const scenarios = groups.flatMap(({ checks }) => checks);

describe('the list of scenarios', () => {
  test('has at least 200, of every kind, none twice', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(200);
    expect(new Set(scenarios.map((check) => JSON.stringify(check))).size).toBe(scenarios.length);
    const kinds = scenarios.map(({ scenario: { model } }) => (model.kind === 'continuous' ? model.family : model.kind));
    for (const kind of ['finite', 'memoryless', 'text', 'normal', 'gamma', 'beta', 'quantiles'])
      expect(kinds).toContain(kind);
    const methods = scenarios.filter(({ simulated }) => simulated).map(({ scenario }) => scenario.simulation?.method);
    expect(new Set(methods)).toEqual(new Set(['tokens', 'types', 'order']));
  });

  test('is refused nowhere', async () => {
    for (const { scenario, simulated } of scenarios) {
      engine.evaluate(scenario);
      if (simulated) await engine.simulate(scenario);
    }
  });
});

test('a digest tells apart whatever doubles differ', () => {
  expect(exactText([0.1, 1 / 3, 5e-324, -0, 0, null])).toBe('[0.1,0.3333333333333333,5e-324,"-0",0,null]');
  expect(exactText(0.1 + 0.2)).not.toBe(exactText(0.3));
  expect(groupDigest(['a', 'b'])).not.toBe(groupDigest(['b', 'a']));
});

describe('the same bits as in Node', async () => {
  const inNode = await digestsOf(engine, groups);
  const wanted = [...inNode.map(groupDigest), wholeDigest(inNode)];
  let server: PreviewServer;
  let url: string;

  beforeAll(async () => {
    ({ server, url } = await serve());
  });
  afterAll(() => server?.close());

  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const column = (page: Page, name: string) =>
    page.$$eval(`[data-label="${name}"]`, (cells) => cells.map((cell) => cell.textContent));

  describe.each([
    ['Chromium', openChromium],
    ['Firefox', openFirefox],
  ])('%s', (_, open) => {
    let context: BrowserContext;
    let page: Page;
    const errors: string[] = [];

    beforeAll(async () => {
      context = await open();
      page = await context.newPage();
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    }, 60_000);
    afterAll(() => context?.close());

    test('stops when told to', async () => {
      await page.goto(`${url}verify.html`);
      expect(await column(page, 'at build time')).toEqual(wanted);
      await press(page, 'Compute here');
      await page.waitForFunction(() => Number(document.querySelector('progress')?.value) > 3);
      await press(page, 'Cancel');
      expect(await page.textContent('.answer')).toMatch(
        new RegExp(`^Cancelled after \\d+ of ${scenarios.length} scenarios\\.$`),
      );
    });

    test('starts anew, finds what Node finds in less than 20 s, and answers meanwhile', async () => {
      const start = performance.now();
      await press(page, 'Once more');
      const slowest = await page.evaluate(async () => {
        let worst = 0;
        for (let last = performance.now(); document.querySelector('[data-state=running]'); ) {
          await new Promise((resolve) => requestAnimationFrame(resolve));
          const now = performance.now();
          worst = Math.max(worst, now - last);
          last = now;
        }
        return worst;
      });
      await page.waitForSelector('[data-state=done]');
      const took = performance.now() - start;
      expect(await column(page, 'here')).toEqual(wanted);
      expect(await page.getAttribute('.answer', 'data-same')).toBe('true');
      expect(await page.textContent('.answer')).toContain(`The same bits. All ${scenarios.length} scenarios`);
      expect(took).toBeLessThan(20_000);
      expect(slowest).toBeLessThan(500);
      if (open === openChromium) expect(await axeFaults(page)).toEqual([]);
      console.log(
        `${_}: ${scenarios.length} scenarios in ${Math.round(took)} ms, slowest frame ${Math.round(slowest)} ms`,
      );
    });

    test('nothing was logged as an error', () => {
      expect(errors).toEqual([]);
    });
  });

  test('a digest that is another is named, with what to do; what was found can be found once more', async () => {
    const context = await openChromium({ viewport: { width: 1280, height: 7000 } });
    const page = await context.newPage();
    const one = inNode[1]?.[4] as string;
    await page.route('**/assets/verify-*.js', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replaceAll(one, '0123456789abcdef') });
    });
    await page.goto(`${url}verify.html`);
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Compute here' }).press('Enter');
    await page.waitForSelector('[data-state=done][data-same=false]');
    expect(await axeFaults(page)).toEqual([]);
    expect(await page.textContent('.answer')).toContain(`Not the same bits. 1 of ${scenarios.length} scenarios`);
    expect(await page.$$eval('td.verdict', (cells) => cells.map((cell) => cell.textContent))).toEqual(
      wanted.map((_, i) => (i === 1 || i === groups.length ? 'differs' : 'same')),
    );
    const report = await page.textContent('.fault pre');
    expect(report).toContain(`digest here ${wanted.at(-1)}`);
    expect(report).toContain(`${groups[1]?.name}: 1 of ${groups[1]?.checks.length} differ, the first is no. 5`);
    await press(page, 'Once more');
    await page.waitForFunction(() => Number(document.querySelector('progress')?.value) > 3);
    await context.close();
  });
});
