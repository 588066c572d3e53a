import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { engine, type Scenario } from './engine.js';

type Row = (string | null)[];
interface Reference {
  p: string[];
  rate: string;
  n: number;
  alpha: string;
  mean: string;
  rate_base: Row;
  rate_kl_rl: Row;
  rate_best_of_n: Row;
  /** t / alpha, then base, KL-RL and best-of-N. */
  cumulants: string[][];
  renyi: string[][];
  shannon: string;
  kl_forward: string;
  kl_reverse: string;
  directions: [number, string, string][];
  exponent: string;
  shares: string[];
}

const references: Reference[] = JSON.parse(
  readFileSync(new URL('../reference/statements.json', import.meta.url), 'utf8'),
);

const close = (found: number | null | undefined, wanted: string | null | undefined, what: string) => {
  const exact = Number(wanted);
  expect(Math.abs(Number(found) - exact), `${what}: ${found}, wanted ${wanted}`).toBeLessThanOrEqual(
    1e-10 * Math.max(1e-2, Math.abs(exact)),
  );
};

/** At the lengths that both have. */
const closeDirections = (
  { directions }: ReturnType<typeof engine.statements>,
  reference: { exponent: string; directions: [number, string, string][] },
) => {
  close(directions?.exponent, reference.exponent, 'exponent');
  let compared = 0;
  for (const [length, forward, reverse] of reference.directions) {
    const i = directions?.length.indexOf(length) ?? -1;
    if (i < 0) continue;
    compared++;
    close(directions?.forward[i], forward, `forward at ${length}`);
    close(directions?.log10_reverse[i], reverse, `reverse at ${length}`);
  }
  expect(compared).toBeGreaterThan(1);
};

describe.each(references.map((r) => [`${r.p.length} levels, ${r.rate} nats, n = ${r.n}`, r] as const))(
  'statements agree with the reference to 1e-10: %s',
  (_, reference) => {
    const tokens = reference.p.map((p, reward) => ({ p: Number(p), reward })).filter(({ p }) => p > 0);
    const scenario: Scenario = {
      model: { kind: 'memoryless', length: reference.n, tokens },
      budget: { kl_per_token: Number(reference.rate) },
    };
    const all = engine.statements(scenario);

    test('the tilt and the dual', () => {
      const { tilt } = all;
      close(tilt?.alpha, reference.alpha, 'alpha');
      close(tilt?.primal, reference.mean, 'primal');
      close(tilt?.dual_minimum, reference.mean, 'dual');
    });

    test('exact rates of tails', () => {
      for (const policy of ['base', 'kl_rl', 'best_of_n'] as const) {
        const found = all.rates?.exact[policy];
        expect(found?.reward.length).toBeGreaterThan(policy === 'best_of_n' ? 2 : 8);
        found?.reward.forEach((x, i) => {
          const level = Math.round(x * reference.n);
          expect(Math.abs(x * reference.n - level)).toBeLessThan(1e-9);
          close(found.rate[i], reference[`rate_${policy}`][level], `${policy} at ${level}`);
        });
      }
    });

    test('cumulants, at the points that both have', () => {
      const { cumulants } = all;
      expect(cumulants?.exact_length).toBe(reference.n);
      for (const [share, base, klRl, best] of reference.cumulants) {
        const i = cumulants?.t.findIndex((t) => Math.abs(t / Number(reference.alpha) - Number(share)) < 1e-9) ?? -1;
        expect(i).toBeGreaterThanOrEqual(0);
        close(cumulants?.base[i], base, 'base');
        close(cumulants?.kl_rl[i], klRl, 'KL-RL');
        close(cumulants?.exact_best_of_n[i], best, 'best of N');
      }
    });

    test('Renyi cross entropies and both divergences', () => {
      close(all.renyi?.at_one, reference.shannon, 'order 1');
      close(all.renyi?.at_optimum, reference.renyi[2]?.[1], 'order 1 + alpha');
      close(all.renyi?.kl_forward, reference.kl_forward, 'forward');
      close(all.renyi?.kl_reverse, reference.kl_reverse, 'reverse');
      const order2 = all.renyi?.order.findIndex((s) => Math.abs(s - 2) < 1e-9) ?? -1;
      if (order2 >= 0) close(all.renyi?.cross_entropy[order2], reference.renyi[1]?.[1], 'order 2');
    });

    test('both directions at short lengths', () => closeDirections(all, reference));

    test('shares of tokens in best-of-N', () => {
      const { simplex } = all;
      expect(simplex?.length).toBe(reference.n);
      close(simplex?.best_of_n.first.at(-1), reference.shares[0], 'first');
      close(simplex?.best_of_n.second.at(-1), reference.shares[1], 'second');
      close(simplex?.best_of_n.third.at(-1), reference.shares[2], 'third');
    });
  },
);

interface ChainReference
  extends Omit<Reference, 'p' | 'rate_base' | 'rate_kl_rl' | 'shannon' | 'shares' | 'kl_forward' | 'kl_reverse'> {
  initial: number[];
  transition: number[][];
  reward: number[][];
  /** Of the lattice of rewards. */
  unit: string;
  /** Of the optimum of n transitions; KL(base‖optimum) a transition. */
  alpha_n: string;
  reward_n: string;
  reverse_n: string;
  mean_base: string;
  /** By sum: of what reaches as far up, and down. */
  rate_base: Row[];
  rate_kl_rl: Row[];
  normaliser: string;
  share: string;
}

