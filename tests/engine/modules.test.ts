import { readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { asChecked, isCoreView, makeEngine } from '../../web/engine/facade.js';
import { gallery } from '../../web/scenario/gallery.js';
import type { Scenario } from './engine.js';

const engineOf = async (name: string) => {
  const file = (ending: string) => new URL(`../../build/wasm/tiltlab_${name}.${ending}`, import.meta.url);
  const { default: create } = await import(file('mjs').href);
  return makeEngine(create, asChecked, { wasmBinary: readFileSync(file('wasm')) });
};

const [core, full] = await Promise.all([engineOf('core'), engineOf('full')]);
const reports: { scenario: Scenario }[] = JSON.parse(
  readFileSync(new URL('../reference/reports.json', import.meta.url), 'utf8'),
);
const options = { klEnd: 12 };

test('the core module finds the very bits of the full one', () => {
  // Without rare tokens that all but fix a coarser lattice, whose gap curves take seconds.
  const quick = ({ model }: Scenario) => model.kind !== 'memoryless' || model.tokens.every(({ p }) => p > 0.002);
  const scenarios = [...reports, ...gallery]
    .map(({ scenario }) => scenario)
    .filter((s) => isCoreView(s, options) && quick(s));
  expect(scenarios.length).toBeGreaterThan(20);
  for (const scenario of scenarios) {
    expect(JSON.stringify(core.view(scenario, options))).toBe(JSON.stringify(full.view(scenario, options)));
  }
});

test('what the core module lacks is told from what it has', () => {
  const [{ scenario }] = reports as [{ scenario: Scenario }];
  expect(isCoreView(scenario, options)).toBe(true);
  expect(isCoreView(scenario, { ...options, statements: ['tilt'] })).toBe(false);
  expect(isCoreView(scenario, { ...options, near: { tilt: 0, bend: 0 } })).toBe(false);
  expect(isCoreView({ ...scenario, policies: [{ kind: 'best_of_poisson', mu: 3 }] }, options)).toBe(false);
  const normal: Scenario = { v: 1, model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { n: 4 } };
  expect(isCoreView(normal, options)).toBe(false);
});

test('the core stays under 88 kB, as it travels', () => {
  const bytes = readFileSync(new URL('../../build/wasm/tiltlab_core.wasm', import.meta.url));
  expect(brotliCompressSync(bytes).length).toBeLessThan(88_000);
});
