import { describe, expect, test } from 'vitest';
import { gallery } from '../../web/scenario/gallery.js';
import type { Scenario } from '../../web/scenario/scenario.js';
import { engine } from './engine.js';

const exhibit = (name: string): Scenario => {
  const found = gallery.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found.scenario;
};

/** A sequence's scenario at another length and the same rate; of prompts, each of them. */
function atLength(scenario: Scenario, length: number): Scenario {
  const { model } = scenario;
  if (model.kind !== 'prompts') return { ...scenario, model: { ...model, length } as Scenario['model'] };
  const kl = (scenario.budget as { kl: number }).kl / 200;
  const prompts = model.prompts.map((prompt) => ({ ...prompt, model: { ...prompt.model, length } }));
  return { ...scenario, model: { ...model, prompts } as Scenario['model'], budget: { kl: kl * length } };
}

/** What KL-RL earns a token beyond best-of-N of the same budget. */
const gaps = (name: string, lengths: number[]) =>
  lengths.map((length) => (engine.evaluate(atLength(exhibit(name), length)).gap.reward as number) / length);

describe('an assumption lifted: where the two policies still meet, and where they do not', () => {
  test('memory: a chain that lasts is met, a fork is not', () => {
    const lasting = gaps('A lasting chain', [100, 1000, 100_000]);
    expect(lasting[1]).toBeLessThan((lasting[0] as number) / 5);
    expect(lasting[2]).toBeLessThan((lasting[0] as number) / 200);
    const fork = gaps('A fork in the road', [20, 40, 80]);
    for (const gap of fork) expect(gap).toBeGreaterThan(0.14);
    expect((fork[1] as number) - (fork[2] as number)).toBeLessThan(0.02);
  });

  test('a reward that is not linear: a square is met, a bonus far off is not', () => {
    const square = gaps('A reward that pays to exceed', [100, 400]);
    expect(square[1]).toBeLessThan((square[0] as number) / 2);
    const bonus = gaps('A bonus far off', [100, 400]);
    for (const gap of bonus) expect(gap).toBeGreaterThan(0.4);
  });

  test('prompts: those alike are met, those of different worth are not', () => {
    const alike = gaps('Prompts alike', [200, 800]);
    expect(alike[1]).toBeLessThan((alike[0] as number) / 2.5);
    const unlike = gaps('Prompts of different worth', [200, 800]);
    expect(unlike[1]).toBeGreaterThan(0.025);
    expect(Math.abs((unlike[1] as number) / (unlike[0] as number) - 1)).toBeLessThan(0.2);
  });

  test('a proxy in every token: both turn at the same KL a token, and have the same gold', () => {
    const scenario = exhibit('Flattery');
    const at = (length: number, rate: number) =>
      engine.evaluate({ ...atLength(scenario, length), budget: { kl_per_token: rate } });
    for (const of of ['best_of_n', 'kl_rl'] as const) {
      const gold = [0, 0.1, 0.4, 1, 1.5].map((rate) => at(1000, rate)[of].gold);
      const [base, rising, top, falling, low] = gold as [number, number, number, number, number];
      expect(rising).toBeGreaterThan(base);
      expect(top).toBeGreaterThan(rising);
      expect(falling).toBeLessThan(top);
      expect(low).toBeLessThan(base);
    }
    const apart = [100, 10_000].map((length) => {
      const { best_of_n, kl_rl } = at(length, 1);
      return Math.abs(best_of_n.gold - kl_rl.gold) / length;
    });
    expect(apart[1]).toBeLessThan((apart[0] as number) / 30);
  });

  test('a finite length: two levels are met at any, three tokens leave a logarithm', () => {
    const two = engine.evaluate(exhibit('Two levels'));
    expect(two.gap.reward_at_bon_kl).toBeLessThan(1e-12);
    const three = gaps('Three tokens', [100, 10_000]);
    const growth = ((three[1] as number) * 10_000) / ((three[0] as number) * 100);
    expect(growth).toBeGreaterThan(1.3);
    expect(growth).toBeLessThan(4);
  });

  test('a greedy block: single steps earn less than the base, blocks of ten most of all', () => {
    const { model, best_of_n, policies = [] } = engine.evaluate(exhibit('A greedy block'));
    expect(policies[0]?.reward).toBeLessThan(0.6 * (model.reward as number));
    expect(policies[0]?.win_rate).toBeLessThan(0.2);
    expect(policies[1]?.reward).toBeGreaterThan(1.1 * (best_of_n.reward as number));
  });

  test('a proxy: gold rises, turns and falls', () => {
    const scenario = exhibit('Too good to be true');
    const gold = [1, 12, 200].map((n) => {
      const { best_of_n, kl_rl } = engine.evaluate({ ...scenario, budget: { n } });
      return { best_of_n: best_of_n.gold as number, kl_rl: kl_rl.gold as number, reward: best_of_n.reward as number };
    });
    const [first, middle, last] = gold as [(typeof gold)[0], (typeof gold)[0], (typeof gold)[0]];
    for (const policy of ['best_of_n', 'kl_rl'] as const) {
      expect(middle[policy]).toBeGreaterThan(first[policy]);
      expect(last[policy]).toBeLessThan(middle[policy]);
    }
    expect(last.reward).toBeGreaterThan(middle.reward);
  });
});
