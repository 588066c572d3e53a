// What Lighthouse says of the built site, served with compression as hosts do. Lighthouse is fetched by npx, once:
//
//   node tools/lighthouse.mjs [PATH ...]      the page and an embed where none is given
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import flags from '../tests/browser/chromium-flags.json' with { type: 'json' };

const dist = new URL('../dist/', import.meta.url).pathname;
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.tsv': 'text/tab-separated-values',
  '.txt': 'text/plain',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};
/** Compressed once, before anybody waits for it. */
const packed = new Map(
  readdirSync(dist, { recursive: true })
    .filter((name) => types[extname(name)] && !/^\d|tilt-lab\.html|sandbox-|full-/.test(name))
    .map((name) => [`/${name}`, brotliCompressSync(readFileSync(join(dist, name)))]),
);
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://host');
  const name = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
  const body = packed.get(name);
  if (!body) return response.writeHead(404).end();
  const age = name.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'max-age=600';
  response.writeHead(200, { 'content-type': types[extname(name)], 'content-encoding': 'br', 'cache-control': age });
  response.end(body);
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const site = `http://127.0.0.1:${server.address().port}/`;
const folder = mkdtempSync(join(tmpdir(), 'tiltlab-lighthouse-'));
const paths = process.argv.slice(2);
for (const path of paths.length > 0 ? paths : ['', 'embed.html?view=frontier']) {
  const output = join(folder, 'report.json');
  await promisify(execFile)(
    'npx',
    [
      '--yes',
      'lighthouse@13',
      site + path,
      '--quiet',
      '--output=json',
      `--output-path=${output}`,
      `--chrome-flags=--headless ${flags.join(' ')}`,
    ],
    { env: { CHROME_PATH: '/usr/bin/chromium', ...process.env } },
  );
  const { categories, audits } = JSON.parse(readFileSync(output, 'utf8'));
  console.log(`/${path}`);
  for (const { title, score, auditRefs } of Object.values(categories)) {
    const short = auditRefs.map(({ id }) => audits[id]).filter((audit) => audit.score !== null && audit.score < 0.9);
    console.log(
      `  ${title} ${Math.round(100 * score)}${short.map((audit) => `\n    ${audit.id} ${audit.displayValue ?? ''}`).join('')}`,
    );
  }
  for (const id of ['first-contentful-paint', 'largest-contentful-paint', 'interactive', 'cumulative-layout-shift'])
    console.log(`  ${id} ${audits[id].displayValue}`);
}
server.close();
