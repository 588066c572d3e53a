import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeLink, encodeLink, engine, parseScenario, type Scenario, stampOf } from './engine.js';

const reward = fc.oneof(
  fc.integer({ min: -50, max: 50 }),
  fc.integer({ min: -500, max: 500 }).map((k) => k / 10),
  fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
);

/** Rows whose probabilities sum to 1, all with the same optional fields or not. */
const rows = (gold: boolean, most: number) =>
  fc
    .array(
      fc.record(
        {
          label: fc.string({ maxLength: 12, unit: 'grapheme' }),
          p: fc.double({ min: 1e-4, max: 1, noNaN: true }),
          reward,
          ...(gold ? { gold: reward } : {}),
        },
        { requiredKeys: ['p', 'reward'] },
      ),
      { minLength: 1, maxLength: most },
    )
    .map((list) => {
      const total = list.reduce((sum, row) => sum + row.p, 0);
      return list.map((row) => ({ ...row, p: row.p / total }));
    });

const length = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(1000, 1e6, 1e9));
const nats = fc.oneof(
  fc.double({ min: 0, max: 30, noNaN: true }).map((x) => x + 0),
  fc.constantFrom(0, 0.2, 8),
);
const draw = fc.oneof(
  nats.map((kl) => ({ kl })),
  nats.map((log_n) => ({ log_n })),
  fc.integer({ min: 1, max: 1e9 }).map((n) => ({ n })),
);
const sequence = fc.oneof(
  draw,
  fc.double({ min: 0, max: 2, noNaN: true }).map((x) => ({ kl_per_token: x + 0 })),
);
const simulation = fc.option(
  fc.record(
    {
      seed: fc.integer({ min: 0, max: 2 ** 53 - 1 }),
      replicates: fc.integer({ min: 1, max: 1e6 }),
      method: fc.constantFrom('tokens', 'types', 'order'),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);
const positive = fc.double({ min: 0.05, max: 40, noNaN: true });
const policies = fc.option(
  fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('soft_best_of_n'), n: fc.integer({ min: 1, max: 50 }), alpha: positive }),
      fc.record({ kind: fc.constant('best_of_poisson'), mu: fc.integer({ min: 0, max: 40 }) }),
    ),
    { maxLength: 3 },
  ),
  { nil: undefined },
);
const title = fc.option(fc.string({ maxLength: 40, unit: 'grapheme' }), { nil: undefined });

const family = (name: string, fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(
    { kind: fc.constant('continuous'), family: fc.constant(name), ...fields, mirrored: fc.boolean() },
    { requiredKeys: ['kind', 'family', ...Object.keys(fields)] as ('kind' | 'family')[] },
  );
const quantiles = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { maxLength: 60 }).chain((inner) => {
  const u = [0, ...inner.sort((a, b) => a - b).map((k) => k / 1000), 1];
  return family('quantiles', {
    u: fc.constant(u),
    reward: fc.array(reward, { minLength: u.length, maxLength: u.length }).map((r) => r.sort((a, b) => a - b)),
  });
});
const continuous = fc.oneof(
  family('uniform', { lower: fc.constant(-1.5), upper: positive }),
  family('normal', { mean: reward, sd: positive }),
  family('exponential', { rate: positive }),
  family('gamma', { shape: positive, scale: positive }),
  family('beta', { alpha: positive, beta: positive }),
  family('weibull', { shape: positive, scale: positive }),
  family('lognormal', { location: reward, scale: positive }),
  family('logistic', { location: reward, scale: positive }),
  family('laplace', { location: reward, scale: positive }),
  family('gumbel', { location: reward, scale: positive }),
  family('student_t', { df: positive }),
  quantiles,
);

const number = fc.oneof(
  fc.integer({ min: -30, max: 30 }).map((k) => k / 10),
  fc.double({ min: -5, max: 5, noNaN: true }).map((x) => x + 0),
);
const transform = fc.oneof(
  fc.record({ kind: fc.constant('step'), at: number, height: number }),
  fc.record({ kind: fc.constant('indicator'), at: number }),
  fc.record({ kind: fc.constant('clip'), lower: number, upper: number }, { requiredKeys: ['kind'] }),
  fc.record({ kind: fc.constant('power'), exponent: positive }),
  fc.record({ kind: fc.constant('sigmoid'), at: number, scale: positive }),
  fc.array(fc.record({ x: number, y: number }), { minLength: 1, maxLength: 9 }).map((points) => ({
    kind: 'table',
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
  })),
);

