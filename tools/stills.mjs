// What stands before an engine runs, of the default scenario, by the real engine and the real figures: for each figure the
// numbers, rounded, that an embed paints; for the page the top of it as HTML, and the style of figures for that.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'vite';
import { decodeLink, loadEngine, statementNames } from '../build/lib/node/index.js';
import { shared } from '../vite.shared.mjs';

const { scenario } = decodeLink('#v=1');
const engine = await loadEngine();
const view = engine.view(scenario, {
  klEnd: 16,
  statements: statementNames.filter((name) => name !== 'paths'),
  near: { tilt: -0.3, bend: 0.8 },
});
const shown = { scenario, view, unit: 'word', simulated: null };
const { report, frontier, derived, near, statements } = view;

const generated = (path) => new URL(`../web/generated/${path}`, import.meta.url);
rmSync(generated('stills/'), { recursive: true, force: true });
mkdirSync(generated('stills/'), { recursive: true });
/** Points of curves to a fraction of a pixel, numbers that are read to five digits. */
function short(_, value) {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number(value.toPrecision(Array.isArray(this) ? 4 : 5));
}
const write = (name, part) =>
  writeFileSync(
    generated(`stills/${name}.json`),
    JSON.stringify({ report, derived, near: null, statements: {}, ...part }, short),
  );

const vite = await createServer({
  ...shared,
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
try {
  const { figures } = await vite.ssrLoadModule('/figures/registry.ts');
  for (const [name, { load }] of Object.entries(figures)) {
    const { part } = await load();
    if (part === undefined) write(name, { frontier });
    else if (part === 'laws' || part === 'gap') view[part] && write(name, { [part]: view[part] });
    else if (statements[part])
      write(name, { statements: { [part]: statements[part] }, ...(part === 'near' ? { near } : {}) });
  }
  const { stillOf } = await vite.ssrLoadModule('/still/still.ts');
  writeFileSync(generated('still.html'), stillOf(shown));
} finally {
  await vite.close();
}
const style = readFileSync(new URL('../web/page/figure.css', import.meta.url), 'utf8');
writeFileSync(
  generated('still.css'),
  style
    .match(/^tilt-figure[^{]*\{[^}]*\}/gm)
    .join('\n')
    .replaceAll('tilt-figure', '.still-figure'),
);
