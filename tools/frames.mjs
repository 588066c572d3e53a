// Frames of the built page while the budget is dragged, with the processor slowed down:
//
//   node tools/frames.mjs [RATE] [SECTION ...]      RATE 4 where none is given, every section where none is named
//
// Each row: milliseconds between frames, and milliseconds of the page's thread for each step of the drag.
import { chromium } from 'playwright-core';
import { preview } from 'vite';
import flags from '../tests/browser/chromium-flags.json' with { type: 'json' };

const [rate = '4', ...named] = process.argv.slice(2);
const steps = 180;
const server = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'error' });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
const devtools = await page.context().newCDPSession(page);
await devtools.send('Performance.enable');
await page.goto(server.resolvedUrls.local[0]);
await page.waitForSelector('html[data-ready=true]');

const metrics = async () => {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, 1000 * value]));
};

/** Moves a slider to and fro, one step a frame. */
const drag = (slider, steps) =>
  slider.evaluate(
    (range, steps) =>
      new Promise((resolve) => {
        const gaps = [];
        let last = performance.now();
        const step = (now) => {
          gaps.push(now - last);
          last = now;
          if (gaps.length > steps) return resolve(gaps.slice(1));
          range.value = String(100 + Math.round(80 * Math.sin(gaps.length / 15)));
          range.dispatchEvent(new Event('input', { bubbles: true }));
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    steps,
  );

const rows = [];
const sections =
  named.length > 0 ? named : ['top', ...(await page.$$eval('.statement', (all) => all.map(({ id }) => id)))];
for (const id of sections) {
  const top = id === 'top';
  await page.evaluate(
    (selector) => (selector ? document.querySelector(selector).scrollIntoView({ block: 'center' }) : scrollTo(0, 0)),
    top ? null : `#${id} .figures`,
  );
  const slider = page.locator(top ? 'aside input[type=range]' : '.dock input[type=range]').first();
  await drag(slider, 30);
  await page.waitForTimeout(1000);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: Number(rate) });
  const before = await metrics();
  const gaps = (await drag(slider, steps)).sort((a, b) => a - b);
  const after = await metrics();
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  const each = (name) => ((after[name] - before[name]) / steps).toFixed(2);
  rows.push({
    section: id,
    mean: (gaps.reduce((a, b) => a + b) / steps).toFixed(1),
    median: gaps[steps >> 1].toFixed(1),
    p95: gaps[Math.floor(0.95 * steps)].toFixed(1),
    thread: each('TaskDuration'),
    script: each('ScriptDuration'),
    style: each('RecalcStyleDuration'),
    layout: each('LayoutDuration'),
  });
}
console.table(rows);
await browser.close();
await server.close();
