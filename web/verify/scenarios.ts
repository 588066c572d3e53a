import { type CurveName, type StatementName, statementNames } from '../engine/statements.js';
import type { TableName } from '../engine/tables.js';
import { gallery } from '../scenario/gallery.js';
import type { Budget, FiniteModel, MemorylessModel, Model, Scenario } from '../scenario/scenario.js';

/** A scenario and what of it is computed beside its report. */
export interface Check {
  scenario: Scenario;
  /** Curves with their frontier up to `klEnd`, in nats; none of them where that is left out. */
  klEnd?: number;
  curves?: readonly CurveName[];
  statements?: readonly StatementName[];
  near?: { tilt: number; bend: number };
  tables?: readonly TableName[];
  /** Draws as its `simulation` says. */
  simulated?: boolean;
  /** Drafts of each policy, word by word. */
  drafts?: number;
}

export interface Group {
  name: string;
  checks: readonly Check[];
}

/*
 * The list is the same in every browser since it is made by sums, products and quotients alone: those are exact to the last
 * bit by their standard, while a browser's own logarithm is not.
 */

const of = (model: Model, budget: Budget, more: Partial<Scenario> = {}): Scenario => ({ v: 1, model, budget, ...more });

const sharesOf = (weights: readonly number[]) => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
};

/** `size` outcomes whose weights and rewards no simple rule orders; `shape` tells several of one size apart. */
const finite = (size: number, shape: number): Model => {
  const weights = Array.from({ length: size }, (_, i) => 1 + ((7 * i * i + 3 * i + 5 * shape) % 11));
  return {
    kind: 'finite',
    outcomes: sharesOf(weights).map((p, i) => ({
      p,
      reward: ((13 * i * (i + shape) + 4 * i) % 17) / (shape === 2 ? 7 : 4) - 1,
      gold: ((5 * i + shape) % 9) / 2,
    })),
  };
};

const memoryless = (length: number, p: readonly number[], reward: readonly number[]): Model => ({
  kind: 'memoryless',
  length,
  tokens: p.map((weight, i) => ({ p: weight, reward: reward[i] as number })),
});

const text = (length: number): Model => ({ kind: 'text', source: 'moby-dick', order: 0, length });
const remembering = (length: number): Model => ({ kind: 'text', source: 'moby-dick', order: 1, length });
const three = (length: number) => memoryless(length, [0.5, 0.3, 0.2], [0, 1, 3]);
const two = (length: number) => memoryless(length, [0.875, 0.125], [0, 1]);
const decimals = (length: number) => memoryless(length, [0.1, 0.2, 0.3, 0.25, 0.15], [-1.5, -0.25, 0, 0.75, 2.5]);
const vocabularies = [three, two, decimals];

const pairs = <A, B>(as: readonly A[], bs: readonly B[]): [A, B][] => as.flatMap((a) => bs.map((b): [A, B] => [a, b]));

const draws: Budget[] = [{ n: 2 }, { n: 40 }, { log_n: 0.35 }, { kl: 1.25 }, { kl: 30 }];

const single: Check[] = pairs(pairs([2, 3, 5, 8, 21], [1, 2]), draws).map(([[size, shape], budget]) => ({
  scenario: of(finite(size, shape), budget),
  klEnd: 8,
}));

const short: Check[] = pairs(pairs(vocabularies, [1, 2, 7, 40, 160]), [0.01, 0.2, 1.5]).map(
  ([[vocabulary, length], rate]) => ({
    scenario: of(vocabulary(length), { kl_per_token: rate }),
    klEnd: 2 * rate * length,
    curves: length === 160 ? ['laws', 'gap'] : ['laws'],
  }),
);

const long: Check[] = pairs(pairs(vocabularies, [10_000, 1e6, 1e9]), [0.02, 0.3]).map(
  ([[vocabulary, length], rate]) => ({
    scenario: of(vocabulary(length), { kl_per_token: rate }),
    klEnd: 2 * rate * length,
    curves: ['laws'],
  }),
);

