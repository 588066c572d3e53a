// Pictures of the built page at three widths in both themes: node tools/screenshots.mjs FOLDER [hash or query]
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { preview } from 'vite';
import flags from '../tests/browser/chromium-flags.json' with { type: 'json' };

const [folder = 'build/screenshots', suffix = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const server = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'error' });
const url = server.resolvedUrls.local[0] + suffix;
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: flags,
});
for (const colorScheme of ['light', 'dark']) {
  for (const width of [390, 820, 1440]) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    page.on('console', (message) => message.type() === 'error' && console.log(width, colorScheme, message.text()));
    page.on('pageerror', (error) => console.log(width, colorScheme, String(error)));
    await page.goto(url);
    await page.waitForSelector('html[data-ready=true]');
    await page.evaluate(() => document.fonts.ready);
    // Figures draw when they come into view: the whole page is passed, then made one view.
    for (let pass = 0; pass < 2; pass++) {
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ width, height: Math.min(height + 400, 16000) });
      await page.waitForTimeout(1500);
    }
    await page.screenshot({ path: `${folder}/${width}-${colorScheme}.png`, fullPage: true });
    await page.close();
  }
}
await browser.close();
await server.close();
