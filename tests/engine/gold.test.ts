import { describe, expect, test } from 'vitest';
import type { Scenario } from '../../web/scenario/scenario.js';
import { decodeLink, encodeLink, engine, stampOf } from './engine.js';

const tokens = [
  { label: 'plain', p: 0.6, reward: 0, gold: 0 },
  { label: 'good', p: 0.3, reward: 1, gold: 1 },
  { label: 'flattery', p: 0.1, reward: 2, gold: -0.5 },
];
const policies: Scenario['policies'] = [
  { kind: 'soft_best_of_n', n: 4, alpha: 1.5 },
  { kind: 'best_of_poisson', mu: 3 },
  { kind: 'win_rate_tilt', c: 2 },
  { kind: 'top_quantile', tau: 0.2 },
  { kind: 'chi_squared', beta: 1.5 },
  { kind: 'mixture', n: 8, weight: 0.4 },
  { kind: 'win_rate_tilt', kl: 0.7 },
];
const sequence = (length: number, budget: Scenario['budget'], more: Partial<Scenario> = {}): Scenario => ({
  v: 1,
  model: { kind: 'memoryless', length, tokens },
  budget,
  ...more,
});

/** Every sequence of so many tokens, as outcomes. */
function listed(length: number): { p: number; reward: number; gold: number }[] {
  if (length === 0) return [{ p: 1, reward: 0, gold: 0 }];
  return listed(length - 1).flatMap((rest) =>
    tokens.map(({ p, reward, gold }) => ({ p: rest.p * p, reward: rest.reward + reward, gold: rest.gold + gold })),
  );
}

describe('a sequence has the gold of its tokens together', () => {
  test.each([1, 2, 5])('%i tokens are the list of their sequences, for every policy', (length) => {
    for (const budget of [{ n: 1 }, { n: 4 }, { log_n: 2.5 }, { kl: 0.4 }]) {
      const told = engine.evaluate(sequence(length, budget, { policies }));
      const outcomes = listed(length);
      const exact = engine.evaluate({ v: 1, model: { kind: 'finite', outcomes }, budget, policies });
      for (const of of ['model', 'kl_rl', 'best_of_n', 'kl_rl_at_bon_kl'] as const)
        expect(told[of].gold, `${of} at ${JSON.stringify(budget)}`).toBeCloseTo(exact[of].gold, 10);
      expect(told.policies?.length).toBe(policies.length);
      told.policies?.forEach((policy, i) => {
        expect(policy.gold, `${policies[i]?.kind} at ${JSON.stringify(budget)}`).toBeCloseTo(
          exact.policies?.[i]?.gold as number,
          10,
        );
      });
    }
  });

  test('block by block it adds up over blocks', () => {
    const block = { kind: 'block_best_of_n', block: 5, n: 4 } as const;
    const [of] = engine.evaluate(sequence(40, { n: 4 }, { policies: [block] })).policies ?? [];
    expect(of?.gold).toBeCloseTo(8 * engine.evaluate(sequence(5, { n: 4 })).best_of_n.gold, 10);
  });

  test('under a transform it stays what it was: best-of-N by an increasing one has the same gold', () => {
    const plain = engine.evaluate(sequence(30, { n: 50 }));
    const squared = engine.evaluate(sequence(30, { n: 50 }, { transform: { kind: 'power', exponent: 2 } }));
    expect(squared.model.gold).toBeCloseTo(plain.model.gold, 9);
    expect(squared.best_of_n.gold).toBeCloseTo(plain.best_of_n.gold, 9);
    expect(Math.abs(squared.kl_rl.gold - plain.kl_rl.gold)).toBeGreaterThan(0.01);
  });

  test('prompts average it', () => {
    const model: Scenario['model'] = {
      kind: 'prompts',
      prompts: [
        { weight: 3, model: { kind: 'memoryless', length: 10, tokens } },
        { weight: 1, model: { kind: 'finite', outcomes: [{ p: 1, reward: 0, gold: 7 }] } },
      ],
    };
    const both = engine.evaluate({ v: 1, model, budget: { n: 16 } });
    expect(both.best_of_n.gold).toBeCloseTo((3 * engine.evaluate(sequence(10, { n: 16 })).best_of_n.gold + 7) / 4, 10);
  });
});

test('long sequences: both policies have the same gold a token, as they have the same reward', () => {
  const apart = [100, 10_000, 1_000_000].map((length) => {
    const { best_of_n, kl_rl } = engine.evaluate(sequence(length, { kl_per_token: 0.1 }));
    return Math.abs(best_of_n.gold - kl_rl.gold) / length;
  });
  expect(apart[1]).toBeLessThan((apart[0] as number) / 30);
  expect(apart[2]).toBeLessThan((apart[1] as number) / 30);
});

describe.each(['tokens', 'types', 'order'] as const)('drawn by %s', (method) => {
  test('its intervals hold the exact gold', async () => {
    let missed = 0;
    for (let seed = 1; seed <= 20; ++seed) {
      const scenario = sequence(20, { n: 8 }, { simulation: { seed, replicates: 400, method }, policies });
      const drawn = await engine.simulate(scenario);
      const all = [drawn.model, drawn.kl_rl, drawn.best_of_n, ...(drawn.policies ?? [])];
      for (const { gold } of all) {
        const [low, high] = gold.interval as [number, number];
        const exact = gold.exact as number;
        expect(high - low).toBeGreaterThan(0.01);
        if (!(low <= exact && exact <= high)) missed++;
      }
    }
    // Of 200 intervals of 95 %, 10 on average: 25 are five standard deviations too many.
    expect(missed).toBeLessThan(25);
  });
});

test('a table of gold goes through a link as it is', () => {
  const scenario = sequence(12, { n: 8 });
  const link = encodeLink(scenario, stampOf(engine.evaluate(scenario)));
  expect(link).toContain('gold=0,1,-0.5');
  expect(decodeLink(link).scenario.model).toEqual(scenario.model);
});
