import { readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { asChecked, isCoreView, makeEngine } from '../../web/engine/facade.js';
import { gallery } from '../../web/scenario/gallery.js';
import type { Scenario } from './engine.js';

const wasmOf = (name: string, ending: string) => new URL(`../../build/wasm/tiltlab_${name}.${ending}`, import.meta.url);
const engineOf = async (name: string) => {
  const { default: create } = await import(wasmOf(name, 'mjs').href);
  return makeEngine(create, asChecked, { wasmBinary: readFileSync(wasmOf(name, 'wasm')) });
};

const [core, full] = await Promise.all([engineOf('core'), engineOf('full')]);
const reports: { scenario: Scenario }[] = JSON.parse(
  readFileSync(new URL('../reference/reports.json', import.meta.url), 'utf8'),
);
const options = { klEnd: 12 };

/** 500 tokens of four decimals, whose law is listed by none of the ways that fewer take. */
const many: Scenario = {
  v: 1,
  model: {
    kind: 'memoryless',
    length: 50,
    normalise: true,
    tokens: Array.from({ length: 500 }, (_, i) => ({
      p: 1 + ((i * 7919) % 101),
      reward: (((i * 104729) % 99991) - 50000) / 1e4,
    })),
  },
  budget: { kl_per_token: 0.2 },
};

test('the core module finds the very bits of the full one', () => {
  // Without rare tokens that all but fix a coarser lattice, whose gap curves take seconds.
  const quick = ({ model }: Scenario) => model.kind !== 'memoryless' || model.tokens.every(({ p }) => p > 0.002);
  const scenarios = [...reports, ...gallery, { scenario: many }]
    .map(({ scenario }) => scenario)
    .filter((s) => isCoreView(s, options) && quick(s));
  expect(scenarios.length).toBeGreaterThan(20);
  for (const scenario of scenarios) {
    expect(JSON.stringify(core.view(scenario, options))).toBe(JSON.stringify(full.view(scenario, options)));
  }
});

test('a view of 100,000 outcomes reads its model once, whatever it shows', async () => {
  const { default: create } = await import(wasmOf('full', 'mjs').href);
  const reads: string[] = [];
  const noting = (model: object) =>
    new Proxy(model, {
      get(target, name, receiver) {
        if (name === 'p' || name === 'reward') reads.push(name);
        return Reflect.get(target, name, receiver);
      },
    });
  /** The module, which sees whatever the core reads of a model. */
  const load = async (options?: object) => {
    const core = await create(options);
    return new Proxy(core, {
      get(target, name) {
        const found = target[name];
        if (typeof found !== 'function') return found;
        return (...all: unknown[]) =>
          found.apply(
            target,
            all.map((one) =>
              typeof one === 'object' && one !== null && 'kind' in one && 'p' in one ? noting(one) : one,
            ),
          );
      },
    });
  };
  const noted = await makeEngine(load, asChecked, { wasmBinary: readFileSync(wasmOf('full', 'wasm')) });
  const size = 100_000;
  const outcomes = Array.from({ length: size }, (_, i) => ({ p: 1 / size, reward: (i % 1000) / 10 }));
  const scenario: Scenario = { v: 1, model: { kind: 'finite', outcomes }, budget: { n: 16 } };
  noted.view(scenario, { klEnd: 6, statements: ['tilt', 'rates', 'cumulants', 'renyi', 'simplex'] });
  expect(reads).toEqual(['p', 'reward']);
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
