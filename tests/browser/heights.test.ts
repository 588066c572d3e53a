import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium, openFirefox } from './browser.js';
import { type Host, host } from './host.js';

/** Pages around an embed that give it another height than it asks for. */

/** What each does with a height. */
const hosts: Record<string, { style?: string; answer: string }> = {
  'as asked': { answer: 'height' },
  '20 more': { answer: 'height + 20' },
  '5 more': { answer: 'height + 5' },
  '20 less': { answer: 'height - 20' },
  'a border inside of it': { style: 'box-sizing:border-box;border:10px solid', answer: 'height' },
  'a second later': { answer: 'height + 20' },
};
const page = (
  name: string,
  { style = '', answer }: (typeof hosts)[string],
) => `<!doctype html><meta charset="utf-8"><title>${name}</title>
<body style="margin:0"><iframe src="/tilt/embed.html?view=gap#v=1" style="width:100%;height:480px;border:0;${style}"></iframe><p>After.</p>
<script>
  const frame = document.querySelector('iframe');
  window.asked = [];
  addEventListener('message', ({ data }) => {
    if (data?.type !== 'tilt-lab:resize') return;
    const { height } = data;
    asked.push(height);
    setTimeout(() => { frame.style.height = (${answer}) + 'px'; }, ${name === 'a second later' ? 1200 : 0});
  });
</script>`;

describe.each([
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
])('%s', (_, open) => {
  let site: Host;
  let context: BrowserContext;
  let tab: Page;

  beforeAll(async () => {
    site = await host({
      pages: Object.fromEntries(
        Object.entries(hosts).map(([name, of]) => [`/${encodeURI(name)}`.replaceAll('%20', ' '), page(name, of)]),
      ),
    });
    context = await open({ viewport: { width: 900, height: 900 } });
    tab = await context.newPage();
  }, 60_000);
  afterAll(async () => {
    await context?.close();
    site?.close();
  });

  const asked = () => tab.evaluate(() => (window as unknown as { asked: number[] }).asked);
  const height = () => tab.evaluate(() => document.querySelector('iframe')?.getBoundingClientRect().height ?? 0);
  /** Until nothing was asked for a while. */
  async function settled(pause = 700) {
    for (let before = -1, now = 0; before !== now; now = (await asked()).length) {
      before = now;
      await tab.waitForTimeout(pause);
    }
  }

  test.each(Object.keys(hosts).filter((name) => open === openChromium || /20 more|border/.test(name)))(
    'a height is asked for once per change of what is shown or of the width: %s',
    async (name) => {
      await tab.setViewportSize({ width: 900, height: 900 });
      await tab.goto(`${site.url}/${name}`);
      const embed = tab.frames().find((frame) => frame.url().includes('embed.html'));
      await embed?.waitForSelector('html[data-ready=true]');
      await settled(name === 'a second later' ? 1800 : 700);
      const first = (await asked()).length;
      expect(first).toBeGreaterThan(0);
      expect(first).toBeLessThan(4);
      expect(Math.abs((await height()) - 480)).toBeLessThan(60);
      // A table that opens is a change, and so is one that closes.
      await embed?.getByRole('button', { name: 'Data table' }).click();
      await settled(name === 'a second later' ? 1800 : 700);
      const second = (await asked()).length;
      expect(second).toBeGreaterThan(first);
      expect(second - first).toBeLessThan(3);
      const opened = await height();
      expect(opened).toBeGreaterThan(560);
      await embed?.getByRole('button', { name: /table/i }).first().click();
      await settled(name === 'a second later' ? 1800 : 700);
      expect(Math.abs((await height()) - 480)).toBeLessThan(60);
      // So is another width; the same height again is none.
      const third = (await asked()).length;
      await tab.setViewportSize({ width: 400, height: 900 });
      await settled(name === 'a second later' ? 1800 : 700);
      expect((await asked()).length - third).toBeLessThan(4);
      expect(await height()).toBeLessThan(900);
    },
    60_000,
  );
});
