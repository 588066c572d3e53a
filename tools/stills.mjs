// The default scenario's numbers for each figure, rounded: what an embed paints before its engine starts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { decodeLink, loadEngine, statementNames } from '../build/lib/index.js';

const { scenario } = decodeLink('#v=1');
const engine = await loadEngine();
const view = engine.view(scenario, { klEnd: 16, statements: statementNames, near: { tilt: -0.3, bend: 0.8 } });
const { report, derived, near, statements } = view;
const folder = new URL('../web/generated/stills/', import.meta.url);
mkdirSync(folder, { recursive: true });
/** Points of curves to a fraction of a pixel, numbers that are read to five digits. */
function short(_, value) {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number(value.toPrecision(Array.isArray(this) ? 4 : 5));
}
const write = (name, part) =>
  writeFileSync(new URL(`${name}.json`, folder), JSON.stringify({ report, derived, near: null, ...part }, short));
for (const name of ['frontier', 'laws', 'gap']) write(name, { [name]: view[name], statements: {} });
for (const [name, found] of Object.entries(statements))
  if (found !== null) write(name, { statements: { [name]: found }, ...(name === 'near' ? { near } : {}) });
