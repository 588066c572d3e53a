import { featuresOf } from '../models/transform.js';
import { amount, chosen, nats, number, signed } from '../words/format.js';
import { hasNoBudget, isBestOfNOptimal, isConstant, isGapUnknown, isPastSaturation } from '../words/holds.js';
import { lacking } from '../words/missing.js';
import { lengthOf, type Shown } from '../words/shown.js';
import type { Figure } from './figure.js';
import { type Measure, planeOf } from './plane.js';

const spent = (kl: number) => chosen(kl, 3);
const bestKl = ({ view }: Shown) => view.report.best_of_n.kl ?? 0;

/** What the tilt would do with the nats that best-of-N was allowed but leaves. */
function leftOver({ view: { report } }: Shown): string {
  const more = report.gap.reward;
  const allowed = spent(report.budget.kl);
  if (more === null || allowed === spent(report.best_of_n.kl ?? 0)) return '';
  return `. Of all ${allowed} that log N allows, the tilt would earn ${number(more, 3)} more`;
}

/** "of 40 words", empty for a single draw. */
const ofLength = ({ scenario, unit }: Shown) => (unit ? ` of ${amount(lengthOf(scenario), unit)}` : '');

const reward: Measure = {
  name: 'reward',
  word: 'reward',
  axis: (shown) => `expected reward${ofLength(shown)}`,
  tick: (value) => chosen(value, 4),
  said: signed,
  curves({ view: { frontier } }) {
    const { kl_rl, best_of_n, marks } = frontier;
    return {
      kl_rl: { kl: kl_rl.kl, value: kl_rl.reward },
      best_of_n: { log_n: best_of_n.log_n, kl: best_of_n.kl, value: best_of_n.reward },
      marks: { n: marks.n, kl: marks.kl, value: marks.reward },
      // No policy is above the tilt.
      within: [...kl_rl.reward, ...(kl_rl.reward.length > 1 ? [] : best_of_n.reward)],
    };
  },
  more: (shown) => (isBestOfNOptimal(shown) ? null : shown.view.report.gap.reward_at_bon_kl),
};

const claims: Figure['claims'] = [
  {
    holds: hasNoBudget,
    claim: 'Nothing is spent yet.',
    rest: 'Both policies are the base model itself.',
  },
  {
    holds: isConstant,
    claim: 'There is nothing to buy.',
    rest: 'Every draft earns the same, whatever is spent.',
  },
  {
    holds: isPastSaturation,
    claim: 'There is nothing more to buy.',
    rest: ({ view: { report } }) =>
      `Beyond ${nats(report.model.kl_max ?? report.budget.kl)} nats the optimal policy gives only the best there is${
        report.best_of_n.kl === null ? '' : `; best-of-N spends ${spent(report.best_of_n.kl)}`
      }.`,
  },
  {
    holds: isBestOfNOptimal,
    claim: 'Here best-of-N is itself a tilt.',
    rest: (shown) => `No policy earns more for the ${spent(bestKl(shown))} nats that it spends${leftOver(shown)}.`,
  },
  {
    holds: isGapUnknown,
    claim: 'Two ways to spend one budget.',
    rest: ({ view: { report } }) =>
      `What the tilt earns more at equal KL ${
        report.gap.reward_at_bon_kl === null
          ? lacking(report, 'gap.reward_at_bon_kl')
          : 'is too little to be told from nothing'
      }; no policy lies above its curve.`,
  },
  {
    claim: 'At equal KL the tilt earns more.',
    rest: (shown) =>
      `For the ${spent(bestKl(shown))} nats that best-of-N spends it earns ${number(shown.view.report.gap.reward_at_bon_kl, 3)} more, and no policy earns more than it${leftOver(shown)}.`,
  },
];

export const frontier: Figure = {
  name: 'frontier',
  claims,
  ...planeOf(reward),
  otherAxes: {
    own: 'reward',
    others: [
      {
        name: 'win rate',
        key: 'win_rate',
        isOf: ({ view: { report } }) => report.kl_rl.win_rate !== null && report.best_of_n.win_rate !== null,
        load: async () => (await import('./judged.js')).winRate,
      },
      {
        name: 'gold',
        key: 'gold',
        isOf: ({ scenario }) => !!featuresOf(scenario).hasGold?.(scenario.model),
        load: async () => (await import('./judged.js')).gold,
      },
    ],
  },
};
