import { expect, test } from 'vitest';
import { isCoreView } from '../../web/engine/facade.js';
import { engine, type Scenario } from './engine.js';

/** Both policies by reward, win rate and gold. */

const size = 2000;
const largest = (12 / 13) ** 12 / 13;
/** u uniform, gold u^12 (1 − u) / C. */
const proxy: Scenario = {
  v: 1,
  model: {
    kind: 'finite',
    outcomes: Array.from({ length: size }, (_, i) => {
      const u = (i + 0.5) / size;
      return { p: 1 / size, reward: u, gold: (u ** 12 * (1 - u)) / largest };
    }),
  },
  budget: { n: 16 },
};
const normal: Scenario = { v: 1, model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { kl: 2 } };
const text: Scenario = {
  v: 1,
  model: { kind: 'text', source: 'moby-dick', order: 0, length: 40 },
  budget: { kl_per_token: 0.2 },
};
const pathsOf = (scenario: Scenario, klEnd: number) => {
  const { paths } = engine.view(scenario, { klEnd, curves: [], statements: ['paths'] }).statements;
  if (!paths) throw new Error('no paths');
  return paths;
};

test('gold against proxy: the peaks in closed form, to the spacing of the outcomes squared', () => {
  const { kl_rl, best_of_n } = pathsOf(proxy, 5);
  // arXiv 2506.19248: N* = √156, and the tilt's peak, which is that of the win-rate tilt here.
  expect(best_of_n.peak).toMatchObject({ where: 'inside', alpha: null });
  expect(best_of_n.peak?.n).toBeCloseTo(Math.sqrt(156), 3);
  expect(Math.abs((best_of_n.peak?.gold ?? 0) - 0.679661)).toBeLessThan(1e-5);
  expect(kl_rl.peak).toMatchObject({ where: 'inside', n: null });
  expect(kl_rl.peak?.alpha).toBeCloseTo(13.5294, 3);
  expect(Math.abs((kl_rl.peak?.gold ?? 0) - 0.665798)).toBeLessThan(1e-5);
  for (const { budget, kl, reward, win_rate, gold, fit } of [kl_rl, best_of_n]) {
    expect(new Set([kl, reward, win_rate, gold, fit?.gold].map((each) => each?.length))).toEqual(
      new Set([budget.length]),
    );
    expect(fit?.gold[0]).toBe(gold?.[0]);
  }
});

test.each([
  ['outcomes', proxy],
  ['a normal reward', normal],
  ['words', text],
] as const)('paths of %s end where reports of that budget are', (_, scenario) => {
  const { budget } = engine.evaluate(scenario);
  const { kl_rl, best_of_n, kl_end } = pathsOf(scenario, budget.kl);
  expect(kl_end).toBe(budget.kl);
  const report = engine.evaluate({ ...scenario, budget: { kl: kl_end } });
  for (const field of ['reward', 'win_rate', 'kl'] as const) {
    expect(kl_rl[field].at(-1)).toBeCloseTo(report.kl_rl[field] as number, 10);
    expect(best_of_n[field].at(-1)).toBeCloseTo(report.best_of_n[field] as number, 10);
    expect(kl_rl[field][0]).toBeCloseTo(field === 'kl' ? 0 : (report.model[field] as number), 12);
  }
  expect(best_of_n.budget.at(-1)).toBe(kl_end);
});

test('a model that states no gold has none, and no peak', () => {
  for (const scenario of [normal, text])
    for (const path of [pathsOf(scenario, 4).kl_rl, pathsOf(scenario, 4).best_of_n])
      expect(path).toMatchObject({ gold: null, peak: null, fit: null });
});

test('without an axis of their own they hold twice the budget', () => {
  const { kl } = engine.evaluate(normal).budget;
  expect(engine.statements(normal, ['paths']).paths?.kl_end).toBe(2 * kl);
  expect(engine.statements({ ...normal, budget: { kl: 0 } }, ['paths']).paths?.kl_end).toBe(1);
});

test('they are of the full module, and no view asks for them by itself', () => {
  expect(isCoreView(text, { klEnd: 4, curves: [] })).toBe(true);
  expect(isCoreView(text, { klEnd: 4, curves: [], statements: ['paths'] })).toBe(false);
  expect(engine.view(text, { klEnd: 4 }).statements).toEqual({});
});

test('a budget changes nothing of them', () => {
  const first = pathsOf(proxy, 5);
  expect(pathsOf({ ...proxy, budget: { n: 3 } }, 5)).toBe(first);
  expect(pathsOf({ ...proxy, budget: { n: 3 } }, 4)).not.toBe(first);
});
