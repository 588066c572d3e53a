import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openChromium, openFirefox } from './browser.js';
import { host } from './host.js';

/** Pages around an embed that give it another height than it asks for. */

/** What each does with a height that a frame asks for. */
const hosts: Record<string, { style?: string; answer: string; late?: number }> = {
  'as asked': { answer: 'height' },
  '20 more': { answer: 'height + 20' },
  '5 more': { answer: 'height + 5' },
  '1 more': { answer: 'height + 1' },
  '20 less': { answer: 'height - 20' },
  'half of it': { answer: 'Math.max(400, height / 2)' },
  'a border inside of it': { style: 'box-sizing:border-box;border:10px solid', answer: 'height' },
  'a zoom of its own': { style: 'zoom:1.25', answer: 'height' },
  'a second later': { answer: 'height + 20', late: 1200 },
};
const names = Object.keys(hosts);
/** All of them in one page, each with a frame of its own: what takes time here is that nothing happens. */
const page = `<!doctype html><meta charset="utf-8"><title>Hosts</title><body style="margin:0">
${Object.values(hosts)
  .map(
    ({ style = '' }) =>
      `<iframe src="/tilt/embed.html?view=gap#v=1" style="display:block;width:100%;height:480px;border:0;${style}"></iframe>`,
  )
  .join('\n')}
<script>
  const frames = [...document.querySelectorAll('iframe')];
  const answers = [${Object.values(hosts)
    .map(({ answer, late = 0 }) => `[(height) => ${answer}, ${late}]`)
    .join(', ')}];
  window.asked = frames.map(() => 0);
  addEventListener('message', ({ source, data }) => {
    if (data?.type !== 'tilt-lab:resize') return;
    const k = frames.findIndex((frame) => frame.contentWindow === source);
    asked[k]++;
    const [answer, late] = answers[k];
    setTimeout(() => { frames[k].style.height = answer(data.height) + 'px'; }, late);
  });
</script>`;

/** What all frames had asked for, and how high they were, after each change. */
type Seen = { asked: number[]; heights: number[] };

type Step = 'first' | 'opened' | 'closed' | 'narrow';

const look = (tab: Page) =>
  tab.evaluate(() => ({
    asked: [...(window as unknown as { asked: number[] }).asked],
    heights: [...document.querySelectorAll('iframe')].map((frame) => frame.getBoundingClientRect().height),
  }));
/** Until nothing was asked for longer than the latest answer takes, and each frame has what it asked for. */
async function settled(tab: Page, least = names.map(() => -1)): Promise<Seen> {
  await tab.waitForFunction(
    (before) => (window as unknown as { asked: number[] }).asked.every((count, k) => count > (before[k] as number)),
    least,
  );
  for (let before = '', now = JSON.stringify(await look(tab)); ; now = JSON.stringify(await look(tab))) {
    if (before === now) return JSON.parse(now);
    before = now;
    await tab.waitForTimeout(1800);
  }
}

/** What the frames of a browser did, from the first figure to the narrow window. */
async function watched(open: typeof openChromium | typeof openFirefox): Promise<Record<Step, Seen>> {
  const site = await host({ pages: { '/hosts': page } });
  const context = await open({ viewport: { width: 900, height: 9000 } });
  try {
    const tab = await context.newPage();
    await tab.goto(`${site.url}/hosts`);
    const embeds = tab.frames().filter((frame) => frame.url().includes('embed.html'));
    expect(embeds).toHaveLength(names.length);
    for (const embed of embeds) await embed.waitForSelector('html[data-ready=true]');
    const toggle = async () => {
      // By no pointer: where a frame is zoomed, drivers miss its buttons.
      for (const embed of embeds)
        await embed
          .getByRole('button', { name: /table/i })
          .first()
          .evaluate((button: HTMLElement) => button.click());
    };
    const first = await settled(
      tab,
      names.map(() => 0),
    );
    await toggle();
    const opened = await settled(tab, first.asked);
    await toggle();
    const closed = await settled(tab, opened.asked);
    await tab.setViewportSize({ width: 400, height: 9000 });
    return { first, opened, closed, narrow: await settled(tab) };
  } finally {
    await context.close();
    site.close();
  }
}

// Both at once: what takes time is that nothing happens.
const seen: Record<string, Record<Step, Seen>> = {};
beforeAll(async () => {
  const browsers = { Chromium: openChromium, Firefox: openFirefox };
  await Promise.all(
    Object.entries(browsers).map(async ([name, open]) => {
      seen[name] = await watched(open);
    }),
  );
}, 120_000);

describe.each(['Chromium', 'Firefox'])(
  '%s: a height is asked for once per change of what is shown or of the width',
  (browser) => {
    test.each(names)('%s', (name) => {
      const k = names.indexOf(name);
      const at = (when: Step) => ({
        asked: seen[browser]?.[when].asked[k] as number,
        height: seen[browser]?.[when].heights[k] as number,
      });
      const [first, opened, closed, narrow] = [at('first'), at('opened'), at('closed'), at('narrow')];
      const scale = name === 'a zoom of its own' ? 1.25 : 1;
      expect(first.asked).toBeLessThan(4);
      const usual = name === 'half of it' ? 400 : 480 * scale;
      expect(Math.abs(first.height - usual)).toBeLessThan(60 * scale);
      // A table that opens is a change, and so is one that closes.
      expect(opened.asked - first.asked).toBeLessThan(3);
      if (name !== 'half of it') expect(opened.height).toBeGreaterThan(560);
      expect(closed.asked - opened.asked).toBeLessThan(3);
      expect(Math.abs(closed.height - usual)).toBeLessThan(60 * scale);
      // So is another width; the same height again is none.
      expect(narrow.asked - closed.asked).toBeLessThan(4);
      expect(narrow.height).toBeLessThan(900 * scale);
    });
  },
);