const chains = JSON.parse(
  readFileSync(new URL('../reference/chain_statements.json', import.meta.url), 'utf8'),
) as (Omit<ChainReference, 'rate_best_of_n'> & { rate_best_of_n: Row[] })[];

const chainOf = ({ initial, transition, reward, n, rate }: (typeof chains)[number], length = n): Scenario => ({
  v: 1,
  model: { kind: 'markov', length, initial, transition, reward },
  budget: { kl_per_token: Number(rate) },
});

describe.each(chains.map((r) => [`${r.initial.length} states, ${r.rate} nats, n = ${r.n}`, r] as const))(
  'statements of chains agree with the reference to 1e-10: %s',
  (_, reference) => {
    const all = engine.statements(chainOf(reference));
    const { limits } = engine.evaluate(chainOf(reference));

    test('the tilt of its own length, and the dual', () => {
      const { tilt } = all;
      close(tilt?.alpha, reference.alpha_n, 'alpha');
      close(tilt?.primal, reference.reward_n, 'primal');
      close(tilt?.dual_minimum, reference.reward_n, 'dual');
    });

    test('the limit, and both rates at its mean', () => {
      const { rates } = all;
      close(limits?.alpha, reference.alpha, 'alpha');
      close(rates?.mean_kl_rl, reference.mean, 'mean');
      close(rates?.mean_base, reference.mean_base, 'mean of the base');
      const at = rates?.reward.findIndex((x) => Math.abs(x - Number(reference.mean)) < 1e-12) ?? -1;
      close(rates?.base[at], reference.rate, 'base');
      expect(rates?.kl_rl[at]).toBeLessThan(1e-12);
      expect(rates?.best_of_n[at]).toBeLessThan(1e-12);
    });

    test('exact rates of tails', () => {
      for (const policy of ['base', 'kl_rl'] as const) {
        const found = all.rates?.exact[policy];
        expect(found?.reward.length).toBeGreaterThan(5);
        found?.reward.forEach((x, i) => {
          const level = Math.round((x * reference.n) / Number(reference.unit));
          const [upper, lower] = reference[`rate_${policy}`][level] as Row;
          // Of tails far from its mean the smaller one is told; near it either may be.
          const wanted = [upper, lower].map((rate) => Math.abs(Number(rate) - Number(found.rate[i])));
          expect(Math.min(...wanted), `${policy} at ${level}`).toBeLessThan(1e-11);
        });
      }
      const best = all.rates?.exact.best_of_n;
      expect(best?.reward.length).toBeGreaterThan(2);
      best?.reward.forEach((x, i) => {
        const level = Math.round((x * reference.n) / Number(reference.unit));
        close(best.rate[i], reference.rate_best_of_n[level]?.[0], `best of N at ${level}`);
      });
    });

    test('cumulants, of the limit and of best-of-N at its length', () => {
      const { cumulants } = all;
      expect(cumulants?.exact_length).toBe(reference.n);
      for (const [share, base, klRl, best] of reference.cumulants) {
        const i = cumulants?.t.findIndex((t) => Math.abs(t / Number(reference.alpha) - Number(share)) < 1e-9) ?? -1;
        expect(i).toBeGreaterThanOrEqual(0);
        close(cumulants?.base[i], base, 'base');
        close(cumulants?.kl_rl[i], klRl, 'KL-RL');
        close(cumulants?.exact_best_of_n[i], best, 'best of N');
      }
    });

    test('Renyi cross entropies and both divergences, a transition', () => {
      const { renyi } = all;
      close(renyi?.log_normaliser, reference.normaliser, 'normaliser');
      close(renyi?.at_one, reference.renyi[1]?.[1], 'order 1');
      close(renyi?.at_optimum, reference.renyi[3]?.[1], 'order 1 + alpha');
      close(renyi?.kl_forward, reference.rate, 'forward');
      close(renyi?.kl_reverse, reference.reverse_n, 'reverse');
      const order2 = renyi?.order.findIndex((s) => Math.abs(s - 2) < 1e-9) ?? -1;
      if (order2 >= 0) close(renyi?.cross_entropy[order2], reference.renyi[2]?.[1], 'order 2');
    });

    test('both directions at short lengths', () => closeDirections(all, reference));

    test('what best-of-N gains as a share of what its KL could buy', () => {
      const { gap, kl_rl_at_bon_kl, best_of_n, model } = engine.evaluate(chainOf(reference));
      const share =
        ((best_of_n.reward ?? 0) - (model.reward ?? 0)) / ((kl_rl_at_bon_kl.reward ?? 0) - (model.reward ?? 0));
      close(share, reference.share, 'by the report');
      expect(gap.reward).toBeGreaterThan(0);
    });
  },
);

test('a chain that may stay in one of several parts has the statements of its own length, and no limit’s', () => {
  const parts = engine.statements({
    v: 1,
    model: {
      kind: 'markov',
      length: 12,
      initial: [0.5, 0.5, 0, 0],
      transition: [
        [0.5, 0.5, 0, 0],
        [0.5, 0.5, 0, 0],
        [0, 0, 0.9, 0.1],
        [0, 0, 0.9, 0.1],
      ].map((row, i) => (i === 0 ? [0.25, 0.25, 0.25, 0.25] : row)),
      reward: [0, 1, 0, 4],
    },
    budget: { kl_per_token: 0.1 },
  });
  expect(parts.tilt?.primal).toBeGreaterThan(0);
  expect(parts.renyi?.at_one).toBeGreaterThan(0);
  for (const name of ['rates', 'cumulants', 'near', 'directions', 'fixed', 'simplex'] as const)
    expect(parts[name]).toBeNull();
});
