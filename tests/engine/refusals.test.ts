import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { decodeLink, engine, parseScenarioText } from './engine.js';

const finite = (outcomes: unknown, budget: unknown = { kl: 1 }) =>
  JSON.stringify({ v: 1, model: { kind: 'finite', outcomes }, budget });
const tokens = (list: unknown, length: unknown = 10, budget: unknown = { kl: 1 }) =>
  JSON.stringify({ v: 1, model: { kind: 'memoryless', length, tokens: list }, budget });
const text = (more: object, budget: unknown = { kl: 1 }) =>
  JSON.stringify({ v: 1, model: { kind: 'text', source: 'moby-dick', order: 0, length: 40, ...more }, budget });
const two = (p: unknown, reward: unknown = 1) => [
  { p: 0.5, reward: 0 },
  { p, reward },
];
const continuous = (model: object) => JSON.stringify({ model: { kind: 'continuous', ...model }, budget: { kl: 1 } });
const chain = (fields: object) =>
  JSON.stringify({
    model: {
      kind: 'markov',
      length: 3,
      initial: [1, 0],
      transition: [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      reward: [0, 1],
      ...fields,
    },
    budget: { kl: 1 },
  });
const policy = (one: object) =>
  JSON.stringify({
    model: {
      kind: 'finite',
      outcomes: [
        { p: 0.5, reward: 0 },
        { p: 0.5, reward: 1 },
      ],
    },
    budget: { kl: 1 },
    policies: [one],
  });
const half = two(0.5);
const normal = (one: object) =>
  JSON.stringify({
    model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 },
    budget: { kl: 1 },
    policies: [one],
  });
/** Ten tokens of 0 or 1 under a transform. */
const under = (transform: unknown, model: object = {}, budget: object = { kl: 1 }) =>
  JSON.stringify({ model: { kind: 'memoryless', length: 10, tokens: half, ...model }, transform, budget });

