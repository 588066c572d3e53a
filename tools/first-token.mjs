// Milliseconds from the loaded module to the first token, in a page of Chromium that never saw either: the model read, and one
// token drawn. In the page's own thread, since Chromium slows down no worker.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import flags from '../tests/browser/chromium-flags.json' with { type: 'json' };

const types = { js: 'text/javascript', wasm: 'application/wasm', bin: 'application/octet-stream' };

/** Serves the package and a model under an address that is nobody's. */
async function serve(page, files) {
  await page.route('**/*', (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === '')
      return route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>first token</title>' });
    try {
      const body = files[name] ?? readFileSync(new URL(`../build/lib/${name}`, import.meta.url));
      return route.fulfill({ contentType: types[name.split('.').at(-1)] ?? 'text/plain', body });
    } catch {
      return route.fulfill({ status: 404, body: '' });
    }
  });
}

/** In the page. */
async function once(prompt) {
  const { loadLanguage } = await import('/language.js');
  const bytes = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
  const [checkpoint, tokenizer] = await Promise.all(['checkpoint.bin', 'tokenizer.bin'].map(bytes));
  const began = performance.now();
  const engine = await loadLanguage();
  const loaded = performance.now();
  engine.read(checkpoint, tokenizer);
  const read = performance.now();
  const [{ tokens }] = engine.generate({ prompt, length: 1 });
  const drawn = performance.now();
  if (tokens.length !== 1) throw new Error('no token');
  return { module: loaded - began, read: read - loaded, token: drawn - read, first: drawn - loaded };
}

const inTheMiddle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/**
 * @param models of each its name, its two files and a prompt
 * @returns rows of a table: of each the middle of so many pages, and the slowest
 */
export async function firstTokens(models, rates = [1, 4], pages = 9) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  const rows = [];
  for (const { name, checkpoint, tokenizer, prompt } of models)
    for (const rate of rates) {
      const all = [];
      for (let k = 0; k < pages; k++) {
        // Another context has no code of an earlier one.
        const context = await browser.newContext();
        const page = await context.newPage();
        await serve(page, { 'checkpoint.bin': checkpoint, 'tokenizer.bin': tokenizer });
        await page.goto('http://tilt.test/');
        const devtools = await context.newCDPSession(page);
        await devtools.send('Emulation.setCPUThrottlingRate', { rate });
        all.push(await page.evaluate(once, prompt));
        await context.close();
      }
      const of = (what) => inTheMiddle(all.map((each) => each[what])).toFixed(1);
      rows.push({
        model: name,
        'slowed down': `${rate} times`,
        'module (ms)': of('module'),
        'model read': of('read'),
        'token drawn': of('token'),
        'first token': of('first'),
        slowest: Math.max(...all.map(({ first }) => first)).toFixed(1),
      });
    }
  await browser.close();
  return rows;
}
