import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, firefox, type Locator, type Page } from 'playwright-core';
import { type PreviewServer, preview } from 'vite';
import flags from './chromium-flags.json' with { type: 'json' };

/** The built site on a port of its own. */
export async function serve(): Promise<{ server: PreviewServer; url: string }> {
  const server = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'error' });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error('the preview server has no address');
  return { server, url };
}

const profile = () => mkdtempSync(join(tmpdir(), 'tiltlab-browser-'));

export type Options = Parameters<typeof chromium.launchPersistentContext>[1];

export const openChromium = (options: Options = {}): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile(), { executablePath: '/usr/bin/chromium', args: flags, ...options });

/** A browser for tests that each want a context of their own, in which nothing is kept: two seconds sooner than a browser each. */
export const startChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });

/** Over BiDi, Firefox emulates no dark mode: `dark` starts one whose reader prefers it. */
export const startFirefox = (dark = false): Promise<Browser> =>
  firefox.launch({
    channel: 'moz-firefox',
    executablePath: '/usr/bin/firefox-esr',
    firefoxUserPrefs: dark ? { 'layout.css.prefers-color-scheme.content-override': 0 } : {},
  });

export const openFirefox = async (options: Options = {}, dark = false): Promise<BrowserContext> => {
  const browser = await startFirefox(dark);
  const context = await browser.newContext(options as Parameters<typeof browser.newContext>[0]);
  context.on('close', () => void browser.close());
  return context;
};

/** Labels of the figures that overlap each other or leave their figure. */
export const labelClashes = (page: Page, figures = 'tilt-figure svg'): Promise<string[]> =>
  page.$$eval(figures, (figures) =>
    figures.flatMap((figure) => {
      const frame = figure.getBoundingClientRect();
      const labels = [...figure.querySelectorAll('.label, .tick, .axis-name')].map((t) => ({
        name: t.textContent,
        box: t.getBoundingClientRect(),
      }));
      const outside = labels.filter(
        ({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1,
      );
      const pairs = labels.flatMap((a, i) =>
        labels
          .slice(i + 1)
          .filter(
            (b) =>
              a.box.left < b.box.right &&
              b.box.left < a.box.right &&
              a.box.top < b.box.bottom - 3 &&
              b.box.top < a.box.bottom - 3,
          )
          .map((b) => `${a.name} / ${b.name}`),
      );
      const figureName = figure.closest('[data-figure]')?.getAttribute('data-figure');
      return [...outside.map(({ name }) => `${name} outside`), ...pairs].map((clash) => `${figureName}: ${clash}`);
    }),
  );

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export type Colours = 'light' | 'dark' | 'forced';

/** Shows a page as a reader of these colours has it: nothing but its style sheet knows of them. */
export const showIn = (page: Page, colours: Colours): Promise<void> =>
  page.emulateMedia({
    colorScheme: colours === 'dark' ? 'dark' : 'light',
    forcedColors: colours === 'forced' ? 'active' : 'none',
  });

/** What axe finds wrong with a page as it stands, in each of these colours. */
export async function axeFaults(page: Page, wanted: readonly Colours[] = ['light', 'dark']): Promise<string[]> {
  const faults: string[] = [];
  await page.evaluate(axe);
  for (const [i, colours] of wanted.entries()) {
    await showIn(page, colours);
    // What does not depend on colours is looked at once.
    const rules = i === 0 ? [] : ['color-contrast', 'link-in-text-block'];
    const found = await page.evaluate((runOnly) => {
      const { axe } = window as unknown as { axe: { run(context: object, options: object): Promise<AxeResults> } };
      // Rows of numbers are alike: some of each table tell of all.
      return axe.run({ exclude: ['tbody tr:nth-child(n+5)'] }, runOnly.length > 0 ? { runOnly } : {});
    }, rules);
    for (const { id, nodes } of found.violations)
      faults.push(`${colours}: ${id}: ${nodes.length} ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  }
  return faults;
}

/**
 * Where an element stands once the page has come to rest: drafts and figures come a moment after what was asked for and
 * move what is below them, and a press at where something was a moment ago hits what is there now.
 */
export async function boxAtRest(what: Locator) {
  await what.scrollIntoViewIfNeeded();
  const box = await what.evaluate(async (element) => {
    const place = () => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x, y, width, height };
    };
    const moment = () => new Promise((done) => setTimeout(done, 100));
    let last = place();
    // Drafts wait a quarter of a second.
    for (let calm = 0, looks = 0; calm < 5 && looks < 100; looks++) {
      await moment();
      const now = place();
      calm = JSON.stringify(now) === JSON.stringify(last) ? calm + 1 : 0;
      last = now;
    }
    return last;
  });
  if (!(box.width > 0)) throw new Error('it is not shown');
  return box;
}

/**
 * Presses *Run* of the dice and says which button it was. The drafts above it come a moment after the page is ready
 * and move it, and a press that ends beside the button is none.
 */
export async function rollDice(page: Page): Promise<Locator> {
  await page.waitForSelector('html[data-ready=true]');
  await page.waitForSelector('.draft output, .drafts p.muted:not(:empty)');
  const run = page.getByRole('button', { name: 'Run', exact: true });
  await run.click();
  return run;
}
