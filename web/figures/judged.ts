import { svg } from 'lit';
import type { GoldPeak, JudgedPath, JudgedPaths } from '../engine/statements.js';
import { chosen, drafts, number, percent, signed } from '../words/format.js';
import { hasNoBudget, isConstant } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import type { Claim } from './claims.js';
import type { Figure } from './figure.js';
import type { Label } from './labels.js';
import { path, pointsOf } from './path.js';
import { type Additions, type Curves, type Measure, type Point, planeOf } from './plane.js';

/** The frontier's policies by what else they may be judged by: how often they win, and a gold reward that no policy saw. */

const noPath: JudgedPath = { budget: [], kl: [], reward: [], win_rate: [], gold: null, peak: null, fit: null };
const noPaths: JudgedPaths = { kl_end: 0, kl_rl: noPath, best_of_n: noPath };
const pathsOf = ({ view }: Shown): JudgedPaths => view.statements.paths ?? noPaths;

function curvesBy(shown: Shown, name: 'win_rate' | 'gold'): Curves {
  const { kl_rl, best_of_n } = pathsOf(shown);
  const [tilt, best] = [kl_rl[name] ?? [], best_of_n[name] ?? []];
  return {
    // Past what can be bought the path goes on at the same height.
    kl_rl: { kl: kl_rl.budget, value: tilt },
    best_of_n: { log_n: best_of_n.budget, kl: best_of_n.kl, value: best },
    marks: { n: [], kl: [], value: [] },
    within: [...tilt, ...best],
  };
}

type Policy = 'kl-rl' | 'best-of-n';

const depends = 'Which of the two is best depends on this axis.';

const nothingToBuy: Claim = {
  holds: isConstant,
  claim: 'There is nothing to buy.',
  rest: 'Every draft earns the same, whatever is spent.',
};

/** At best-of-N's own KL, which both spend. */
const winsOf = ({ view: { report } }: Shown) => ({
  spent: report.best_of_n.kl,
  best: report.best_of_n.win_rate,
  tilt: report.kl_rl_at_bon_kl.win_rate,
});
const saidWins = (shown: Shown) => {
  const { spent, best, tilt } = winsOf(shown);
  return `For ${chosen(spent, 3)} nats best-of-N beats a base draft ${percent(best)} of the time, the tilt ${percent(tilt)}; a tie counts half. ${depends}`;
};
const saidLevel = (shown: Shown) => {
  const { spent, best } = winsOf(shown);
  return `For ${chosen(spent, 3)} nats either beats a base draft ${percent(best)} of the time; a tie counts half. ${depends}`;
};

const winRateMeasure: Measure = {
  name: 'win_rate',
  word: 'win rate',
  axis: () => 'win rate against the base',
  tick: (value) => chosen(value, 3),
  said: percent,
  named: (value) => `wins ${percent(value)}`,
  curves(shown) {
    const curves = curvesBy(shown, 'win_rate');
    // An axis that comes near to certainty ends there.
    return {
      ...curves,
      within: curves.within.some((rate) => (rate ?? 0) > 0.9) ? [...curves.within, 1] : curves.within,
    };
  },
};

export const winRate: Figure = {
  name: 'frontier-win-rate',
  part: 'paths',
  claims: [
    {
      holds: hasNoBudget,
      claim: 'Nothing is spent yet.',
      rest: 'Both policies are the base model itself.',
    },
    nothingToBuy,
    {
      holds: (shown) => Object.values(winsOf(shown)).includes(null),
      claim: 'Judged by win rate.',
      rest: depends,
    },
    {
      holds(shown) {
        const { best, tilt } = winsOf(shown);
        return percent(best) === percent(tilt);
      },
      claim: 'By win rate the two are all but level.',
      rest: saidLevel,
    },
    {
      holds(shown) {
        const { best, tilt } = winsOf(shown);
        return (best ?? 0) > (tilt ?? 0);
      },
      claim: 'By win rate best-of-N is ahead.',
      rest: saidWins,
    },
    { claim: 'By win rate the tilt is ahead.', rest: saidWins },
  ],
  ...planeOf(winRateMeasure),
};

const draftsOf = ({ budget, n }: GoldPeak) => drafts(n, budget / Math.LN10);
/** What the policy is set to there. */
const settingOf = (policy: Policy, peak: GoldPeak) =>
  policy === 'best-of-n' ? `N = ${draftsOf(peak)}` : `α = ${number(peak.alpha, 3)}`;

const saidPeak = (policy: Policy, peak: GoldPeak | null) => {
  if (peak?.where !== 'inside') return peak?.where === 'start' ? 'at the base' : 'at the end of this axis';
  return `at ${settingOf(policy, peak)}, ${chosen(peak.gold, 4)} for ${chosen(peak.kl, 3)} nats`;
};
/** A path as Gao et al.'s form has it. */
interface Fit {
  policy: Policy;
  kl: (number | null)[];
  value: (number | null)[];
}
const fitsOf = (shown: Shown): Fit[] => {
  const { kl_rl, best_of_n } = pathsOf(shown);
  return (
    [
      ['kl-rl', kl_rl],
      ['best-of-n', best_of_n],
    ] as const
  ).flatMap(([policy, { kl, fit }]) => (fit ? [{ policy, kl, value: fit.gold }] : []));
};
/** In Gao et al.'s experiments the KL of reinforcement learning is no measure of what it bought. */
const saidForms = (shown: Shown) =>
  fitsOf(shown).length > 0
    ? 'Thin: Gao et al.’s forms, fitted. The KL of both compares here, since the tilt is the optimum. '
    : '';
