import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium, openFirefox } from './browser.js';
import { type Host, host } from './host.js';

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

describe.each([
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
])('%s: a height is asked for once per change of what is shown or of the width', (_, open) => {
  let site: Host;
  let context: BrowserContext;
  let tab: Page;
  const seen: Record<'first' | 'opened' | 'closed' | 'narrow', Seen> = {} as never;

  const look = () =>
    tab.evaluate(() => ({
      asked: [...(window as unknown as { asked: number[] }).asked],
      heights: [...document.querySelectorAll('iframe')].map((frame) => frame.getBoundingClientRect().height),
    }));
  /** Until nothing was asked for longer than the latest answer takes, and each frame has what it asked for. */
  async function settled(least = names.map(() => -1)): Promise<Seen> {
    await tab.waitForFunction(
      (before) => (window as unknown as { asked: number[] }).asked.every((count, k) => count > (before[k] as number)),
      least,
    );
    for (let before = '', now = JSON.stringify(await look()); ; now = JSON.stringify(await look())) {
      if (before === now) return JSON.parse(now);
      before = now;
      await tab.waitForTimeout(1800);
    }
  }

  beforeAll(async () => {
    site = await host({ pages: { '/hosts': page } });
    context = await open({ viewport: { width: 900, height: 9000 } });
    tab = await context.newPage();
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
    seen.first = await settled(names.map(() => 0));
    await toggle();
    seen.opened = await settled(seen.first.asked);
    await toggle();
    seen.closed = await settled(seen.opened.asked);
    await tab.setViewportSize({ width: 400, height: 9000 });
    seen.narrow = await settled();
  }, 120_000);
  afterAll(async () => {
    await context?.close();
    site?.close();
  });

  test.each(names)('%s', (name) => {
    const k = names.indexOf(name);
    const at = (when: keyof typeof seen) => ({
      asked: seen[when].asked[k] as number,
      height: seen[when].heights[k] as number,
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
});
