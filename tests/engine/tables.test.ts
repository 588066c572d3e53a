import { describe, expect, test } from 'vitest';
import { gallery } from '../../web/scenario/gallery.js';
import { engine, type Scenario } from './engine.js';

const tokens: Scenario = {
  model: {
    kind: 'memoryless',
    length: 12,
    tokens: [
      { p: 0.5, reward: 0 },
      { p: 0.3, reward: 1 },
      { p: 0.2, reward: 3 },
    ],
  },
  budget: { kl: 2 },
};
const golden: Scenario = {
  model: {
    kind: 'finite',
    outcomes: [
      { p: 0.5, reward: 0, gold: 1 },
      { p: 0.3, reward: 1, gold: 2 },
      { p: 0.15, reward: 3 },
      { p: 0.05, reward: 3, gold: 3 },
    ],
  },
  budget: { n: 5 },
};
const bell: Scenario = { model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { kl: 2 } };
const chain = (length: number, kl_per_token = 0.08): Scenario => ({
  model: {
    kind: 'markov',
    length,
    initial: [1, 0],
    transition: [
      [0.8, 0.2],
      [0.4, 0.6],
    ],
    reward: [
      [0, 1],
      [0.3, 2],
    ],
  },
  budget: { kl_per_token },
});
const prompts: Scenario = {
  model: {
    kind: 'prompts',
    prompts: [
      {
        weight: 1,
        model: {
          kind: 'finite',
          outcomes: [
            { p: 0.9, reward: -1 },
            { p: 0.1, reward: 4 },
          ],
        },
      },
      { weight: 0, model: { kind: 'continuous', family: 'normal', mean: 9, sd: 1 } },
      { weight: 3, model: { kind: 'continuous', family: 'normal', mean: 0, sd: 0.25 } },
    ],
  },
  budget: { kl: 1 },
};

const equalOf = (scenario: Scenario) => {
  const { equal } = engine.tables(scenario, ['equal']);
  if (!equal) throw new Error('no table');
  return equal;
};

