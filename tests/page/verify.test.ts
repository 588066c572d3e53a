import { expect, test } from 'vitest';
import { fnv1a } from '../../web/link/fnv.js';
import { browserName } from '../../web/verify/browser-name.js';

test('FNV-1a gives the values of its authors’ tables', () => {
  expect(fnv1a('')).toBe(0xcbf29ce484222325n);
  expect(fnv1a('a')).toBe(0xaf63dc4c8601ec8cn);
  expect(fnv1a('foobar')).toBe(0x85944171f73967e8n);
});

test('FNV-1a in halves is that of big integers, of any units', () => {
  const text = Array.from({ length: 3000 }, (_, i) => String.fromCharCode((i * i * 31) % 65536)).join('');
  let state = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    state = BigInt.asUintN(64, (state ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
    if (i % 500 === 0) expect(fnv1a(text.slice(0, i + 1))).toBe(state);
  }
  expect(fnv1a(text)).toBe(state);
});

test.each([
  ['Firefox 128', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'],
  [
    'Chrome 131',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  ],
  [
    'Edge 131',
    'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0',
  ],
  ['Safari 17.6', 'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15'],
  [
    'Firefox 130',
    'Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/130.0 Mobile/15E148 Safari/605.1.15',
  ],
  ['this browser', 'Lynx/2.9'],
])('%s says its name', (name, userAgent) => {
  expect(browserName(userAgent)).toBe(name);
});