/** Input, and what the one line must say: field, value, rule. */
const corpus: [input: string, line: RegExp][] = [
  ['', /^scenario: "" is not JSON/],
  ['{', /^scenario: "\{" is not JSON/],
  ['{"model":', /is not JSON/],
  ['nonsense\nover two lines', /^scenario: "nonsense over two lines" is not JSON/],
  ['null', /^scenario: null is not an object$/],
  ['[]', /^scenario: a list of 0 is not an object$/],
  ['3', /^scenario: 3 is not an object$/],
  ['"text"', /^scenario: "text" is not an object$/],
  ['{}', /^model: nothing is given, the field is required$/],
  ['{"v":2,"model":{},"budget":{}}', /^v: 2 is not 1$/],
  ['{"v":"1","model":{"kind":"text"},"budget":{"kl":1}}', /^v: "1" is not 1$/],
  [JSON.stringify({ v: 1, model: { kind: 'finite', outcomes: half } }), /^budget: nothing is given/],
  [
    JSON.stringify({ v: 1, model: { kind: 'finite', outcomes: half }, budget: { kl: 1 }, policy: 3 }),
    /^policy: 3 is in an unknown field; known are v, title/,
  ],
  [
    '{"v":1,"__proto__":{"x":1},"model":{"kind":"text","source":"moby-dick","order":0,"length":4},"budget":{"kl":1}}',
    /^__proto__: an object is in an unknown field/,
  ],
  [
    '{"v":1,"constructor":1,"model":{"kind":"text","source":"moby-dick","order":0,"length":4},"budget":{"kl":1}}',
    /^constructor: 1 is in an unknown field/,
  ],
  ['{"v":1,"model":{"kind":"__proto__"},"budget":{"kl":1}}', /^model\.kind: "__proto__" is not one of/],
  [
    '{"v":1,"model":{"kind":"samples"},"budget":{"kl":1}}',
    /^model\.kind: "samples" is not one of finite, memoryless, markov, continuous, prompts, text$/,
  ],
  ['{"v":1,"model":{"kind":3},"budget":{"kl":1}}', /^model\.kind: 3 is not one of/],
  ['{"v":1,"model":{},"budget":{"kl":1}}', /^model\.kind: nothing is given/],
  ['{"v":1,"model":[],"budget":{"kl":1}}', /^model: a list of 0 is not an object/],
  [chain({ transition: [[0.5, 0.5]] }), /^model\.transition: has 2 entries, not 2 rows of 2$/],
  [
    chain({
      transition: [
        [0.5, 0.6],
        [0.5, 0.5],
      ],
    }),
    /^model\.transition\[0\]: probabilities sum to 1\.1, not to 1/,
  ],
  [
    chain({
      transition: [
        [0.5, 2],
        [0.5, 0.5],
      ],
    }),
    /^model\.transition\[0\]\[1\]: 2 is not in \[0, 1\]$/,
  ],
  [
    chain({ reward: [0, 1, 2] }),
    /^model\.reward: has 3 entries, neither one a state \(2\) nor one a transition \(4\)$/,
  ],
  [chain({ reward: [0, 'x'] }), /^model\.reward\[1\]: "x" is not /],
  [
    chain({
      length: 1e9,
      transition: [
        [0.5, 0.5],
        [0, 1],
      ],
    }),
    /^model\.transition: has states that are left for good /,
  ],
  [under({}), /^transform\.kind: nothing is given/],
  [under(3), /^transform: 3 is not an object$/],
  [under([]), /^transform: a list of 0 is not an object$/],
  [under({ kind: 'cube' }), /^transform\.kind: "cube" is not one of step, indicator, clip, power, sigmoid, table$/],
  [under({ kind: '__proto__' }), /^transform\.kind: "__proto__" is not one of step/],
  [under({ kind: 'step', at: 0.6 }), /^transform\.height: nothing is given, the field is required$/],
  [under({ kind: 'step', at: '0.6', height: 1 }), /^transform\.at: "0\.6" is not a finite number$/],
  [under({ kind: 'step', at: 0.6, height: 1e61 }), /^transform\.height: 1e\+61 is not in \[-1e\+60, 1e\+60\]$/],
  [
    under({ kind: 'step', at: 0.6, height: 1, scale: 2 }),
    /^transform\.scale: 2 is in an unknown field; known are kind, at, height$/,
  ],
  [under({ kind: 'clip', lower: 1, upper: 0 }), /^transform\.upper: 0 is below lower, 1$/],
  [under({ kind: 'clip', lower: null }), /^transform\.lower: null is not a finite number$/],
  [under({ kind: 'power', exponent: 0 }), /^transform\.exponent: 0 is not in \(0, 1e\+60\]$/],
  [
    under({ kind: 'power', exponent: 500 }),
    /^transform\.exponent: 500 brings rewards nearer to one another than 28 digits tell, at length 10$/,
  ],
  [
    under({ kind: 'power', exponent: 500 }, { tokens: two(0.5, 3) }),
    /^transform\.exponent: 500 brings rewards past 1e60$/,
  ],
  [under({ kind: 'sigmoid', at: 0, scale: -1 }), /^transform\.scale: -1 is not in \(0, 1e\+60\]$/],
  [
    under({ kind: 'sigmoid', at: 0, scale: 0.001 }),
    /^transform\.scale: 0\.001 brings rewards nearer to one another than 28 digits tell, at length 10$/,
  ],
  [under({ kind: 'table', x: [], y: [] }), /^transform\.x: a list of 0, not of 1 to 1000 entries$/],
  [under({ kind: 'table', x: [0, 1], y: [0] }), /^transform\.y: a list of 1 is not as long as x \(2\)$/],
  [under({ kind: 'table', x: [0, 0], y: [0, 1] }), /^transform\.x\[1\]: 0 is not above the one before it, 0$/],
  [under({ kind: 'table', x: [0, 'b'], y: [0, 1] }), /^transform\.x\[1\]: "b" is not a finite number$/],
  [
    under({ kind: 'step', at: 0.6, height: 1 }, { length: 1e9 }),
    /^model\.length: 1000000000 is too long for a transform, which takes a list of all sums; /,
  ],
  [
    under(
      { kind: 'step', at: 0, height: 1 },
      { length: 60, tokens: Array.from({ length: 12 }, (_, k) => ({ p: 1 / 12, reward: Math.sqrt(k) })) },
    ),
    /^model\.length: 60 is too long for a transform, which takes a list of all sums; /,
  ],
  [
    under({ kind: 'step', at: 0, height: 1 }, { tokens: two(0.5, 1e100) }),
    /^transform: is of rewards whose largest is between 1e-60 and 1e60$/,
  ],
  [
    JSON.stringify({
      model: { kind: 'finite', outcomes: half },
      transform: { kind: 'indicator', at: 1 },
      budget: { kl: 1 },
    }),
    /^transform: indicator needs a model with a length$/,
  ],
  [policy({ kind: 'top_quantile' }), /^policies\[0\]: nothing is not exactly one of tau, kl$/],
  [policy({ kind: 'top_quantile', tau: 0.5, kl: 1 }), /^policies\[0\]: tau, kl is not exactly one of tau, kl$/],
  [policy({ kind: 'top_quantile', tau: 0 }), /^policies\[0\]\.tau: 0 is not in \(0, 1\]$/],
  [policy({ kind: 'top_quantile', tau: 1.5 }), /^policies\[0\]\.tau: 1\.5 is not in \(0, 1\]$/],
  [policy({ kind: 'win_rate_tilt', c: -1 }), /^policies\[0\]\.c: -1 is not in \[0, 1e\+300\]$/],
  [policy({ kind: 'win_rate_tilt', kl: -1 }), /^policies\[0\]\.kl: -1 is not in \[0, 1000000000000\]$/],
  [policy({ kind: 'chi_squared' }), /^policies\[0\]: nothing is not exactly one of beta, kl$/],
  [policy({ kind: 'chi_squared', beta: 0 }), /^policies\[0\]\.beta: 0 is not in \(0, 1e\+300\]$/],
  [policy({ kind: 'chi_squared', beta: -1 }), /^policies\[0\]\.beta: -1 is not in \(0, 1e\+300\]$/],
  [policy({ kind: 'chi_squared', beta: '1' }), /^policies\[0\]\.beta: "1" is not a finite number$/],
  [policy({ kind: 'chi_squared', kl: 1e13 }), /^policies\[0\]\.kl: 10000000000000 is not in \[0, 1000000000000\]$/],
  [policy({ kind: 'mixture', n: 2 }), /^policies\[0\]\.weight: nothing is given, the field is required$/],
  [policy({ kind: 'mixture', n: 2, weight: 1.5 }), /^policies\[0\]\.weight: 1\.5 is not in \[0, 1\]$/],
  [policy({ kind: 'mixture', n: 0.5, weight: 1 }), /^policies\[0\]\.n: 0\.5 is not in \[1, 1e\+300\]$/],
  [
    policy({ kind: 'mixture', n: 2, weight: 0.5, kl: 1 }),
    /^policies\[0\]\.kl: 1 is in an unknown field; known are kind, n, weight$/,
  ],
  [policy({ kind: 'index_best_of_n', n: 0 }), /^policies\[0\]\.n: 0 is not in \[1, 1e\+300\]$/],
  [
    tokens(half, 10, { kl: 1 }).replace('}}', '},"policies":[{"kind":"index_best_of_n","n":2}]}'),
    /^policies\[0\]\.kind: "index_best_of_n" asks which outcome is listed first, and is there for finite models alone$/,
  ],
  [
    chain({}).replace(/}$/, ',"policies":[{"kind":"index_best_of_n","n":2}]}'),
    /^policies\[0\]\.kind: "index_best_of_n" asks which outcome .* finite models alone$/,
  ],
  [
    normal({ kind: 'index_best_of_n', n: 2 }),
    /^policies\[0\]\.kind: "index_best_of_n" asks which outcome is listed first, and is not there for continuous models$/,
  ],
  [
    normal({ kind: 'block_best_of_n', block: 2, n: 2 }),
    /^policies\[0\]\.kind: "block_best_of_n" cuts a text into blocks of tokens, and is not there for continuous models$/,
  ],
  [
    tokens(half, 10, { kl: 1 }).replace(
      /}$/,
      ',"transform":{"kind":"step","at":0.5,"height":1},"policies":[{"kind":"block_best_of_n","block":2,"n":2}]}',
    ),
    /^policies\[0\]\.kind: "block_best_of_n" needs blocks whose rewards add up, .* not there under a transform$/,
  ],
  [
    JSON.stringify({
      model: { kind: 'prompts', prompts: [{ model: { kind: 'text', source: 'moby-dick', order: 0, length: 4 } }] },
      budget: { kl: 1 },
    }),
    /^model\.prompts\[0\]\.model\.kind: "text" is not one of finite, memoryless, continuous$/,
  ],
  [policy({ kind: 'block_best_of_n', n: 2 }), /^policies\[0\]\.block: nothing is given, the field is required$/],
  [policy({ kind: 'block_best_of_n', block: 2 }), /^policies\[0\]: nothing is not exactly one of n, kl$/],
  [policy({ kind: 'block_best_of_n', block: 2.5, n: 2 }), /^policies\[0\]\.block: 2\.5 is not an integer$/],
  [policy({ kind: 'block_best_of_n', block: 0, kl: 2 }), /^policies\[0\]\.block: 0 is not in \[1, 1000000000\]$/],
  [policy({ kind: 'soft_best_of_n', kl: 1 }), /^policies\[0\]\.(?:n|alpha|kl): /],
  [
    JSON.stringify({ model: { kind: 'finite', outcomes: half }, budget: { kl: 1 }, policies: [{ kind: 'quantile' }] }),
    /^policies\[0\]\.kind: "quantile" is not one of soft_best_of_n, best_of_poisson, win_rate_tilt, top_quantile, chi_squared, mixture, index_best_of_n, block_best_of_n$/,
  ],
  [
    JSON.stringify({
      model: { kind: 'finite', outcomes: half },
      budget: { kl: 1 },
      policies: [{ kind: 'soft_best_of_n', n: 2 }],
    }),
    /^policies\[0\]\.alpha: nothing is given, the field is required$/,
  ],
  [
    JSON.stringify({
      model: { kind: 'finite', outcomes: half },
      budget: { kl: 1 },
      policies: [{ kind: 'best_of_poisson', mu: -1 }],
    }),
    /^policies\[0\]\.mu: -1 is not in \[0, 1e\+300\]$/,
  ],
  [continuous({}), /^model\.family: nothing is given/],
  [continuous({ family: 'cauchy' }), /^model\.family: "cauchy" is not one of uniform, normal, .*, quantiles$/],
  [continuous({ family: '__proto__' }), /^model\.family: "__proto__" is not one of/],
  [continuous({ family: 'normal', mean: 0 }), /^model\.sd: nothing is given, the field is required$/],
  [continuous({ family: 'normal', mean: 0, sd: 0 }), /^model\.sd: 0 is not a number above 0$/],
  [continuous({ family: 'normal', mean: 0, sd: '1' }), /^model\.sd: "1" is not a finite number$/],
  [continuous({ family: 'normal', mean: 0, sd: 1, df: 2 }), /^model\.df: 2 is in an unknown field/],
  [continuous({ family: 'uniform', lower: 1, upper: 1 }), /^model\.upper: 1 is not above lower, 1$/],
  [continuous({ family: 'beta', alpha: 1e-9, beta: 1 }), /^model\.alpha: .* is not in \[0\.01, 10000\]$/],
  [
    continuous({ family: 'student_t', df: 3 }),
    /^model\.family: "student_t" has polynomial tails, .*no optimal policy$/,
  ],
  [continuous({ family: 'lognormal', location: 0, scale: 1 }), /^model\.family: "lognormal" has a heavy right tail/],
  [continuous({ family: 'weibull', shape: 0.5, scale: 1 }), /^model\.family: "weibull" of shape 0\.5, below 1/],
  [continuous({ family: 'normal', mean: 0, sd: 1, mirrored: 1 }), /^model\.mirrored: 1 is not /],
  [continuous({ family: 'quantiles', u: [0], reward: [0] }), /^model\.u: a list of 1, not of 2 to 10000 entries$/],
  [
    continuous({ family: 'quantiles', u: [0, 1], reward: [0, 1, 2] }),
    /^model\.reward: a list of 3 is not as long as u/,
  ],
  [continuous({ family: 'quantiles', u: [0.1, 1], reward: [0, 1] }), /^model\.u\[0\]: 0\.1 is not 0$/],
  [continuous({ family: 'quantiles', u: [0, 0.5], reward: [0, 1] }), /^model\.u\[1\]: 0\.5 is not 1$/],
  [continuous({ family: 'quantiles', u: [0, 0.5, 0.5, 1], reward: [0, 1, 2, 3] }), /^model\.u\[2\]: 0\.5 is not above/],
  [continuous({ family: 'quantiles', u: [0, 0.5, 1], reward: [0, 1, 0] }), /^model\.reward\[2\]: 0 is below/],
  [
    JSON.stringify({ model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { kl_per_token: 1 } }),
    /^budget\.kl_per_token: 1 needs a model with a length$/,
  ],
  [finite([]), /^model\.outcomes: a list of 0, not of 1 to 100000 entries$/],
  [finite({}), /^model\.outcomes: an object is not a list$/],
  [finite('many'), /^model\.outcomes: "many" is not a list$/],
  [finite([3]), /^model\.outcomes\[0\]: 3 is not an object$/],
  [finite(two(-0.2)), /^model\.outcomes\[1\]\.p: -0\.2 is not in \[0, 1\]$/],
  [finite(two(1.2)), /^model\.outcomes\[1\]\.p: 1\.2 is not in \[0, 1\]$/],
  [finite(two('0.5')), /^model\.outcomes\[1\]\.p: "0\.5" is not a finite number$/],
  [finite(two(null)), /^model\.outcomes\[1\]\.p: null is not a finite number$/],
  [finite(two(true)), /^model\.outcomes\[1\]\.p: true is not a finite number$/],
  [
    finite(half).replace('"p":0.5,"reward":1', '"p":1e999,"reward":1'),
    /^model\.outcomes\[1\]\.p: Infinity is not a finite number$/,
  ],
  [finite(half).replace('"reward":1}', '"reward":NaN}'), /is not JSON/],
  [finite(two(0.4)), /^model\.outcomes: probabilities sum to 0\.9, not to 1 \(within 1e-6\)$/],
  [finite(two(0.50001)), /^model\.outcomes: probabilities sum to 1\.00001, not to 1/],
  [finite([{ p: 0, reward: 1 }]), /^model\.outcomes: probabilities sum to 0, not to 1/],
  [finite(two(0.5, 1e308)), /^model\.outcomes\[1\]\.reward: 1e\+308 is not in \[-1e\+300, 1e\+300\]$/],
  [finite(two(0.5, -1e308)), /^model\.outcomes\[1\]\.reward: -1e\+308 is not in/],
  [finite(two(0.5, '1')), /^model\.outcomes\[1\]\.reward: "1" is not a finite number$/],
  [finite([{ p: 1 }]), /^model\.outcomes\[0\]\.reward: nothing is given/],
  [finite([{ reward: 1 }]), /^model\.outcomes\[0\]\.p: nothing is given/],
  [finite([{ p: 1, reward: 1, gold: 'x' }]), /^model\.outcomes\[0\]\.gold: "x" is not a finite number$/],
  [
    finite([{ p: 1, reward: 1, rewards: 2 }]),
    /^model\.outcomes\[0\]\.rewards: 2 is in an unknown field; known are label, p, reward, gold$/,
  ],
  [finite([{ p: 1, reward: 1, label: 7 }]), /^model\.outcomes\[0\]\.label: 7 is not a text$/],
  [
    finite([{ p: 1, reward: 1, label: 'x'.repeat(300) }]),
    /^model\.outcomes\[0\]\.label: "x{60}…" is longer than 200 characters$/,
  ],
  [finite(half, { kl_per_token: 0.2 }), /^budget\.kl_per_token: 0\.2 needs a model with a length$/],
  [finite(half, {}), /^budget: nothing is not exactly one of n, log_n, kl, kl_per_token, beta$/],
  [finite(half, { n: 4, kl: 1 }), /^budget: n, kl is not exactly one of/],
  [finite(half, { nats: 4 }), /^budget\.nats: 4 is in an unknown field; known are n, log_n, kl, kl_per_token, beta$/],
  [finite(half, 4), /^budget: 4 is not an object$/],
  [finite(half, { n: 0 }), /^budget\.n: 0 is not a number of at least 1$/],
  [finite(half, { n: 0.5 }), /^budget\.n: 0\.5 is not a number of at least 1$/],
  [finite(half, { n: -3 }), /^budget\.n: -3 is not a number of at least 1$/],
  [finite(half, { n: 'many' }), /^budget\.n: "many" is not a finite number$/],
  [finite(half, { kl: -1 }), /^budget\.kl: -1 is not in \[0, 1000000000000\]$/],
  [finite(half, { log_n: -1 }), /^budget\.log_n: -1 is not in/],
  [finite(half, { kl: 1e13 }), /^budget\.kl: 10000000000000 is not in/],
  [finite(half, { kl: null }), /^budget\.kl: null is not a finite number$/],
  [tokens(half, 0), /^model\.length: 0 is not in \[1, 1000000000\]$/],
  [tokens(half, 2.5), /^model\.length: 2\.5 is not an integer$/],
  [tokens(half, 1e12), /^model\.length: 1000000000000 is not in/],
  [tokens(half, -4), /^model\.length: -4 is not in/],
  [tokens(half, '40'), /^model\.length: "40" is not an integer$/],
  [tokens(half).replace('"length":10,', ''), /^model\.length: nothing is given/],
  [tokens([{ p: 1, reward: 1, gold: 2e300 }]), /^model\.tokens\[0\]\.gold: 2e\+300 /],
  [tokens(two(0.4)), /^model\.tokens: probabilities sum to 0\.9/],
  [tokens(half, 1e9, { kl_per_token: 1e6 }), /^budget\.kl_per_token: 1000000 is not in \[0, 1000\]$/],
  [text({ order: 2 }), /^model\.order: 2 is not one of 0, 1$/],
  [text({ length: 1e10 }), /^model\.length: 10000000000 is not in/],
  [text({ words: 3 }), /^model\.words: 3 is in an unknown field/],
  [
    JSON.stringify({ model: { kind: 'finite', outcomes: half }, budget: { kl: 1 }, title: 4 }),
    /^title: 4 is not a text$/,
  ],
  [
    JSON.stringify({ model: { kind: 'finite', outcomes: half }, budget: { kl: 1 }, simulation: { seed: -1 } }),
    /^simulation\.seed: -1 is not in/,
  ],
  [
    JSON.stringify({ model: { kind: 'finite', outcomes: half }, budget: { kl: 1 }, simulation: { replicates: 0 } }),
    /^simulation\.replicates: 0 is not in/,
  ],
];

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing was refused';
};

