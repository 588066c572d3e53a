// Makes web/public/social.png, what other sites show of the page, from the built page: node tools/social.mjs
import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { preview } from 'vite';
import flags from '../tests/browser/chromium-flags.json' with { type: 'json' };

const file = new URL('../web/public/social.png', import.meta.url).pathname;
const server = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'error' });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
const page = await browser.newPage({ viewport: { width: 1200, height: 630 }, colorScheme: 'light' });
await page.goto(server.resolvedUrls.local[0]);
await page.waitForSelector('html[data-ready=true]');
// What is pressed has no place in a picture.
await page.addStyleTag({
  content: `tilt-link, .lead, .tools, .controls, .handle, .term, main > :not(h1, .main-figure), footer { display: none !important }
    dl { display: none } h1 { margin: 18px 0 26px !important } .caption { margin-top: -14px !important }`,
});
await page.evaluate(() => document.fonts.ready);
await page.waitForTimeout(500);
const shot = (await page.screenshot()).toString('base64');
const pixels = await page.evaluate(async (data) => {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
  const sheet = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
  sheet.drawImage(picture, 0, 0);
  return [...sheet.getImageData(0, 0, picture.width, picture.height).data];
}, shot);
await browser.close();
await server.close();

// A page has few colours: as a list of 256 they take a third of the room.
const [width, height] = [1200, 630];
const colours = Array.from({ length: width * height }, (_, i) => pixels.slice(4 * i, 4 * i + 3));
const counts = new Map();
for (const colour of colours) counts.set(colour.join(), (counts.get(colour.join()) ?? 0) + 1);
const palette = [...counts]
  .sort(([, a], [, b]) => b - a)
  .slice(0, 256)
  .map(([colour]) => colour.split(',').map(Number));
const distance = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
const nearest = new Map(
  [...counts.keys()].map((colour) => {
    const channels = colour.split(',').map(Number);
    const distances = palette.map((other) => distance(channels, other));
    return [colour, distances.indexOf(Math.min(...distances))];
  }),
);
const rows = Buffer.alloc((width + 1) * height);
colours.forEach((colour, i) => {
  rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = nearest.get(colour.join());
});
const crcs = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});
const crc = (bytes) => {
  let c = 0xffffffff;
  for (const byte of bytes) c = crcs[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
};
const chunk = (name, data) => {
  const body = Buffer.concat([Buffer.from(name), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
};
const head = Buffer.alloc(13);
head.writeUInt32BE(width, 0);
head.writeUInt32BE(height, 4);
head.set([8, 3, 0, 0, 0], 8);
const png = Buffer.concat([
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  chunk('IHDR', head),
  chunk('PLTE', Buffer.from(palette.flat())),
  chunk('IDAT', deflateSync(rows, { level: 9 })),
  chunk('IEND', Buffer.alloc(0)),
]);
writeFileSync(file, png);
console.log(`${png.length} bytes`);