const saidPeaks = (shown: Shown) => {
  const { kl_rl, best_of_n } = pathsOf(shown);
  return `Best-of-N’s gold is largest ${saidPeak('best-of-n', best_of_n.peak)}; KL-RL’s ${saidPeak('kl-rl', kl_rl.peak)}. ${saidForms(shown)}${depends}`;
};
const peaksOf = (shown: Shown) => {
  const { kl_rl, best_of_n } = pathsOf(shown);
  return [kl_rl.peak, best_of_n.peak];
};

interface Top {
  policy: Policy;
  at: Point;
  setting: string;
}

/** What stands at the peaks: above the highest, below the other. */
const topLabel = ({ policy, at: [px, py], setting }: Top, isHighest: boolean): Label => ({
  text: `peak at ${setting}`,
  shorter: [setting],
  className: policy,
  places: (isHighest ? [-12, -26, -40] : [22, 36, 50, 64]).flatMap((dy) => [
    { x: px, y: py + dy, anchor: 'middle' as const },
    { x: px + 8, y: py + dy, anchor: 'start' as const },
    { x: px - 8, y: py + dy, anchor: 'end' as const },
  ]),
});

/** The peaks, and the forms of Gao et al. */
function additions(shown: Shown, place: (kl: number | null, value: number | null) => Point | null): Additions {
  const { kl_rl, best_of_n } = pathsOf(shown);
  const tops = (
    [
      ['best-of-n', best_of_n.peak],
      ['kl-rl', kl_rl.peak],
    ] as const
  ).flatMap(([policy, peak]): Top[] => {
    const at = peak?.where === 'inside' ? place(peak.kl, peak.gold) : null;
    return at && peak ? [{ policy, at, setting: settingOf(policy, peak) }] : [];
  });
  const highest = Math.min(...tops.map(({ at }) => at[1]));
  const fits = fitsOf(shown).map(({ policy, kl, value }) => ({
    policy,
    line: pointsOf(kl.map((each, i) => place(each, value[i] ?? null))),
  }));
  return {
    under: svg`${fits.map(({ policy, line }) => svg`<path class="curve thin fitted ${policy}" d=${path(line)}></path>`)}`,
    over: svg`${tops.map(({ policy, at: [px, py] }) => svg`<circle class="peak ${policy}" cx=${px} cy=${py} r="5"></circle>`)}`,
    labels: tops.map((top) => topLabel(top, top.at[1] === highest)),
    lines: fits.map(({ line }) => line),
  };
}

const goldMeasure: Measure = {
  name: 'gold',
  word: 'gold',
  axis: () => 'expected gold reward',
  tick: (value) => chosen(value, 4),
  said: signed,
  curves(shown) {
    const curves = curvesBy(shown, 'gold');
    return { ...curves, within: [...curves.within, ...fitsOf(shown).flatMap(({ value }) => value)] };
  },
  adds: additions,
};

const goldPlane = planeOf(goldMeasure);

export const gold: Figure = {
  name: 'frontier-gold',
  part: 'paths',
  claims: [
    nothingToBuy,
    {
      holds: (shown) => peaksOf(shown).includes(null),
      claim: 'Judged by gold.',
      rest: depends,
    },
    {
      holds: (shown) => peaksOf(shown).some((peak) => peak?.where === 'inside'),
      claim: 'Past its peak, more KL buys less gold.',
      rest: saidPeaks,
    },
    {
      holds: (shown) => peaksOf(shown).every((peak) => peak?.where === 'start'),
      claim: 'By gold the base is ahead.',
      rest: saidPeaks,
    },
    {
      holds: (shown) => peaksOf(shown).every((peak) => peak?.where === 'end'),
      claim: 'By gold, more KL is better as far as this axis goes.',
      rest: saidPeaks,
    },
    { claim: 'By gold, the two part.', rest: saidPeaks },
  ],
  ...goldPlane,
  columns(shown) {
    const { kl_rl, best_of_n } = pathsOf(shown);
    const of = (name: string, peak: GoldPeak | null) =>
      peak
        ? [
            { name: `KL at the peak of ${name} (nats)`, values: [peak.kl] },
            { name: `gold at the peak of ${name}`, values: [peak.gold] },
          ]
        : [];
    const formOf = (name: string, { fit }: JudgedPath) =>
      fit
        ? [
            { name: `gold of ${name} by Gao et al.’s form`, values: fit.gold },
            { name: `a of ${name}’s form`, values: [fit.a] },
            { name: `b of ${name}’s form`, values: [fit.b] },
          ]
        : [];
    return [
      ...goldPlane.columns(shown),
      ...(kl_rl.peak ? [{ name: 'α at the peak of KL-RL', values: [kl_rl.peak.alpha] }] : []),
      ...of('KL-RL', kl_rl.peak),
      ...(best_of_n.peak ? [{ name: 'N at the peak of best-of-N', values: [best_of_n.peak.n] }] : []),
      ...of('best-of-N', best_of_n.peak),
      ...formOf('KL-RL', kl_rl),
      ...formOf('best-of-N', best_of_n),
    ];
  },
};