const uneven = (length: number) => memoryless(length, [0.5, 0.3, 0.2], [0, 1, 1.6180339887]);
const fine = (length: number) => memoryless(length, [0.4, 0.35, 0.15, 0.1], [0, 0.1234567, 1.0000001, 2.2360679]);
const wide = (length: number) => memoryless(length, [0.45, 0.3, 0.25], [1e-9, 1, 1e6]);
const offLattice: Check[] = pairs(pairs([uneven, fine, wide], [2, 9, 60, 100_000]), [0.05, 0.4]).map(
  ([[vocabulary, length], rate]) => ({
    scenario: of(vocabulary(length), { kl_per_token: rate }),
    ...(length === 9 ? { klEnd: 2 * rate * length } : {}),
  }),
);

const rare = (p: number, reward: number) => (length: number) =>
  memoryless(length, [1 - 0.3 - p, 0.3, p], [0, 1, reward]);
const jumps: Check[] = pairs(
  pairs([rare(1e-4, 100), rare(1e-6, 37), rare(1e-3, -50)], [12, 900, 1e6]),
  [0.1, 0.003],
).map(([[vocabulary, length], rate]) => ({ scenario: of(vocabulary(length), { kl_per_token: rate }) }));

const words: Check[] = pairs([1, 12, 40, 400, 1e6, 1e9], [0.05, 0.2]).map(([length, rate]) => ({
  scenario: of(text(length), { kl_per_token: rate }),
  klEnd: 2 * rate * length,
  curves: length === 40 ? ['laws', 'gap'] : ['laws'],
}));

const families: Model[] = [
  { kind: 'continuous', family: 'uniform', lower: -1, upper: 2.5 },
  { kind: 'continuous', family: 'normal', mean: 0.5, sd: 1.25 },
  { kind: 'continuous', family: 'exponential', rate: 1.5 },
  { kind: 'continuous', family: 'exponential', rate: 1, mirrored: true },
  { kind: 'continuous', family: 'gamma', shape: 2.5, scale: 0.75 },
  { kind: 'continuous', family: 'gamma', shape: 0.5, scale: 2, mirrored: true },
  { kind: 'continuous', family: 'beta', alpha: 2, beta: 3.5 },
  { kind: 'continuous', family: 'beta', alpha: 0.5, beta: 0.5 },
  { kind: 'continuous', family: 'weibull', shape: 1.75, scale: 2 },
  { kind: 'continuous', family: 'lognormal', location: 0, scale: 0.5, mirrored: true },
  { kind: 'continuous', family: 'logistic', location: -1, scale: 0.6 },
  { kind: 'continuous', family: 'laplace', location: 0, scale: 1 },
  { kind: 'continuous', family: 'gumbel', location: 0.25, scale: 0.8 },
];
const smooth: Check[] = pairs(families, [
  { n: 5 },
  { kl: 0.05 },
  { kl: 4 },
  { kl: 60 },
  { log_n: 2000 },
] as Budget[]).map(([model, budget], i) => ({
  scenario: of(model, budget),
  ...(i % 5 === 2 ? { klEnd: 8, statements: ['divergences'] } : {}),
}));

const tables: Check[] = pairs(
  [
    { kind: 'continuous', family: 'quantiles', u: [0, 0.25, 0.5, 1], reward: [-1, 0, 0.5, 4] },
    { kind: 'continuous', family: 'quantiles', u: [0, 0.1, 0.5, 0.7, 0.9, 1], reward: [-2, -1, 0.5, 0.5, 1, 1.5] },
    { kind: 'continuous', family: 'quantiles', u: [0, 0.4, 0.6, 1], reward: [0, 1, 1, 2], mirrored: true },
  ] as Model[],
  [{ n: 3 }, { kl: 3 }, { log_n: 25 }] as Budget[],
).map(([model, budget]) => ({ scenario: of(model, budget), klEnd: 6 }));

const further: Check[] = pairs([finite(5, 1), finite(8, 2), three(12), decimals(30)], [4, 16]).map(([model, n]) => ({
  scenario: of(
    model,
    { n },
    {
      policies: [
        { kind: 'soft_best_of_n', n, alpha: 1.5 },
        { kind: 'best_of_poisson', mu: n - 1 },
      ],
    },
  ),
}));

const bells: Model[] = [
  { kind: 'continuous', family: 'normal', mean: 0, sd: 1 },
  { kind: 'continuous', family: 'laplace', location: 0, scale: 1 },
  { kind: 'continuous', family: 'beta', alpha: 2, beta: 3.5 },
  { kind: 'continuous', family: 'gamma', shape: 0.5, scale: 2, mirrored: true },
  { kind: 'continuous', family: 'quantiles', u: [0, 0.1, 0.5, 0.7, 0.9, 1], reward: [-2, -1, 0.5, 0.5, 1, 1.5] },
];

