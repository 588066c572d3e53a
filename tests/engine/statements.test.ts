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

    test('both directions at short lengths', () => {
      close(all.directions?.exponent, reference.exponent, 'exponent');
      let compared = 0;
      for (const [length, forward, reverse] of reference.directions) {
        const i = all.directions?.length.indexOf(length) ?? -1;
        if (i < 0) continue;
        compared++;
        close(all.directions?.forward[i], forward, `forward at ${length}`);
        close(all.directions?.log10_reverse[i], reverse, `reverse at ${length}`);
      }
      expect(compared).toBeGreaterThan(1);
    });

    test('shares of tokens in best-of-N', () => {
      const { simplex } = all;
      expect(simplex?.length).toBe(reference.n);
      close(simplex?.best_of_n.first.at(-1), reference.shares[0], 'first');
      close(simplex?.best_of_n.second.at(-1), reference.shares[1], 'second');
      close(simplex?.best_of_n.third.at(-1), reference.shares[2], 'third');
    });
  },
);
