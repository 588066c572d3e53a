import { describe, expect, test } from 'vitest';
import { engine, parseScenarioText } from './engine.js';

/** Rewards of so many decimals that their sums share no lattice that is short. */
const rewards = {
  'three decimals': [2.556, 1.001, 1.689],
  'three more': [0.123, 1.457, 2.91],
  'four decimals': [2.6932, 1.67, 2.9959],
  'six decimals': [0.123456, 1.987654, 3.456789],
  'no lattice': [0.123456789012345, 1.987654321098765, 2.913579246801357],
};
const rows = [
  [0.5, 0.3, 0.2],
  [0.2, 0.6, 0.2],
  [0.3, 0.3, 0.4],
];
const models = {
  tokens: (length: number, reward: readonly number[]) => ({
    kind: 'memoryless',
    length,
    tokens: reward.map((worth, i) => ({ p: rows[0]?.[i], reward: worth })),
  }),
  states: (length: number, reward: readonly number[]) => ({
    kind: 'markov',
    length,
    initial: [1, 0, 0],
    transition: rows,
    reward,
  }),
  transitions: (length: number, reward: readonly number[]) => ({
    kind: 'markov',
    length,
    initial: [1, 0, 0],
    transition: rows,
    reward: rows.map((_, i) => reward.map((worth) => Number((worth * (1 + i / 8)).toPrecision(15)))),
  }),
};
const lengths = [30, 100, 250, 1000, 5000, 1e5, 1e6, 1e7, 1e8, 1e9];

const report = (model: object, budget: object, what = '') => {
  try {
    return engine.evaluate(parseScenarioText(JSON.stringify({ model, budget })));
  } catch (error) {
    throw new Error(`${what}: ${error}`);
  }
};

describe.each(Object.entries(models))('%s whose sums are many', (_, model) => {
  test.each(Object.entries(rewards))('are answered at every length: %s', (_, reward) => {
    for (const length of lengths) {
      const at = report(model(length, reward), { kl_per_token: 0.1 });
      const gap = at.gap.reward;
      if (gap === null) throw new Error(`no gap at ${length}: ${JSON.stringify(at.notes)}`);
      expect(gap, `${length}`).toBeGreaterThan(0);
      expect(at.error_bound ?? 0, `${length}`).toBeLessThan(1e-3);
      // What the paper's asymptotics say is found in another way.
      const sharp = at.limits?.gap_sharp;
      if (length < 1e5) continue;
      if (typeof sharp !== 'number') throw new Error(`no limit at ${length}`);
      expect(Math.abs(gap / sharp - 1), `${length}`).toBeLessThan(0.001);
    }
  });

  test('the same with budgets that are small', () => {
    for (const reward of [rewards['three decimals'], rewards['six decimals'], rewards['no lattice']]) {
      for (const length of [100, 1000, 1e5, 1e7, 1e9]) {
        for (const budget of [{ n: 16 }, { n: 1000 }]) {
          const at = report(model(length, reward), budget, `${length} ${reward} ${JSON.stringify(budget)}`);
          expect(at.best_of_n.kl, `${length} ${JSON.stringify(budget)}`).toBeLessThanOrEqual(
            at.best_of_n.kl_bound + 1e-9,
          );
          expect(at.best_of_n.kl, `${length} ${JSON.stringify(budget)}`).toBeGreaterThan(at.best_of_n.kl_bound - 0.05);
          // N - 1 of N drafts lose to the best of them.
          const n = Math.exp(at.budget.log_n);
          expect(at.best_of_n.win_rate, `${length}`).toBeCloseTo(n / (n + 1), 3);
        }
      }
    }
  });
});

test('a chain that forgets is within its bound of independent tokens, whose sums are listed', () => {
  const p = rows[0] ?? [];
  let off = 0;
  let compared = 0;
  for (const reward of [rewards['four decimals'], rewards['six decimals'], rewards['no lattice']]) {
    for (const length of [400, 1000]) {
      for (const budget of [{ kl_per_token: 0.05 }, { kl_per_token: 0.2 }, { n: 64 }]) {
        const exact = report(models.tokens(length, reward), budget);
        const chain = { kind: 'markov', length, initial: [1, 0, 0], transition: [p, p, p], reward };
        const found = report(chain, budget);
        // Where the list of sums is too long for these, too, there is nothing to compare.
        if ((exact.error_bound ?? 0) > 1e-9) continue;
        ++compared;
        const bound = found.error_bound ?? 0;
        for (const of of [
          (r: typeof exact) => r.best_of_n.reward,
          (r: typeof exact) => r.best_of_n.reward_sd,
          (r: typeof exact) => r.best_of_n.kl,
          (r: typeof exact) => r.best_of_n.win_rate,
          (r: typeof exact) => r.best_of_n.kl_to_kl_rl,
          (r: typeof exact) => r.gap.reward,
          (r: typeof exact) => r.gap.reward_at_bon_kl,
          (r: typeof exact) => r.kl_rl.win_rate,
        ]) {
          const [right, x] = [of(exact), of(found)];
          if (typeof right !== 'number' || typeof x !== 'number') continue;
          const miss = Math.abs(x - right) / Math.max(1, Math.abs(right));
          expect(miss, `${length} ${reward} ${JSON.stringify(budget)} ${of}`).toBeLessThanOrEqual(bound + 1e-11);
          off = Math.max(off, miss);
        }
      }
    }
  }
  // Some of them were taken for smooth.
  expect(off).toBeGreaterThan(1e-8);
  expect(compared).toBeGreaterThan(8);
});