/** By a parameter and by a KL, of every kind of model that policies lie on; one on a law of which a part is listed. */
const byKl: Check[] = [finite(6, 1), three(12), three(40_000), text(30), ...bells].map((model, i) => ({
  scenario: of(
    model,
    { kl: 1 + i },
    {
      policies: [
        { kind: 'win_rate_tilt', kl: 0.5 + i / 4 },
        { kind: 'win_rate_tilt', c: 3 },
        { kind: 'top_quantile', kl: 1 },
        { kind: 'top_quantile', tau: 0.2 },
        { kind: 'best_of_poisson', kl: 0.8 },
      ],
      ...(i < 2 ? { simulation: { seed: 5 + i, replicates: 20, method: 'tokens' } } : {}),
    },
  ),
  ...(i < 2 ? { simulated: true } : {}),
}));

const chains: Check[] = (
  [
    [
      12,
      [1, 0],
      [0.8, 0.2, 0.4, 0.6],
      [
        [0, 1],
        [0.3, 2],
      ],
      { kl: 1 },
    ],
    [30, [0.5, 0.5], [0.9, 0.1, 0.2, 0.8], [0, 1], { kl_per_token: 0.1 }],
    [8, [0, 1, 0], [0, 1, 0, 0.5, 0, 0.5, 0, 0, 1], [-1, 0, 2], { n: 16 }],
    [
      5,
      [0.2, 0.8],
      [0.7, 0.3, 0.1, 0.9],
      [
        [0, 1.23457],
        [0.3333333, 2],
      ],
      { log_n: 4 },
    ],
  ] as [number, number[], number[], number[] | number[][], Budget][]
).map(([length, initial, flat, reward, budget], i) => ({
  scenario: of(
    {
      kind: 'markov',
      length,
      initial,
      transition: initial.map((_, k) => flat.slice(k * initial.length, (k + 1) * initial.length)),
      reward,
    },
    budget,
    {
      policies: [{ kind: 'top_quantile', kl: 0.7 }],
      ...(i === 0 ? { simulation: { seed: 4, replicates: 30, method: 'tokens' } } : {}),
    },
  ),
  ...(i === 0 ? { simulated: true } : {}),
  klEnd: 6,
}));

const bell = { kind: 'continuous', family: 'normal', mean: 1, sd: 2 } as const;
const prompted: Check[] = [{ kl: 0.5 }, { n: 16 }, { log_n: 9 }].map((budget) => ({
  scenario: of(
    {
      kind: 'prompts',
      prompts: [
        { weight: 3, model: finite(5, 1) as FiniteModel },
        { weight: 1, model: three(20) as MemorylessModel },
        { model: bell },
        { weight: 0.25, model: finite(9, 4) as FiniteModel },
      ],
    },
    budget,
  ),
  klEnd: 3,
}));

/** Chains too long for lists of their sums. */
const longChains: Check[] = [1500, 1e5, 1e9].map((length, i) => ({
  scenario: of(
    {
      kind: 'markov',
      length,
      initial: [0.25, 0.75],
      transition: [
        [0.7, 0.3],
        [0.2, 0.8],
      ],
      reward: [-1, 2.5],
    },
    [{ kl_per_token: 0.05 }, { kl: 3 }, { n: 64 }][i] as Budget,
  ),
}));

const morePolicies: Check[] = [finite(7, 2), three(24), three(40_000), text(60), ...bells].map((model, i) => ({
  scenario: of(
    model,
    { kl: 1 + i / 2 },
    {
      policies: [
        { kind: 'chi_squared', kl: 0.25 + i / 2 },
        { kind: 'chi_squared', beta: 2 },
        { kind: 'mixture', n: 30, weight: 0.25 },
        ...(i < 1 ? [{ kind: 'index_best_of_n', n: 6 } as const] : []),
        ...(i < 4 ? [{ kind: 'block_best_of_n', block: 5, n: 4 } as const] : []),
        ...(i < 2 ? [{ kind: 'block_best_of_n', block: 7, kl: 0.75 } as const] : []),
      ],
      ...(i < 2 ? { simulation: { seed: 8 + i, replicates: 20, method: 'tokens' } } : {}),
    },
  ),
  ...(i < 2 ? { simulated: true } : {}),
}));
/** Of models without a transform; those of the versions whose digests are stated. */
const plainStatements = statementNames.filter((name) => name !== 'hull' && name !== 'paths');

