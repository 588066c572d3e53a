import { defaultScenario, defaults } from './defaults.js';
import type { Scenario } from './scenario.js';

export interface Exhibit {
  name: string;
  /** What to look for, in one sentence. */
  look: string;
  scenario: Scenario;
}

const finite = (title: string, p: number[], reward: number[], budget: Scenario['budget']): Scenario => ({
  v: 1,
  title,
  model: { kind: 'finite', outcomes: p.map((weight, i) => ({ p: weight, reward: reward[i] as number })) },
  budget,
});

const sequence = (title: string, length: number, p: number[], reward: number[], rate: number): Scenario => ({
  v: 1,
  title,
  model: { kind: 'memoryless', length, tokens: p.map((weight, i) => ({ p: weight, reward: reward[i] as number })) },
  budget: { kl_per_token: rate },
});

/** A chain to begin with: the second state pays well, and is left sooner than the first. */
export const aChain = {
  v: 1,
  title: 'A chain',
  model: {
    kind: 'markov',
    length: 20,
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
  budget: { kl_per_token: 0.1 },
} satisfies Scenario;

/** A coin's tokens: heads pay, and tails nothing. */
const coin = (length: number, pay: number) => ({
  kind: 'memoryless' as const,
  length,
  tokens: [
    { p: 0.5, reward: 0 },
    { p: 0.5, reward: pay },
  ],
});

/** Twenty equal outcomes whose truth is their score to the power of 12, times what is left of it: too good to be true
 * at the top. The true rewards are rounded to a thousandth. */
const tooGood = Array.from({ length: 20 }, (_, i) => {
  const u = (i + 0.5) / 20;
  const largest = (12 / 13) ** 12 / 13;
  return { p: 0.05, reward: u, gold: Math.round((1000 * u ** 12 * (1 - u)) / largest) / 1000 };
});

/** Each shows one thing. */
export const gallery: Exhibit[] = [
  {
    name: 'Moby-Dick',
    look: 'Drag the length: the longer the text, the less best-of-N leaves a word.',
    scenario: defaultScenario,
  },
  {
    name: 'Moby-Dick remembers',
    look: 'Each word’s valence depends on the last one’s: glad words follow glad ones, so both policies buy more by as many nats.',
    scenario: { ...defaultScenario, model: { ...defaults.model, order: 1 } },
  },
  {
    name: 'Three tokens',
    look: 'A small model with a gap: drag the length and watch it grow like log n in all, and vanish per token.',
    scenario: sequence('Three tokens', 160, [0.5, 0.3, 0.2], [0, 1, 3], 0.2),
  },
  {
    name: 'Two levels',
    look: 'With two rewards best-of-N is itself a tilt: its diamond lies on the blue curve.',
    scenario: finite('Two levels', [0.8, 0.2], [0, 1], { n: 4 }),
  },
  {
    name: 'Heavy ties',
    look: 'Most draws tie, so best-of-N spends far less KL than log N allows.',
    scenario: finite('Heavy ties', [0.05, 0.9, 0.05], [0, 1, 2], { n: 16 }),
  },
  {
    name: 'Near saturation',
    look: 'The budget almost buys the best token every time: the curves bend flat.',
    scenario: sequence('Near saturation', 40, [0.5, 0.3, 0.2], [0, 1, 2], 1.5),
  },
  {
    name: 'A rare word',
    look: 'One token in ten thousand is worth a hundred: best-of-N takes it in steps, the tilt smoothly.',
    scenario: sequence('A rare word', 40, [0.6999, 0.3, 0.0001], [0, 1, 100], 0.1),
  },
  {
    name: 'Fine rewards',
    look: 'Fifty levels, nearly continuous: best-of-N spends log N − (N − 1)/N almost exactly.',
    scenario: finite(
      'Fine rewards',
      Array.from({ length: 50 }, () => 0.02),
      Array.from({ length: 50 }, (_, i) => i / 50),
      { n: 8 },
    ),
  },
  {
    name: 'Softer ways',
    look: 'Soft best-of-N and the best of a Poisson number of draws: both land on or near the same curve.',
    scenario: {
      ...finite('Softer ways', [0.4, 0.3, 0.15, 0.1, 0.05], [0, 1, 2, 3, 4], { n: 8 }),
      policies: [
        { kind: 'soft_best_of_n', n: 8, alpha: 1.5 },
        { kind: 'best_of_poisson', mu: 7 },
      ],
    },
  },
  {
    name: 'A chain',
    look: 'Each step depends on the last: a state that pays well is worth staying in, and the tilt learns to.',
    scenario: aChain,
  },
  {
    name: 'A lasting chain',
    look: 'Each state is left once in ten steps. Drag the length: memory alone breaks nothing, and the gap a token vanishes as if there were none.',
    scenario: {
      v: 1,
      title: 'A lasting chain',
      model: {
        kind: 'markov',
        length: 100,
        initial: [0.5, 0.5],
        transition: [
          [0.9, 0.1],
          [0.1, 0.9],
        ],
        reward: [0, 1],
      },
      budget: { kl_per_token: 0.05 },
    },
  },
  {
    name: 'A fork in the road',
    look: 'The first step decides for good between a coin and a lottery. KL-RL mixes the two, best-of-N has to choose, and no length brings them together.',
    scenario: {
      v: 1,
      title: 'A fork in the road',
      model: {
        kind: 'markov',
        length: 40,
        initial: [1, 0, 0, 0, 0],
        transition: [
          [0, 0.25, 0.25, 0.01, 0.49],
          [0, 0.5, 0.5, 0, 0],
          [0, 0.5, 0.5, 0, 0],
          [0, 0, 0, 0.02, 0.98],
          [0, 0, 0, 0.02, 0.98],
        ],
        reward: [0, 0, 1, 4, 0],
      },
      budget: { kl_per_token: 0.4 },
    },
  },
  {
    name: 'Prompts alike',
    look: 'They differ by a level only: one α suits both, and best-of-N comes as near as for a single one.',
    scenario: {
      v: 1,
      title: 'Prompts alike',
      model: {
        kind: 'prompts',
        prompts: [
          { model: coin(200, 1) },
          {
            model: { ...coin(200, 1), tokens: coin(200, 1).tokens.map(({ p, reward }) => ({ p, reward: reward + 1 })) },
          },
        ],
      },
      budget: { kl: 20 },
    },
  },
  {
    name: 'Prompts of different worth',
    look: 'The second pays a fifth as much. KL-RL leaves it nearly alone, best-of-N spends as much there as on the first, and the gap grows with the length.',
    scenario: {
      v: 1,
      title: 'Prompts of different worth',
      model: { kind: 'prompts', prompts: [{ model: coin(200, 1) }, { model: coin(200, 0.2) }] },
      budget: { kl: 20 },
    },
  },
  {
    name: 'Too good to be true',
    look: 'The score is a proxy of what is wanted. Choose gold for the axis: both policies rise, turn and fall while the score goes on rising.',
    scenario: {
      v: 1,
      title: 'Too good to be true',
      model: { kind: 'finite', outcomes: tooGood },
      budget: { n: 12 },
    },
  },
  {
    name: 'Flattery',
    look: 'One token in a hundred flatters: it scores double, and its gold, what is really wanted, is less than nothing. Choose gold for the axis: both policies turn where it takes over, for nearly as many nats, since in long sequences they choose the same tokens.',
    scenario: {
      v: 1,
      title: 'Flattery',
      model: {
        kind: 'memoryless',
        length: 100,
        tokens: [
          { label: 'plain', p: 0.66, reward: 0, gold: 0 },
          { label: 'good', p: 0.33, reward: 1, gold: 1 },
          { label: 'flattery', p: 0.01, reward: 2, gold: -1 },
        ],
      },
      budget: { kl_per_token: 0.4 },
    },
  },
  {
    name: 'Two prompts',
    look: 'One budget for both: KL-RL spends it where a nat buys most, best-of-N draws as often for the easy one.',
    scenario: {
      v: 1,
      title: 'Two prompts',
      model: {
        kind: 'prompts',
        prompts: [
          {
            model: {
              kind: 'finite',
              outcomes: [
                { p: 0.9, reward: 0 },
                { p: 0.1, reward: 1 },
              ],
            },
          },
          { model: { kind: 'continuous', family: 'normal', mean: 0, sd: 0.25 } },
        ],
      },
      budget: { kl: 1 },
    },
  },
  {
    name: 'A bonus far off',
    look: 'A bonus a token from a mean of 0.6 on: KL-RL mixes drafts that reach it with drafts that cost nothing, and best-of-N cannot.',
    scenario: {
      ...sequence('A bonus far off', 100, [0.7, 0.3], [0, 1], 0.1),
      transform: { kind: 'step', at: 0.6, height: 1 },
    },
  },
  {
    name: 'A reward that pays to exceed',
    look: 'The square of the mean reward is not linear either, yet here the two agree in the limit.',
    scenario: {
      ...sequence('A reward that pays to exceed', 100, [0.7, 0.3], [0, 1], 0.1),
      transform: { kind: 'power', exponent: 2 },
    },
  },
  {
    name: 'A bell curve',
    look: 'Normal rewards: the tilt moves the whole bell to the right; best-of-N keeps its upper edge alone.',
    scenario: { v: 1, model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { kl: 2 } },
  },
  {
    name: 'Mirrored exponential',
    look: 'The one continuous law for which best-of-N is a tilt at every N: the diamond lies on the blue curve.',
    scenario: {
      v: 1,
      model: { kind: 'continuous', family: 'exponential', rate: 1, mirrored: true },
      budget: { n: 4 },
    },
  },
  {
    name: 'Same KL',
    look: 'Three more ways to spend the budget on a normal reward: all on its line, all below the blue curve.',
    scenario: {
      v: 1,
      title: 'Same KL',
      model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 },
      budget: { kl: 1 },
      policies: [
        { kind: 'win_rate_tilt', kl: 1 },
        { kind: 'top_quantile', kl: 1 },
        { kind: 'best_of_poisson', kl: 1 },
      ],
    },
  },
  {
    name: 'Constant reward',
    look: 'When every draw is worth the same there is nothing to buy, and neither policy moves.',
    scenario: finite('Constant reward', [0.5, 0.5], [1, 1], { kl: 2 }),
  },
  {
    name: 'Ties and mixtures',
    look: 'A weight that grows only linearly with the reward, best-of-n now and then, and ties that go to whoever is listed first.',
    scenario: {
      ...finite('Ties and mixtures', [0.1, 0.2, 0.3, 0.25, 0.15], [1, 2, 2, 0, 3], { n: 4 }),
      policies: [
        { kind: 'chi_squared', kl: 0.5 },
        { kind: 'mixture', n: 16, weight: 0.4 },
        { kind: 'index_best_of_n', n: 4 },
      ],
    },
  },
  {
    name: 'Block by block',
    look: 'The best of four drafts of each ten tokens earns far more than the best of four whole ones, and spends far more.',
    scenario: {
      ...sequence('Block by block', 60, [0.5, 0.3, 0.2], [0, 1, 3], 0.1),
      policies: [
        { kind: 'block_best_of_n', block: 60, n: 4 },
        { kind: 'block_best_of_n', block: 10, n: 4 },
        { kind: 'block_best_of_n', block: 10, kl: 6 },
      ],
    },
  },
  {
    name: 'A greedy block',
    look: 'One step earns two and leads to a trap that pays nothing. The best of four single steps takes it, and earns less than the base, which spends nothing; the best of four blocks of ten looks far enough ahead to wait.',
    scenario: {
      v: 1,
      title: 'A greedy block',
      model: {
        kind: 'markov',
        length: 60,
        initial: [1, 0],
        transition: [
          [0.9, 0.1],
          [0.1, 0.9],
        ],
        reward: [
          [1, 2],
          [0, 0],
        ],
      },
      budget: { n: 4 },
      policies: [
        { kind: 'block_best_of_n', block: 1, n: 4 },
        { kind: 'block_best_of_n', block: 10, n: 4 },
        { kind: 'block_best_of_n', block: 10, kl: 1 },
      ],
    },
  },
];