describe('every policy at the KL that best-of-N spends', () => {
  test.each([
    ['tokens', tokens],
    ['a finite model with gold', golden],
    ['a bell curve', bell],
    ['a chain', chain(20)],
    ['prompts', prompts],
  ])('numbers and refusals are those of a scenario that asks by this KL: %s', (_, scenario) => {
    const equal = equalOf(scenario);
    const report = engine.evaluate(scenario);
    expect(equal.kl).toBe(report.best_of_n.kl);
    expect(equal.best_of_n).toMatchObject({ reward: report.best_of_n.reward, parameter: report.budget.log_n });
    expect(equal.kl_rl).toMatchObject({ reward: report.kl_rl_at_bon_kl.reward, kl_to_kl_rl: 0 });
    const asked = equal.policies.filter(({ refusal }) => !refusal.includes('two parameters'));
    expect(asked.length).toBe(equal.policies.length - 2);
    for (const { kind, refusal, parameter, reward, win_rate, gold, kl } of asked) {
      const own = kind === 'block_best_of_n' ? { block: 1 } : {};
      const policies = [{ kind, ...own, kl: equal.kl }] as unknown as NonNullable<Scenario['policies']>;
      const ask = () => engine.evaluate({ ...scenario, policies }).policies?.[0];
      if (refusal) {
        expect(reward).toBeNull();
        expect(ask, kind).toThrow(refusal);
        continue;
      }
      const found = ask();
      expect(found, kind).toMatchObject({ reward, win_rate, gold, kl });
      expect(Object.values(found ?? {})).toContain(parameter);
    }
  });

  test('KL to KL-RL is that of the optimum of the same KL', () => {
    for (const scenario of [tokens, golden, bell]) {
      const { kl, kl_rl, best_of_n, policies } = equalOf(scenario);
      // The identity of near-optimality, at a budget of this very KL.
      const at = { ...scenario, budget: { kl: kl as number } };
      for (const { kind, refusal, kl_to_kl_rl } of policies) {
        if (refusal) continue;
        const own = kind === 'block_best_of_n' ? { block: 1 } : {};
        const asked = [{ kind, ...own, kl }] as unknown as NonNullable<Scenario['policies']>;
        const found = engine.evaluate({ ...at, policies: asked }).policies?.[0];
        expect(kl_to_kl_rl, kind).toBeCloseTo(found?.kl_to_kl_rl ?? Number.NaN, 8);
      }
      const more = (kl_rl.reward as number) - (best_of_n.reward as number);
      expect(best_of_n.kl_to_kl_rl).toBeCloseTo((kl_rl.parameter as number) * more, 9);
    }
  });

  test('gold is there where the model has it', () => {
    expect(equalOf(golden).best_of_n.gold).toBe(engine.evaluate(golden).best_of_n.gold);
    // Of the two outcomes that earn most, the one that is listed first has no gold.
    const first = equalOf(golden).policies.find(({ kind }) => kind === 'index_best_of_n')?.gold;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(equalOf(golden).best_of_n.gold as number);
  });

  test('every model of the gallery has it, at no budget too', () => {
    for (const { scenario } of gallery) {
      const none = { ...scenario, budget: { kl: 0 } };
      for (const each of [scenario, none]) {
        const { kl_rl, best_of_n, policies } = equalOf(each);
        expect(policies.length).toBeGreaterThan(5);
        for (const row of [kl_rl, best_of_n, ...policies]) expect(row.kl_to_kl_rl ?? 0).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

describe('prompts by themselves', () => {
  const mean = (weight: readonly number[], x: readonly (number | null)[]) =>
    weight.reduce((sum, w, i) => sum + w * (x[i] as number), 0);

  test('weighted means are those of the report', () => {
    for (const kl of [0, 1e-3, 1, 40]) {
      const scenario = { ...prompts, budget: { kl } };
      const { prompts: rows } = engine.tables(scenario, ['prompts']);
      const report = engine.evaluate(scenario);
      if (!rows) throw new Error('no rows');
      expect(rows.place).toEqual([0, 2]);
      const pairs: [readonly (number | null)[], number | null][] = [
        [rows.reward, report.model.reward],
        [rows.kl_rl_reward, report.kl_rl.reward],
        [rows.kl_rl_kl, report.kl_rl.kl],
        [rows.best_of_n_reward, report.best_of_n.reward],
        [rows.best_of_n_kl, report.best_of_n.kl],
        [rows.gap, report.gap.reward],
      ];
      for (const [of, whole] of pairs)
        expect(Math.abs(mean(rows.weight, of) - (whole as number))).toBeLessThanOrEqual(
          1e-12 * Math.max(1, Math.abs(whole as number)),
        );
      expect(rows.alpha).toBe(report.kl_rl.alpha);
    }
  });

  test('other models have none', () => {
    expect(engine.tables(tokens)).toMatchObject({ prompts: null, chain: null });
  });
});

describe('the optimum of a chain as a chain', () => {
  const matricesOf = (scenario: Scenario) => {
    const { chain: found } = engine.tables(scenario, ['chain']);
    if (!found) throw new Error('no matrices');
    return found;
  };
  const farthest = (x: readonly number[], y: readonly number[]) =>
    Math.max(...x.map((p, i) => Math.abs(p - (y[i] as number))));

  test('a chain of one step is the base, tilted by its reward', () => {
    const one = chain(1);
    const { alpha } = engine.evaluate(one).kl_rl;
    const { last } = matricesOf(one);
    const p = [0.8, 0.2 * Math.exp(alpha as number)];
    const sum = (p[0] as number) + (p[1] as number);
    expect(last[0]).toBeCloseTo((p[0] as number) / sum, 12);
    expect((last[2] as number) + (last[3] as number)).toBeCloseTo(1, 14);
  });

  test('the middle of a long chain is Doob’s, whose Perron root is the scenario’s', () => {
    for (const length of [400, 1e4, 1e9]) {
      const { middle, limit, first, last } = matricesOf(chain(length));
      expect(farthest(middle, limit)).toBeLessThan(1e-10);
      expect(farthest(first, limit)).toBeLessThan(1e-10);
      expect(farthest(last, limit)).toBeGreaterThan(0.1);
    }
    // By the eigenvector of two states, at the alpha of the length.
    const { limit } = matricesOf(chain(400));
    const alpha = engine.evaluate(chain(400)).kl_rl.alpha as number;
    const [a, b, c, d] = [0.8, 0.2 * Math.exp(alpha), 0.4 * Math.exp(0.3 * alpha), 0.6 * Math.exp(2 * alpha)];
    const root = (a + d + Math.sqrt((a - d) ** 2 + 4 * b * c)) / 2;
    expect(limit[0]).toBeCloseTo(a / root, 11);
    expect(limit[3]).toBeCloseTo(d / root, 11);
  });

  test('words with a memory are a chain of three classes', () => {
    const text: Scenario = {
      model: { kind: 'text', source: 'moby-dick', order: 1, length: 40 },
      budget: { kl_per_token: 0.2 },
    };
    const { state, base, middle, limit } = matricesOf(text);
    expect(state).toEqual([0, 1, 2]);
    // Glad words are likelier under the tilt, after whatever word.
    for (const row of [0, 1, 2]) expect(middle[3 * row + 2]).toBeGreaterThan(base[3 * row + 2] as number);
    expect(farthest(middle, limit)).toBeLessThan(1e-10);
  });

  test('under a transform there is none', () => {
    const step = { ...chain(20), transform: { kind: 'step', at: 1, height: 1 } } as Scenario;
    expect(engine.tables(step, ['chain'])).toEqual({ chain: null });
  });
});

test('a view has the tables that were asked for, and else none', () => {
  const view = engine.view(tokens, { klEnd: 4, curves: [] });
  expect(view).not.toHaveProperty('tables');
  const asked = engine.view(tokens, { klEnd: 4, curves: [], tables: ['equal'] });
  expect(asked.tables?.equal).toEqual(equalOf(tokens));
  expect(asked.report).toEqual(view.report);
});