const stated: Check[] = [
  of(three(60), { kl_per_token: 0.2 }),
  of(two(25), { kl_per_token: 0.1 }),
  of(decimals(12), { n: 100 }),
  of(memoryless(9, [0.2, 0.5, 0.3], [-1, 0, 2]), { kl: 3 }),
  of(finite(3, 1), { n: 6 }),
  of(finite(8, 2), { kl: 1 }),
  of(text(30), { kl: 6 }),
].map((scenario) => ({
  scenario,
  statements: plainStatements,
  near: { tilt: -0.3, bend: 0.8 },
  klEnd: 12,
  curves: [],
}));

const rolled: Check[] = pairs([three(20), decimals(6), finite(5, 2), text(15)], [
  'tokens',
  'types',
  'order',
] as const).map(([model, method], i) => ({
  scenario: of(model, { n: 3 + i }, { simulation: { seed: 20261125 + i, replicates: 40, method } }),
  simulated: true,
}));

const chainOfTwo: Model = {
  kind: 'markov',
  length: 24,
  initial: [1, 0],
  transition: [
    [0.8, 0.2],
    [0.4, 0.6],
  ],
  reward: [
    [0, 1],
    [0.3, 2],
  ],
};

const written: Check[] = [three(30), decimals(50), finite(8, 1), chainOfTwo].map((model, i) => ({
  scenario: of(model, { n: 8 + 3 * i }, { simulation: { seed: 7 + i } }),
  drafts: 3,
}));
/** The best of more drafts than anybody draws, by its law. */
const byLaw: Check[] = [three(30), chainOfTwo].map((model) => ({ scenario: of(model, { log_n: 25 }), drafts: 2 }));

const shown: Check[] = gallery.map(({ scenario }) => ({ scenario, klEnd: 12, curves: ['laws'] }));

/** Reports with numbers that could not be had within a thousandth, or that no double holds. */
const leftOut: Check[] = [
  { scenario: of(memoryless(557, [0.5, 0.25, 0.15, 0.1], [0, 1, 2, 3.0001]), { kl_per_token: 0.1 }) },
  ...[1e9, 20].map((length) => ({
    scenario: of(memoryless(length, [0.5, 0.5], [0, length === 20 ? 1e299 : 1e300]), { kl_per_token: 0.1 }),
    klEnd: 0.2 * length,
  })),
  { scenario: of(fine(3_000), { kl_per_token: 0.02 }) },
];

const transformed: Check[] = pairs([decimals(12), chainOfTwo, text(9)], [
  { kind: 'step', at: 0.25, height: 1 },
  { kind: 'step', at: 0.5, height: -0.75 },
  { kind: 'indicator', at: 0.5 },
  { kind: 'clip', lower: -0.25, upper: 0.75 },
  { kind: 'clip', upper: 0.5 },
  { kind: 'power', exponent: 2 },
  { kind: 'sigmoid', at: 0.5, scale: 0.25 },
  { kind: 'table', x: [0, 0.5, 1], y: [0, 1, 0.5] },
] as const).map(([model, transform], i) => ({
  scenario: of(model, i % 2 === 0 ? { kl_per_token: 0.125 } : { n: 12 }, {
    transform: JSON.parse(JSON.stringify(transform)),
    ...(i % 4 === 0 ? { policies: [{ kind: 'top_quantile', kl: 0.7 }] } : {}),
    simulation: { seed: 20261126 + i, replicates: 20, method: 'tokens' },
  }),
  klEnd: 4,
  curves: ['laws'],
  statements: ['hull'],
  simulated: i % 4 === 0,
}));

const withMemory: Check[] = pairs([1, 2, 10, 40, 100, 300, 1000, 1e5, 1e9], [0.02, 0.2, 1.5]).map(([length, rate]) => ({
  scenario: of(remembering(length), { kl_per_token: rate }),
  ...(length < 1000 ? { klEnd: length, curves: ['laws', 'gap'] as const } : {}),
}));

