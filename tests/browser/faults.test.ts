import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rollDice, startChromium, startFirefox } from './browser.js';
import { type Fault, type Host, host } from './host.js';

/** Parts that do not come, and workers that die: the page goes on, asks again, and says at most one sentence. */

describe.each([
  ['Chromium', startChromium],
  ['Firefox', startFirefox],
] as const)('%s', (_, start) => {
  let site: Host;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What is wrong now, with which paths, and how often it has been. */
  let wrong: { of: RegExp; fault: Fault } | null = null;
  let failed = 0;

  beforeAll(async () => {
    site = await host({
      fault: (path) => {
        if (!wrong?.of.test(path)) return null;
        failed++;
        return wrong.fault;
      },
    });
    browser = await start();
  }, 60_000);
  // A context of its own each: what one cached is not another's.
  beforeEach(async () => {
    failed = 0;
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    await page.addInitScript(() => {
      const made: Worker[] = [];
      const Plain = Worker;
      Object.assign(window, {
        made,
        Worker: class extends Plain {
          constructor(...args: ConstructorParameters<typeof Worker>) {
            super(...args);
            made.push(this);
          }
        },
      });
    });
  }, 60_000);
  afterEach(async () => {
    wrong = null;
    await context?.close();
  });
  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  const budget = () => page.locator('[data-field="budget.kl"]').first().getAttribute('data-value');
  /** Moves the budget by a key, and waits until the sentence says it. */
  async function moves() {
    const before = await page.locator('[data-field="budget.kl"]').first().getAttribute('data-value');
    const slider = page.locator('input[type=range]').first();
    await slider.focus();
    await slider.press('ArrowRight');
    await expect
      .poll(() => page.locator('[data-field="budget.kl"]').first().getAttribute('data-value'))
      .not.toBe(before);
  }
  const killWorkers = () =>
    page.evaluate(() => {
      for (const worker of (window as unknown as { made: Worker[] }).made) worker.terminate();
    });
  const toStory = () => page.locator('[data-figure=spending]').scrollIntoViewIfNeeded();
  const storyDrawn = () =>
    expect.poll(() => page.locator('[data-figure=spending] .curve').count(), { timeout: 20_000 }).toBeGreaterThan(0);
  const notices = () => page.locator('.notice:visible').allInnerTexts();

  const broken: [string, RegExp, Fault][] = [
    ['wasm not there', /tiltlab_full.*\.wasm$/, 'missing'],
    ['wasm cut short', /tiltlab_full.*\.wasm$/, 'cut'],
    ['offline', /tiltlab_full/, 'broken'],
    ['script not there', /tiltlab_full.*\.js$/, 'missing'],
    ['script of another type', /tiltlab_full.*\.js$/, 'type'],
  ];
  test.each(broken)(
    '%s: the core goes on, and the full module is asked for again',
    async (__, of, fault) => {
      wrong = { of, fault };
      await page.goto(`${site.url}/tilt/`);
      await page.waitForSelector('html[data-ready=true]');
      await toStory();
      await expect.poll(() => failed).toBeGreaterThan(0);
      await moves();
      expect(await page.locator('[data-figure=spending] .curve').count()).toBe(0);
      const set = await budget();
      expect((await notices()).length).toBeLessThan(2);
      wrong = null;
      await page.evaluate(() => dispatchEvent(new Event('online')));
      await toStory();
      await storyDrawn();
      expect(await notices()).toEqual([]);
      await page.evaluate(() => scrollTo(0, 0));
      expect(await budget()).toBe(set);
      await moves();
    },
    90_000,
  );

  test.each<[string, RegExp, Fault]>([
    ['wasm of another type', /\.wasm$/, 'type'],
    ['wasm late', /tiltlab_full.*\.wasm$/, 'late'],
    ['worker not there', /\/(worker|shared-worker)-.*\.js$/, 'missing'],
    ['worker of another type', /\/(worker|shared-worker)-.*\.js$/, 'type'],
    ['worker cut short', /\/(worker|shared-worker)-.*\.js$/, 'cut'],
    ['worker blocked', /\/(worker|shared-worker)-.*\.js$/, 'broken'],
  ])(
    '%s: all of it works',
    async (__, of, fault) => {
      wrong = { of, fault };
      await page.goto(`${site.url}/tilt/`);
      await page.waitForSelector('html[data-ready=true]', { timeout: 30_000 });
      await moves();
      await toStory();
      await storyDrawn();
      expect(await notices()).toEqual([]);
    },
    90_000,
  );

  test.each<[string, RegExp, Fault]>([
    ['missing', /tiltlab_core.*\.wasm$/, 'missing'],
    ['cut', /tiltlab_core.*\.wasm$/, 'cut'],
  ])(
    'core wasm %s: it is asked for again',
    async (__, of, fault) => {
      wrong = { of, fault };
      await page.goto(`${site.url}/tilt/`);
      await expect.poll(async () => (await notices()).length, { timeout: 20_000 }).toBe(1);
      wrong = null;
      await expect.poll(() => page.locator('[data-field="budget.kl"]').count(), { timeout: 20_000 }).toBeGreaterThan(0);
      await moves();
      expect(await notices()).toEqual([]);
    },
    90_000,
  );

  test('a worker that dies in a view is noticed and replaced, and the reader is told once', async () => {
    await page.goto(`${site.url}/tilt/`);
    await page.waitForSelector('html[data-ready=true]');
    await toStory();
    await storyDrawn();
    await page.evaluate(() => scrollTo(0, 0));
    for (let deaths = 0; deaths < 3; deaths++) {
      await killWorkers();
      await moves();
      expect(await notices()).toHaveLength(1);
    }
  }, 90_000);

  /** Waits of seconds take a tenth of that: what the page waits for does not come. */
  const hasten = () =>
    page.addInitScript(() => {
      const plain = setTimeout;
      Object.assign(window, {
        setTimeout: (done: () => void, wait = 0) => plain(done, wait < 5000 ? wait : wait / 10),
      });
    });
  /** The first so many workers are terminated, or never speak, before their first word. */
  const stillborn = (first: number, kind: 'terminated' | 'silent') =>
    page.addInitScript(
      ({ first, kind }) => {
        let left = first;
        const silence = () =>
          URL.createObjectURL(new Blob(['self.onconnect = () => {};'], { type: 'text/javascript' }));
        for (const name of ['Worker', 'SharedWorker'] as const) {
          const Plain = window[name];
          if (!Plain) continue;
          const made = class extends (Plain as typeof Worker) {
            constructor(address: string, options: WorkerOptions) {
              const isBorn = left <= 0;
              left--;
              super(isBorn || kind === 'terminated' ? address : silence(), options);
              if (!isBorn && kind === 'terminated') this.terminate();
            }
          };
          Object.assign(window, { [name]: made });
        }
      },
      { first, kind },
    );

  test.each([
    ['the first two are terminated', 2, 'terminated'],
    ['the first never speaks', 1, 'silent'],
  ] as const)(
    'a worker that dies before its first word is replaced: %s',
    async (__, first, kind) => {
      await hasten();
      await stillborn(first, kind);
      await page.goto(`${site.url}/tilt/`);
      await page.waitForSelector('html[data-ready=true]', { timeout: 40_000 });
      await moves();
      // Nothing was lost: there is nothing to say.
      expect(await notices()).toEqual([]);
    },
    60_000,
  );

  test('so it is in an embed, where it may be shared', async () => {
    await hasten();
    await stillborn(1, 'silent');
    await page.goto(`${site.url}/tilt/embed.html?show=chart,sentence,controls`);
    await page.waitForSelector('html[data-ready=true]', { timeout: 40_000 });
    await moves();
    expect(await notices()).toEqual([]);
  }, 60_000);

  test('one that is only slow is waited for: no word is said, and what it was asked is answered once', async () => {
    await hasten();
    wrong = { of: /\/worker-.*\.js$/, fault: 'slow' };
    await page.goto(`${site.url}/tilt/`);
    await page.waitForSelector('html[data-ready=true]', { timeout: 40_000 });
    await moves();
    expect(await notices()).toEqual([]);
    const alive = await page.evaluate(() => (window as unknown as { made: Worker[] }).made.length);
    expect(alive).toBeLessThan(4);
  }, 60_000);

  test('workers of a simulation that die before their first word are replaced', async () => {
    await hasten();
    await page.goto(`${site.url}/tilt/#v=1&replicates=20000`);
    await page.waitForSelector('html[data-ready=true]');
    await page.evaluate(() => {
      const Plain = Worker;
      let left = 2;
      Object.assign(window, {
        Worker: class extends Plain {
          constructor(...args: ConstructorParameters<typeof Worker>) {
            super(...args);
            if (left-- > 0) this.terminate();
          }
        },
      });
    });
    const run = await rollDice(page);
    await page.waitForSelector('.dice table', { timeout: 40_000 });
    await run.waitFor({ timeout: 40_000 });
    expect(await notices()).toEqual([]);
  }, 90_000);

  // Frames of one site share a worker where they may; elsewhere each has its own.
  test.each(start === startChromium ? ['shared', 'own'] : ['own'])(
    'so it is in an embed: a worker that is %s',
    async (kind) => {
      if (kind === 'own')
        await page.addInitScript(() => {
          Reflect.deleteProperty(window, 'SharedWorker');
        });
      await page.goto(`${site.url}/tilt/embed.html?show=chart,sentence,controls`);
      await page.waitForSelector('html[data-ready=true]');
      expect(await notices()).toEqual([]);
      const debug = kind === 'shared' ? await browser.newBrowserCDPSession() : null;
      for (let deaths = 0; deaths < 3; deaths++) {
        const shared = (await debug?.send('Target.getTargets'))?.targetInfos.find(
          ({ type }) => type === 'shared_worker',
        );
        if (deaths === 0) expect(shared !== undefined).toBe(kind === 'shared');
        if (shared) await debug?.send('Target.closeTarget', { targetId: shared.targetId });
        else await killWorkers();
        await moves();
        expect(await notices()).toEqual(['The engine had stopped, and was started again; nothing is lost.']);
      }
    },
    90_000,
  );

  test('workers that die in a simulation are replaced, and its result is the same', async () => {
    await page.goto(`${site.url}/tilt/#v=1&replicates=20000`);
    const run = await rollDice(page);
    await page.waitForTimeout(300);
    await page.evaluate(() => {
      for (const worker of (window as unknown as { made: Worker[] }).made.slice(1)) worker.terminate();
    });
    await page.waitForSelector('.dice table', { timeout: 40_000 });
    await run.waitFor({ timeout: 40_000 });
    expect((await notices()).length).toBeLessThan(2);
  }, 90_000);

  /** Faults of ours that the page logs; Firefox says by itself what it did not load. */
  const errorsOf = () => {
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => /^Loading module from/.test(message) || errors.push(message));
    return errors;
  };
  const lost = 'A part of this page did not arrive; press again.';

  // Chromium does not say which script did not parse.
  const kinds: Fault[] = start === startFirefox ? ['missing', 'broken', 'type', 'cut'] : ['missing', 'broken', 'type'];
  test.each(kinds)(
    'what is loaded by a press, and is %s, is said, and asked for again by the next press',
    async (fault) => {
      const errors = errorsOf();
      wrong = { of: /\/(share|export)-.*\.js$/, fault };
      await page.goto(`${site.url}/tilt/`);
      await page.waitForSelector('html[data-ready=true]');
      const share = page.getByRole('button', { name: 'Share', exact: true });
      await share.click();
      await page.locator('tilt-link').getByText(lost).waitFor();
      wrong = null;
      await share.click();
      await page.locator('tilt-share dialog[open]').waitFor();
      await expect.poll(() => page.locator('[data-snippet=Frame]').textContent()).toContain('data:image');

      wrong = { of: /\/(share|export)-.*\.js$/, fault };
      await page.goto(`${site.url}/tilt/embed.html`);
      await page.waitForSelector('html[data-ready=true]');
      const file = page.getByRole('button', { name: 'CSV', exact: true });
      await page.locator('.save summary').click();
      await file.click();
      await page.locator('.readout').getByText(lost).waitFor();
      wrong = null;
      await file.click();
      // Which closes once the file is made.
      await page.locator('details.save:not([open])').waitFor();
      expect(errors).toEqual([]);
    },
  );

  test('dice whose script does not come are said in a line, and rolled by the next press', async () => {
    const errors = errorsOf();
    wrong = { of: /\/draw-.*\.js$/, fault: 'missing' };
    await page.goto(`${site.url}/tilt/#v=1&replicates=200`);
    const run = await rollDice(page);
    await page.locator('tilt-dice').getByText('did not arrive').waitFor();
    wrong = null;
    await run.click();
    await page.waitForSelector('.dice table');
    expect(errors).toEqual([]);
  });

  test('an embed whose figure does not come asks for it again', async () => {
    const errors = errorsOf();
    wrong = { of: /\/dual-.*\.js$/, fault: 'missing' };
    await page.goto(`${site.url}/tilt/embed.html?view=dual`);
    await expect.poll(() => failed).toBeGreaterThan(1);
    wrong = null;
    await page.locator('svg .curve').first().waitFor({ state: 'attached' });
    expect(errors).toEqual([]);
  });

  test('storage that throws is no fault', async () => {
    await page.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException('denied', 'SecurityError');
          },
        });
    });
    await page.goto(`${site.url}/tilt/`);
    await page.waitForSelector('html[data-ready=true]');
    await moves();
    expect(await notices()).toEqual([]);
  }, 60_000);
});