describe('each bad input is refused in one line of field, value and rule', () => {
  test('there are at least sixty', () => expect(corpus.length).toBeGreaterThanOrEqual(60));

  test.each(corpus)('%s', (input, line) => {
    const start = performance.now();
    const said = refusal(() => engine.evaluate(parseScenarioText(input)));
    expect(said).toMatch(line);
    expect(said).not.toContain('\n');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('a million outcomes', () => {
    const input = finite(Array.from({ length: 1_000_000 }, () => ({ p: 1e-6, reward: 1 })));
    const start = performance.now();
    expect(refusal(() => parseScenarioText(input))).toBe(
      'model.outcomes: a list of 1000000, not of 1 to 100000 entries',
    );
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('objects that are no JSON: non-finite numbers', () => {
    for (const p of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const scenario = { model: { kind: 'finite', outcomes: [{ p, reward: 0 }] }, budget: { kl: 1 } };
      expect(refusal(() => engine.evaluate(scenario as never))).toBe(
        `model.outcomes[0].p: ${p} is not a finite number`,
      );
    }
  });
});

describe('bad links never throw, and name what they could not read', () => {
  test.each([
    ['#v=9', 'link.v: "9" is of a later version; this Tilt Lab reads version 1'],
    ['#v=x', 'link.v: "x" is not 1'],
    ['#length=40', 'link.v: nothing is not 1'],
    ['#v=1&length=NaN', 'model.length: "NaN" is not an integer'],
    ['#v=1&length=2.5', 'model.length: 2.5 is not an integer'],
    ['#v=1&length=0x10', 'model.length: "0x10" is not an integer'],
    ['#v=1&n=0', 'budget.n: 0 is not a number of at least 1'],
    ['#v=1&n=4&kl=2', 'budget: n, kl is not exactly one of n, log_n, kl, kl_per_token, beta'],
    ['#v=1&kl=1&kl=2', 'link.kl: "2" is given a second time'],
    ['#v=1&__proto__=1', 'link.__proto__: "1" is in an unknown field'],
    ['#v=1&title=%E0%A4%A', 'link.title: "%E0%A4%A" is not percent-encoded text'],
    ['#v=1&order=2', 'model.order: 2 is not one of 0, 1'],
    ['#v=1&order=one', 'model.order: "one" is not one of 0, 1'],
    ['#v=1&model=poisson', 'model.kind: "poisson" is not one of finite, memoryless, markov, continuous, prompts, text'],
    ['#v=1&model=finite&kl=1', 'link.p: nothing is given, the field is required for outcomes'],
    ['#v=1&model=finite&p=0.5,0.5&r=1&kl=1', 'link.reward: a list of 1 is not as long as p (2)'],
    ['#v=1&model=finite&p=0.5,half&r=0,1&kl=1', 'model.outcomes[1].p: "half" is not a finite number'],
    ['#v=1&model=finite&data=!!!&kl=1', 'link.data: "!!!" cannot be unpacked'],
    ['#v=1&model=finite&data=AAAA&kl=1', 'link.data: "AAAA" cannot be unpacked'],
    ['#v=1&seed=-1', 'simulation.seed: -1 is not in [0, 9007199254740991]'],
    ['#v=1&transform=cube,3', 'transform.kind: "cube" is not one of step, indicator, clip, power, sigmoid, table'],
    ['#v=1&transform=', 'transform.kind: "" is not one of step'],
    ['#v=1&transform=3,4', 'transform.kind: 3 is not one of step'],
    ['#v=1&transform=step,0.6', 'transform.height: nothing is given, the field is required'],
    ['#v=1&transform=step,0.6,x', 'transform.height: "x" is not a finite number'],
    ['#v=1&transform=step,0.6,1,2', 'transform.further: 2 is in an unknown field'],
    ['#v=1&transform=table,0,1', 'transform.y: a list of 0, not of 1 to 1000 entries'],
    [
      '#v=1&model=finite&p=0.5,0.5&r=0,1&transform=indicator,1&kl=1',
      'transform: indicator needs a model with a length',
    ],
  ])('%s', (link, line) => {
    const { problems, scenario } = decodeLink(link);
    expect(problems[0]?.message).toContain(line);
    expect(engine.evaluate(scenario).engine).toBe(engine.version);
  });

  test('ten megabytes', () => {
    const start = performance.now();
    expect(decodeLink(`#v=1&data=${'A'.repeat(1e7)}`).problems[0]?.message).toMatch(
      /^link: \d+ characters are more than 4000000$/,
    );
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('the command', () => {
  const tiltlab = (args: string[], input = '') =>
    spawnSync('node', ['web/cli/bin.js', ...args], { input, encoding: 'utf8' });

  test.each([
    [['evaluate', '-'], finite(two(-0.2)), 'model.outcomes[1].p: -0.2 is not in [0, 1]'],
    [['evaluate', '-'], '{', 'scenario: "{" is not JSON'],
    [['evaluate', 'no-such-file'], '', 'no-such-file: no such file'],
    [['evaluate'], '', 'evaluate: needs one FILE or LINK, or - for standard input'],
    [['open', '#v=1&length=2.5'], '', 'model.length: 2.5 is not an integer'],
    [['evaluate', '#v=1&model=finite&p=0.5,0.4&r=0,1&kl=1'], '', 'model.outcomes: probabilities sum to 0.9'],
    [['conjure'], '', '"conjure" is not one of evaluate, statements, simulate, merge, link, open'],
  ])('%j exits with 2, an empty standard output and one line', (args, input, line) => {
    const { status, stdout, stderr } = tiltlab(args, input);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('link and open are each other’s inverse, and evaluate takes either', () => {
    const scenario = text({ length: 7 }, { n: 16 });
    const link = tiltlab(['link', '-'], scenario).stdout.trim();
    expect(JSON.parse(tiltlab(['open', link]).stdout)).toEqual(JSON.parse(scenario));
    expect(tiltlab(['evaluate', link]).stdout).toBe(tiltlab(['evaluate', '-'], scenario).stdout);
    expect(tiltlab(['evaluate', `https://example.org/lab/${link}`]).stdout).toBe(tiltlab(['evaluate', link]).stdout);
  });
});
