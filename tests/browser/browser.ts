import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, firefox, type Locator, type Page } from 'playwright-core';
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

/** Over BiDi, Firefox emulates no dark mode: `dark` starts one whose reader prefers it. */
export const openFirefox = async (options: Options = {}, dark = false): Promise<BrowserContext> => {
  const browser = await firefox.launch({
    channel: 'moz-firefox',
    executablePath: '/usr/bin/firefox-esr',
    firefoxUserPrefs: dark ? { 'layout.css.prefers-color-scheme.content-override': 0 } : {},
  });
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
