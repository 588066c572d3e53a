// Makes pictures of the built page: node tools/social.mjs [social] [readme]
// `social` is web/public/social.png, what other sites show of the page; `readme` is docs/page.png, with which the README begins.
import { writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { preview } from 'vite';
import flags from '../tests/browser/chromium-flags.json' with { type: 'json' };
import { pngOf } from './png.mjs';

const pictures = {
  social: {
    file: 'web/public/social.png',
    size: { width: 1200, height: 630 },
    // What is pressed has no place in a picture.
    style: `tilt-link, .lead, .tools, .controls, .handle, .term, main > :not(h1, .main-figure), footer { display: none !important }
    dl { display: none } h1 { margin: 18px 0 26px !important } .caption { margin-top: -14px !important }`,
  },
  readme: { file: 'docs/page.png', size: { width: 1200, height: 790 }, style: '' },
};
const asked = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(pictures);

const server = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'error' });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
for (const name of asked) {
  const { file, size, style } = pictures[name];
  const page = await browser.newPage({ viewport: size, colorScheme: 'light' });
  await page.goto(server.resolvedUrls.local[0]);
  await page.waitForSelector('html[data-ready=true]');
  if (style) await page.addStyleTag({ content: style });
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(500);
  const shot = (await page.screenshot()).toString('base64');
  const pixels = await page.evaluate(async (data) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
    const sheet = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
    sheet.drawImage(picture, 0, 0);
    return [...sheet.getImageData(0, 0, picture.width, picture.height).data];
  }, shot);
  const png = pngOf(pixels, size.width, size.height);
  writeFileSync(new URL(`../${file}`, import.meta.url), png);
  console.log(`${file}: ${png.length} bytes`);
}
await browser.close();
await server.close();
