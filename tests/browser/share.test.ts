import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gallery } from '../../web/scenario/gallery.js';
import { decodeLink, encodeLink, engine, stampOf } from '../engine/engine.js';
import { openChromium } from './browser.js';
import { type Host, host } from './host.js';
import { strokesIn } from './paper.js';

const { version } = engine;
const tokens =
  'v=1&model=memoryless&length=160&p=0.5,0.3,0.2&r=0,1,3&labels=a,b%20%26%20%3Cc%3E,d&kl_per_token=0.2&seed=1';
let site: Host;
let context: BrowserContext;
let page: Page;
const pages: Record<string, string> = {};
beforeAll(async () => {
  site = await host({ pages });
  context = await openChromium({
    viewport: { width: 1200, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  page = await context.newPage();
  await page.goto(`${site.url}/tilt/#${tokens}`);
  await page.locator('html[data-ready]').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Share' }).click();
  await page.locator('tilt-share dialog[open]').waitFor();
});
afterAll(async () => {
  await context.close();
  site.close();
});

const snippet = async (name: string) => {
  // A page that others were opened over writes to no clipboard, until the browser has it in front again.
  await expect
    .poll(async () => {
      await page.bringToFront();
      await page.getByRole('button', { name: `Copy ${name}`, exact: true }).click();
      return page
        .getByText(`${name} copied`)
        .waitFor({ timeout: 3000 })
        .then(
          () => true,
          () => false,
        );
    })
    .toBe(true);
  return page.evaluate(() => navigator.clipboard.readText());
};

test('the link opens what was shown, reproduced', async () => {
  const link = await snippet('Link');
  const other = await context.newPage();
  await other.goto(link);
  await other.locator('[data-verdict=reproduced]').waitFor();
  await other.getByRole('button', { name: 'Share' }).click();
  await expect.poll(() => other.locator('[data-snippet=Link]').textContent()).toBe(link);
  await other.close();
});

describe.each([
  ['newest', '/tilt/'],
  ['for-good', `/tilt/${version}/`],
])('snippets of the engine %s', (choice, folder) => {
  beforeAll(async () => {
    await page.getByLabel(choice.replace('-', ' ')).check();
  });

  test.each(['Element', 'Frame'])('%s draws in a page, and its way back keeps every setting', async (name) => {
    const text = await snippet(name);
    const link = (await snippet('Link')).split('#')[1];
    expect(text).toContain(`${site.url}${folder}embed.`);
    const post = `/post/${name}/${choice}`;
    pages[post] = `<!doctype html><meta charset="utf-8"><title>Post</title><body>${text}`;
    const other = await context.newPage();
    await other.goto(`${site.url}${post}`);
    const frame = other.frameLocator(name === 'Element' ? 'tilt-lab iframe' : 'iframe');
    await frame.locator('html[data-ready]').waitFor({ state: 'attached' });
    const full = frame.getByRole('link', { name: 'Open in full' });
    await expect.poll(() => full.getAttribute('href')).toBe(`./#${link}`);
    const [opened] = await Promise.all([context.waitForEvent('page'), full.click()]);
    await opened.locator('[data-verdict=reproduced]').waitFor();
    expect(opened.url()).toBe(`${site.url}${folder}#${link}`);
    const reportOf = (address: string) => JSON.stringify(engine.evaluate(decodeLink(address).scenario));
    expect(reportOf(opened.url())).toBe(reportOf(`#${tokens}`));
    await opened.close();
    await other.close();
  });
});

describe('on paper, at once, a figure that was never in view is its picture', () => {
  const far = '<div style="height:30000px"></div>';
  // Near enough that a browser loads the frame, too far for anyone to have seen the figure.
  const near = '<div style="height:1500px"></div>';
  const scripts = { 'content-security-policy': "script-src 'none'; frame-src 'none'" };
  test.each([
    ['Element', 'far away', far, {}],
    ['Element', 'loaded', near, {}],
    ['Element', 'on a page without scripts and frames', near, scripts],
    ['Frame', 'far away', far, {}],
    ['Frame', 'loaded', near, {}],
    ['Frame', 'on a page without scripts and frames', near, scripts],
  ] as const)('%s, %s', async (name, _, gap, headers) => {
    const text = await snippet(name);
    const post = await host({
      pages: { '/post': `<!doctype html><meta charset="utf-8"><title>Post</title><body>${gap}${text}` },
      headers,
    });
    const other = await context.newPage();
    await other.goto(`${post.url}/post`, { waitUntil: 'networkidle' });
    const isLoaded = other.frames().some((frame) => frame.url().includes('embed.html'));
    expect(isLoaded).toBe(gap === near && !('content-security-policy' in headers));
    const strokes = strokesIn(await other.pdf());
    expect(Math.min(...Object.values(strokes)), JSON.stringify(strokes)).toBeGreaterThan(0);
    await other.close();
    post.close();
  });

  test('a reader may leave it out; it says no more than is seen, and fits into a text', async () => {
    const choice = page.getByLabel('with a picture');
    const [, picture = ''] = /src="(data:image[^"]*)"/.exec(await snippet('Frame')) ?? [];
    expect(picture.length).toBeLessThan(8000);
    await choice.uncheck();
    await expect.poll(() => page.locator('[data-snippet=Frame]').textContent()).not.toContain('data:');
    expect(await snippet('Element')).not.toContain('data:');
    await choice.check();
    await expect.poll(() => page.locator('[data-snippet=Frame]').textContent()).toContain('data:');
  });
});

test('Markdown, LaTeX and BibTeX carry the address, escaped as each needs', async () => {
  await page.getByLabel('newest').check();
  const link = await snippet('Link');
  expect(await snippet('Markdown')).toMatch(/^\[[^\]]+\]\(http/);
  expect(await snippet('Markdown')).toContain(`](${link})`);
  const latex = await snippet('LaTeX');
  expect(latex.replaceAll(/\\([#%&_])/g, '$1')).toContain(`\\href{${link}}{`);
  expect(latex).not.toMatch(/(?<!\\)[#&]/);
  const bibtex = await snippet('BibTeX');
  expect(bibtex).toContain(`url = {${link}}`);
  expect(bibtex).toContain(`Engine ${version}`);
});

test('every figure can be chosen, and the code is a picture of the link', async () => {
  await page.locator('tilt-share select').selectOption('gap');
  await expect.poll(() => page.locator('[data-snippet=Frame]').textContent()).toContain('view=gap');
  await page.locator('tilt-share select').selectOption('frontier');
  const detected = await page.evaluate(async () => {
    const svg = document.querySelector('tilt-share .code svg') as SVGSVGElement;
    return { width: svg.getBoundingClientRect().width, path: svg.innerHTML.length };
  });
  expect(detected.width).toBe(220);
  expect(detected.path).toBeGreaterThan(2000);
});

test('no snippet ever shows one figure and names another', async () => {
  const seen = await page.evaluate(async () => {
    const root = document.querySelector('tilt-share') as HTMLElement;
    const select = root.querySelector('select') as HTMLSelectElement;
    const pairs = new Set<string>();
    const look = () => {
      const text = root.querySelector('[data-snippet=Frame]')?.textContent ?? '';
      const [, view] = /view=(\w+)/.exec(text) ?? [];
      const [, picture] = /src="(data:image[^"]*)"/.exec(text) ?? [];
      if (view && picture) pairs.add(JSON.stringify([view, picture]));
    };
    const observer = new MutationObserver(look);
    observer.observe(root, { subtree: true, childList: true, characterData: true });
    const until = async (view: string) => {
      for (let tries = 0; tries < 500; ++tries) {
        look();
        if ([...pairs].some((pair) => JSON.parse(pair)[0] === view)) return;
        await new Promise((done) => setTimeout(done, 20));
      }
    };
    for (const view of ['frontier', 'gap', 'simplex', 'frontier']) {
      select.value = view;
      select.dispatchEvent(new Event('change'));
      await until(view);
    }
    observer.disconnect();
    return [...pairs].map((pair): [string, string] => JSON.parse(pair));
  });
  expect(new Set(seen.map(([view]) => view))).toEqual(new Set(['frontier', 'gap', 'simplex']));
  // A figure of which parts were still computed may be drawn twice, never under another's name.
  expect(new Set(seen.map(([, picture]) => picture)).size).toBe(seen.length);
}, 60_000);

test('Escape closes the panel and gives the focus back', async () => {
  await page.keyboard.press('Escape');
  await page.locator('tilt-share dialog').waitFor({ state: 'hidden' });
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Share');
});

test('links of the gallery are under 300 characters', () => {
  for (const { scenario } of gallery)
    expect(
      encodeLink(scenario, stampOf(engine.evaluate(scenario))).length + 'https://example.org/tilt-lab/'.length,
    ).toBeLessThan(300);
});

test('a frame of which the engine differs says so with both numbers', async () => {
  const other = await context.newPage();
  await other.goto(`${site.url}/tilt/embed.html#v=1&seed=1&e=0.0.9&d=0000000000~1.5~2.5`);
  await other.locator('[data-verdict=differs]').waitFor();
  expect(await other.locator('[data-verdict=differs]').textContent()).toMatch(/1\.5.*2\.5.*12\.02794.*14\.18472/s);
  await other.close();
});

test('what an author misspells is named, and the default stands in', async () => {
  const other = await context.newPage();
  await other.goto(`${site.url}/tilt/embed.html?view=frontiers&show=chart,buttons&theme=blue#v=1&kl_per_token=-1`);
  await other.locator('html[data-ready]').waitFor({ state: 'attached' });
  const notices = await other.locator('.notice').allTextContents();
  expect(notices.map((text) => text.split(':')[0]).sort()).toEqual(['budget.kl_per_token', 'show', 'theme', 'view']);
  await other.close();
});