const scenario = fc
  .oneof(
    fc.record({ model: continuous, budget: draw }),
    fc.record({ model: rows(true, 12).map((outcomes) => ({ kind: 'finite', outcomes })), budget: draw }),
    // Few enough tokens and words for a thousand reports.
    fc.record({
      model: fc.record({ kind: fc.constant('memoryless'), length, tokens: rows(true, 4) }),
      budget: sequence,
    }),
    fc.record({
      model: fc.record({
        kind: fc.constant('text'),
        source: fc.constant('moby-dick'),
        order: fc.constantFrom(0, 1),
        length,
      }),
      budget: sequence,
    }),
    fc.record({
      model: fc.record({
        kind: fc.constant('memoryless'),
        length: fc.integer({ min: 1, max: 12 }),
        tokens: rows(true, 4),
      }),
      transform,
      budget: sequence,
    }),
  )
  .chain((body) =>
    fc
      .record({ title, simulation, policies })
      .map((extra) => ({ v: 1, ...JSON.parse(JSON.stringify(extra)), ...body }) as unknown as Scenario),
  );

const reportOf = (s: Scenario) => {
  try {
    return JSON.stringify(engine.evaluate(s));
  } catch (error) {
    return String(error);
  }
};

const stamp = { engine: '0.0.0', digest: 'x', best_of_n: '1', kl_rl: '2' };

describe('links', () => {
  test('scenario to link to scenario is the identity, and its report the same bytes: 1,000 scenarios', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const opened = decodeLink(encodeLink(s, stamp));
        expect(opened.problems).toEqual([]);
        expect(opened.scenario).toEqual(JSON.parse(JSON.stringify(s)));
        expect(opened.stamp).toEqual(stamp);
        expect(reportOf(opened.scenario)).toBe(reportOf(s));
      }),
      { numRuns: 1000, seed: 20261124 },
    );
  }, 300_000);

  test('large models travel deflated', () => {
    const tokens = Array.from({ length: 5000 }, (_, i) => ({ label: `word ${i}`, p: 1 / 5000, reward: (i % 70) / 10 }));
    const big: Scenario = { v: 1, model: { kind: 'memoryless', length: 20, tokens }, budget: { kl: 3 } };
    const link = encodeLink(big, stamp);
    expect(link.length).toBeLessThan(40_000);
    expect(decodeLink(link).scenario).toEqual(big);
  });

  const golden = readFileSync(new URL('golden-links.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  // Digests of 0.1.0 that hold a KL of -3e-33 at budget 0, or the rounding of a gap that is 0 where best-of-N is a tilt.
  const roundedAway = ['1ca8gd3h1z', '0wt8u06323', '21pn18vem9', '0oe9j143z8'];
  // Digests of 0.7.0 and 0.11.0 whose laws, taken for smooth, are known to more digits since 0.12.0.
  const knownBetter = ['1rd77zedqe', '0oehrd5mg6'];
  // Digests of 0.5.0 to 0.10.0 of transforms, the alpha of whose limit was right to seven digits until 0.14.0.
  const limitKnownBetter = ['2p71tc7bnk', '1xi0uc5q2s', '2kca29iugi', '0nsejjqz49', '26cpf69ff2', '10inwgts14'];
  // Digests of 0.12.0 of tokens on long lattices, on which their sums, taken for smooth, stay since 0.15.0.
  const latticeKnownBetter = ['0ohysq6ab9', '16vw32qoy0', '0vn1iuqh2d'];
  test.each(golden)('opens as it was made: %s', (link) => {
    const { scenario: s, problems, stamp: found } = decodeLink(link);
    expect(problems).toEqual([]);
    const { digest, ...stamp } = stampOf(engine.evaluate(s));
    const { digest: made, ...rest } = found as NonNullable<typeof found>;
    expect(stamp).toEqual({ ...rest, engine: engine.version });
    expect(digest === made).toBe(
      ![...roundedAway, ...knownBetter, ...limitKnownBetter, ...latticeKnownBetter].includes(made),
    );
    expect(parseScenario(s)).toEqual(s);
  });
});

test('a link says what the frontier is judged by, and an engine that does not know it reads the rest', () => {
  const scenario = parseScenario({
    model: { kind: 'text', source: 'moby-dick', order: 0, length: 40 },
    budget: { n: 8 },
  });
  const stamp = stampOf(engine.evaluate(scenario));
  for (const axis of [null, 'win_rate', 'gold'] as const) {
    const opened = decodeLink(encodeLink(scenario, stamp, axis));
    expect(opened.axis ?? null).toBe(axis);
    expect(opened.problems).toEqual([]);
    expect(opened.stamp).toEqual(stamp);
    expect(opened.scenario).toEqual(decodeLink(encodeLink(scenario, stamp)).scenario);
  }
  expect(encodeLink(scenario, stamp)).not.toContain('axis');
  expect(decodeLink(`${encodeLink(scenario, stamp)}&axis=reward`)).not.toHaveProperty('axis');
});