/** Chains that are drawn by walking them: the second has a period of 2. */
const walked: Check[] = pairs(
  [
    remembering(200),
    {
      kind: 'markov' as const,
      length: 3001,
      initial: [0.5, 0.5, 0],
      transition: [
        [0, 1, 0],
        [0.5, 0, 0.5],
        [0, 1, 0],
      ],
      reward: [0, 1, 2.5],
    },
  ],
  ['tokens', 'order'] as const,
).map(([model, method], i) => ({
  scenario: of(model, { n: 3 + i }, { simulation: { seed: 40 + i, replicates: 30, method } }),
  simulated: true,
}));

const tabled: Check[] = [
  ...[of(three(12), { kl: 2 }), of(finite(6, 1), { n: 5 }), of(bell, { kl: 2 })].map(
    (scenario): Check => ({ scenario, tables: ['equal'] }),
  ),
  ...prompted.map(({ scenario }): Check => ({ scenario, tables: ['prompts'] })),
  ...[24, 1e6].map(
    (length): Check => ({
      scenario: of({ ...chainOfTwo, length } as Model, { kl_per_token: 0.125 }),
      tables: ['chain'],
    }),
  ),
  { scenario: of(remembering(40), { kl_per_token: 0.2 }), tables: ['chain'] },
];

/** What a chain has of the paper's statements: at its own length, and in the long run. */
const statedOfChains: Check[] = [
  of(chainOfTwo, { kl_per_token: 0.125 }),
  of({ ...chainOfTwo, length: 400 } as Model, { kl: 9 }),
  of(remembering(30), { kl_per_token: 0.2 }),
].map((scenario) => ({ scenario, statements: plainStatements, near: { tilt: -0.3, bend: 0.8 }, klEnd: 8, curves: [] }));

const golden = (length: number, reward: readonly number[]): Model => ({
  kind: 'memoryless',
  length,
  tokens: [0.5, 0.375, 0.125].map((p, i) => ({ p, reward: reward[i] as number, gold: [0.5, 1, -2][i] as number })),
});
/** Paths by gold, and what every policy has of it. */
const judged: Check[] = [
  of(finite(9, 2), { n: 5 }),
  ...[6, 150, 20_000].map((length) => of(golden(length, [0, 1, 3]), { kl_per_token: 0.25 })),
  of(golden(45, [0, 1, 2.2360679775]), { n: 30 }),
  of(golden(90, [0, 1, 1000]), { kl: 12 }),
].map((scenario, i) => ({
  scenario: {
    ...scenario,
    policies: [
      { kind: 'win_rate_tilt', kl: 0.5 },
      { kind: 'mixture', n: 6, weight: 0.5 },
    ],
    simulation: { seed: 60 + i, replicates: 20, method: 'order' },
  },
  statements: ['paths'],
  klEnd: 6,
  curves: [],
  simulated: i < 3,
}));

/** Scenarios of every kind, in an order that stays; what they find is what two engines are compared by. */
export const groups: readonly Group[] = [
  { name: 'Single draws', checks: single },
  { name: 'Short sequences', checks: short },
  { name: 'Long sequences', checks: long },
  { name: 'Rewards off any lattice', checks: offLattice },
  { name: 'Rare jumps', checks: jumps },
  { name: 'Numbers left out', checks: leftOut },
  { name: 'Words of Moby-Dick', checks: words },
  { name: 'Continuous families', checks: smooth },
  { name: 'Quantile tables', checks: tables },
  { name: 'Further policies', checks: further },
  { name: 'The gallery', checks: shown },
  { name: 'The paper’s statements', checks: stated },
  { name: 'Simulation', checks: rolled },
  { name: 'Drafts', checks: [...written, ...byLaw] },
  { name: 'Policies by their KL', checks: byKl },
  { name: 'Chains', checks: chains },
  { name: 'More policies', checks: morePolicies },
  { name: 'Several prompts', checks: prompted },
  { name: 'Long chains', checks: longChains },
  { name: 'Transformed rewards', checks: transformed },
  { name: 'Words with a memory', checks: withMemory },
  { name: 'Walks', checks: walked },
  { name: 'Tables', checks: tabled },
  { name: 'Chains’ statements', checks: statedOfChains },
  { name: 'Gold', checks: judged },
];
