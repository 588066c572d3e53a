import { expect, test } from 'vitest';
import { type JudgedPath, statementNames } from '../../web/engine/statements.js';
import { tableNames } from '../../web/engine/tables.js';
import { captionOf } from '../../web/figures/claims.js';
import type { Figure } from '../../web/figures/figure.js';
import { canDraw, figures } from '../../web/figures/registry.js';
import { featuresOf } from '../../web/models/transform.js';
import { sectionsOf, tablesOf } from '../../web/page/sections.js';
import { summary } from '../../web/page/summary.js';
import { type Exhibit, gallery } from '../../web/scenario/gallery.js';
import { chosen as asChosen, drafts as asDrafts, nats, percent, number as written } from '../../web/words/format.js';
import { sentence } from '../../web/words/sentence.js';
import { partOf, type Shown, unitOf } from '../../web/words/shown.js';
import { engine, type Scenario } from '../engine/engine.js';
import { textOf } from './text.js';

/**
 * Every sentence of the page, for every model of the gallery at every end of its sliders, against what the engine says.
 * A claim that this table does not know fails too: nothing is said that nobody checks.
 */

const known = (values: readonly (number | null)[]) => values.filter((v): v is number => v !== null);
/** As the words below are compared: spaces that keep a number together are spaces. */
const spaced = (text: string) => text.replaceAll('\u00a0', ' ');
const number = (x: number | null, digits?: number) => spaced(written(x, digits));
const chosen = (x: number | null, digits?: number) => spaced(asChosen(x, digits));
const report = ({ view }: Shown) => view.report;
const budget = (shown: Shown) => report(shown).budget.kl;
const isConstant = (shown: Shown) => report(shown).model.reward_sd === 0;
const kl_max = (shown: Shown) => report(shown).model.kl_max ?? Number.POSITIVE_INFINITY;
const sum = (values: readonly number[]) => values.reduce((all, x) => all + x, 0);
/** The largest difference of entries. */
const apart = (x: readonly number[], y: readonly number[]) =>
  Math.max(...x.map((entry, i) => Math.abs(entry - (y[i] ?? Number.NaN))));
const fail = (what: string): never => {
  throw new Error(what);
};
const isTilted = (shown: Shown) => budget(shown) > 0 && !isConstant(shown) && budget(shown) < kl_max(shown);
const isSaturated = (shown: Shown) => !isConstant(shown) && budget(shown) >= kl_max(shown);
const bothAreBase = (shown: Shown) => budget(shown) === 0 || isConstant(shown);
const gain = (shown: Shown) => (report(shown).kl_rl_at_bon_kl.reward ?? 0) - (report(shown).model.reward ?? 0);
const sd = (shown: Shown) =>
  [report(shown).model, report(shown).kl_rl, report(shown).best_of_n].map((m) => m.reward_sd ?? 0);
const rises = (values: readonly number[], slack = 1e-12) =>
  values.every((v, i) => i === 0 || v >= (values[i - 1] as number) - slack);
const of = <Name extends keyof Shown['view']['statements']>(shown: Shown, name: Name) =>
  shown.view.statements[name] as NonNullable<Shown['view']['statements'][Name]>;

/** What is said, by the words that say it; each must hold wherever it is said. `match` is that of the words. */
const truths: [says: RegExp, holds: (shown: Shown, match: RegExpExecArray) => boolean][] = [
  // What nothing can contradict.
  [/no policy lies above its curve|no policy earns more than it/, () => true],
  [/Multiply the base probability/, () => true],
  [/^All moments of the reward under the tilt|^Every cumulant is a Rényi cross entropy/, () => true],
  [/Returns diminish|a concave function of it|at any α above 0/, () => true],
  [/^Your policy is the optimum times/, () => true],
  [/Below saturation, a policy’s KL to the optimum/, isSaturated],
  [/A policy’s KL to the optimum is what it overspends/, (shown) => !isSaturated(shown)],

  // Where nothing is spent, or nothing can be bought.
  [/Nothing is spent yet|Without a budget|No budget/, (shown) => budget(shown) === 0],
  [/Both policies are the base model|both policies are the base/, bothAreBase],
  [
    /[Ee]very draft earns|Every policy (earns the same|is as good)|Every token earns the same|Nothing to (buy|gain|bound)|nothing to buy|Nothing is rare|No α spends anything|without a model of its own|neither policy moves|there is nothing to buy/,
    isConstant,
  ],
  [
    /nothing more to buy|Past saturation(?! in the long run)|past saturation|No finite α|The whole budget buys the best|Only the best is left|[Bb]oth policies give the highest|The whole simplex|best-of-N comes as near as N allows/,
    isSaturated,
  ],
  [/Beyond (.+) nats the optimal policy/, (shown, [, at]) => isSaturated(shown) && at === spaced(nats(kl_max(shown)))],

  // The headline.
  [/The first nat of KL buys/, (shown) => (shown.view.derived.first_nat ?? 0) > 0],
  [
    /the next after/,
    (shown) =>
      (shown.view.derived.next_nat ?? -1) >= 0 &&
      (shown.view.derived.next_nat ?? 0) <= (shown.view.derived.first_nat ?? 0) * (1 + 1e-9),
  ],
  [
    /Here best-of-N is itself a tilt|the optimal tilt no more/,
    (shown) => budget(shown) > 0 && Math.abs(report(shown).gap.reward_at_bon_kl ?? 1) <= 1e-9 * gain(shown),
  ],
  [
    /At equal KL the tilt earns more\. For the (.+) nats that best-of-N spends it earns (.+) more, and/,
    (shown, [, spent, more]) => {
      const { gap, best_of_n } = report(shown);
      return (
        (gap.reward_at_bon_kl ?? 0) > 0 && more === number(gap.reward_at_bon_kl, 3) && spent === chosen(best_of_n.kl, 3)
      );
    },
  ],
  [
    /Two ways to spend one budget/,
    (shown) =>
      Math.abs(report(shown).gap.reward_at_bon_kl ?? 0) < 1e-6 * Math.max(1, report(shown).model.reward_sd ?? 1),
  ],
  [
    /Of all (.+) that log N allows, the tilt would earn (.+) more/,
    (shown, [, all, more]) =>
      isTilted(shown) &&
      all === chosen(budget(shown), 3) &&
      more === number(report(shown).gap.reward, 3) &&
      (report(shown).gap.reward ?? 0) >= 0,
  ],
  [
    /No policy earns more for the (.+) nats that it spends/,
    (shown, [, spent]) => spent === chosen(report(shown).best_of_n.kl, 3),
  ],

  [/Nothing to compare\. The divergences could not be had/, (shown) => of(shown, 'directions').length.length === 0],
  [
    /Past saturation in the long run|So large a budget leaves long sequences nothing but the best/,
    (shown) => report(shown).limits?.alpha === null && report(shown).limits?.log_constant === null,
  ],

  // Laws.
  [/narrower than the tilt/, (shown) => (sd(shown)[2] as number) < (sd(shown)[1] as number)],
  [/wider than the tilt/, (shown) => (sd(shown)[2] as number) > (sd(shown)[1] as number)],
  [/has a standard deviation of|Three laws of one reward/, (shown) => !bothAreBase(shown)],
  [/One law, three times|One law, one/, (shown) => budget(shown) === 0],
  [/One reward, three times|One number holds every moment/, isConstant],

  // Sequences.
  [
    /The gap closes/,
    (shown) => {
      const gap = known(shown.view.gap?.gap ?? []);
      return isTilted(shown) && gap.length > 1 && (gap.at(-1) as number) < Math.max(...gap);
    },
  ],
  [/A gap that may stay/, (shown) => isTilted(shown) && !report(shown).limits],
  [/No gap to see/, (shown) => Math.max(...known(shown.view.gap?.gap ?? [0])) < 1e-14],
  [
    /Per \w+, the two become one/,
    (shown) => {
      const kl = known(shown.view.gap?.kl_to_kl_rl ?? []);
      return isTilted(shown) && kl.length > 1 && (kl.at(-1) as number) < Math.max(...kl);
    },
  ],
  [
    /In one direction only.+grows by a factor of (.+) a \w+ in the end/,
    (shown, [, factor = '']) => of(shown, 'directions').factor > 1 && Number(factor.replaceAll(',', '')) >= 1,
  ],
  [
    /N must grow with the text/,
    (shown) => (of(shown, 'fixed').fixed.at(-1) ?? 1) < (of(shown, 'fixed').growing.at(-1) ?? 0),
  ],
  [
    /So large an N serves every length/,
    (shown) => isTilted(shown) && (of(shown, 'fixed').fixed.at(-1) ?? 1) >= (of(shown, 'fixed').growing.at(-1) ?? 1),
  ],
  [/past saturation best-of-N earns nearly all/, isSaturated],
  [
    /tends to (\S+ %)/,
    (shown, [, share]) => share === spaced(percent(of(shown, 'fixed').limit)) && of(shown, 'fixed').limit < 1,
  ],
  [
    /With N = exp\(δn\), best-of-N’s KL to the tilt vanishes|at a rate that tells the three policies apart|Same mean, other rarities/,
    isTilted,
  ],
  [/No divergence\.|No budget, no divergence/, bothAreBase],
  [
    /falls exponentially with the length, where the reward has more than one value left/,
    (shown) => isConstant(shown) || isSaturated(shown) || report(shown).limits?.alpha === null,
  ],
  [
    /exact (?:at|−\(1\/n\) log P at) n = (\S+?|1 billion)(, the longest|\.|$)/,
    (shown, [, n, end]) => {
      const own = 'length' in shown.scenario.model ? shown.scenario.model.length : 1;
      return (n === chosen(own, 3)) === (end !== ', the longest');
    },
  ],
  [/Moments part at t = α/, (shown) => isTilted(shown) && (report(shown).kl_rl.alpha ?? 0) > 0],

  // The tilt.
  [
    /One α spends the budget.+ at α = (.+)\.$/,
    (shown, [, alpha]) => isTilted(shown) && alpha === number(report(shown).kl_rl.alpha, 4),
  ],
  [/Exactly one α spends the budget/, isTilted],
  [
    /The least bound is attained/,
    (shown) =>
      Math.abs(of(shown, 'tilt').dual_minimum - of(shown, 'tilt').primal) <=
      1e-9 * Math.max(1, Math.abs(of(shown, 'tilt').primal)),
  ],
  [/Every α is a bound/, (shown) => !isTilted(shown)],
  [
    /The next nat buys about 1\/α/,
    (shown) => Math.abs(of(shown, 'tilt').slope * (report(shown).kl_rl.alpha ?? 0) - 1) < 1e-9,
  ],
  [
    /of (\d+) drawn near the optimum, none is farther/,
    (shown, [, drawn]) => {
      const { bound, kl_to_optimum } = of(shown, 'near');
      return Number(drawn) > 0 && kl_to_optimum.every((kl, i) => kl <= (bound[i] as number) + 1e-9);
    },
  ],
  [/Here no policies could be drawn/, (shown) => of(shown, 'near').kl.length === 0],
  [/The ball of policies within the budget is the base alone/, (shown) => budget(shown) === 0],
  [/The farthest point of the ball/, (shown) => isTilted(shown)],
  [
    /H falls from/,
    (shown) => {
      const { at_one, at_optimum, kl_forward, kl_reverse, jeffreys, cross_entropy } = of(shown, 'renyi');
      return (
        at_one > (at_optimum ?? at_one) &&
        kl_forward > 0 &&
        (kl_reverse ?? 0) > 0 &&
        Math.abs(kl_forward + (kl_reverse ?? 0) - (jeffreys ?? 0)) <= 1e-9 * Math.max(1, jeffreys ?? 0) &&
        rises([...cross_entropy].reverse(), 1e-9)
      );
    },
  ],
  [/Cross entropy falls with its order/, (shown) => rises([...of(shown, 'renyi').cross_entropy].reverse(), 1e-9)],
  [/One curve holds every moment/, (shown) => !isConstant(shown)],
  [/neither below 0/, (shown) => of(shown, 'renyi').kl_forward >= 0 && (of(shown, 'renyi').kl_reverse ?? 0) >= 0],

  // Continuous laws.
  [
    /never far anywhere/,
    (shown) => known(of(shown, 'divergences').best_of_n).every((v) => v <= report(shown).budget.log_n),
  ],
  [/goes on growing/, (shown) => rises(known(of(shown, 'divergences').kl_rl), 1e-9)],
  [/Neither policy diverges/, (shown) => budget(shown) === 0],

  // Tables.
  [/every policy that spends nothing is the base model/, (shown) => report(shown).best_of_n.kl === 0],
  [
    /Which is best depends on the column: no policy earns more than KL-RL for the KL that best-of-N spends/,
    (shown) => {
      const equal = shown.view.tables?.equal;
      if (!equal) return false;
      const most = equal.kl_rl.reward ?? Number.POSITIVE_INFINITY;
      const slack = Math.max(1e-9, 2 * (report(shown).error_bound ?? 0)) * Math.max(1, Math.abs(most));
      return [equal.best_of_n, ...equal.policies].every(({ reward }) => reward === null || reward <= most + slack);
    },
  ],
  [
    /One α tilts every prompt, so that KL goes where it buys most/,
    (shown) => {
      const prompts = shown.view.tables?.prompts;
      return !!prompts && (report(shown).gap.reward ?? 0) >= -1e-12;
    },
  ],
  [
    /KL-RL spends on no prompt more than on prompt (\d+)\. With (.+) of the weight it takes (.+) of KL-RL’s KL and (.+) of best-of-N’s/,
    (shown, [, dearest, weight, share, best]) => {
      const rows = shown.view.tables?.prompts;
      if (!rows) return false;
      const i = rows.place.indexOf(Number(dearest) - 1);
      const spent = rows.weight.map((w, j) => w * (rows.kl_rl_kl[j] ?? 0));
      return (
        spent.every((x) => x <= (spent[i] as number) * (1 + 1e-12)) &&
        [weight, share, best].join() ===
          [rows.weight[i], rows.kl_rl_share[i], rows.best_of_n_share[i]].map((x) => spaced(percent(x ?? null))).join()
      );
    },
  ],
  [
    /Its steps depend on how many follow|no probability is farther than/,
    (shown) => {
      const { base, last, middle, limit, state } = shown.view.tables?.chain ?? fail('no chain');
      const count = state.length;
      return [base, last, middle, limit].every((m) =>
        m.every((p, i) => p >= 0 && (i % count > 0 || Math.abs(sum(m.slice(i, i + count)) - 1) < 1e-12)),
      );
    },
  ],
  [
    /every probability is the limit’s/,
    (shown) => {
      const { middle, limit } = shown.view.tables?.chain ?? fail('no chain');
      return apart(middle, limit) < 1e-12;
    },
  ],
  [
    /Away from its end the optimum nears one chain/,
    (shown) => {
      const { middle, last, limit } = shown.view.tables?.chain ?? fail('no chain');
      return isTilted(shown) && apart(middle, limit) < apart(last, limit);
    },
  ],
  [
    /First and last are tilted alike/,
    (shown) => {
      const { first, last } = shown.view.tables?.chain ?? fail('no chain');
      return isTilted(shown) && apart(first, last) < 1e-8;
    },
  ],
  [
    /So few steps are all near the end/,
    (shown) => {
      const { middle, last, limit } = shown.view.tables?.chain ?? fail('no chain');
      return isTilted(shown) && apart(middle, limit) >= apart(last, limit);
    },
  ],
  [
    /No limit is known/,
    (shown) => {
      const { tables, statements } = shown.view;
      return statements.hull === null || tables?.chain?.limit.length === 0;
    },
  ],
  [/The end is felt everywhere/, (shown) => shown.view.tables?.chain?.middle.length === 0],

  // Rewards that are not linear.
  [
    /At (.+) nats a \w+ KL-RL earns (\S+) a \w+ in the limit, by mixing two rewards; best-of-N earns (.+)\.$/,
    (shown, [, rate, more, less]) => {
      const { delta, kl_rl, best_of_n, lost } = of(shown, 'hull');
      return (
        lost > 0 &&
        Math.abs(kl_rl - best_of_n - lost) <= 1e-12 &&
        [rate, more, less].join() === [number(delta, 3), number(kl_rl), number(best_of_n)].join()
      );
    },
  ],
  [
    /At (.+) nats a \w+ both earn (\S+) a \w+: what KL-RL mixes is no better/,
    (shown, [, rate, both]) => {
      const { delta, kl_rl, best_of_n, lost } = of(shown, 'hull');
      return (
        lost === 0 &&
        Math.abs(kl_rl - best_of_n) <= 1e-8 &&
        [rate, both].join() === [number(delta, 3), number(kl_rl)].join()
      );
    },
  ],
  [
    /Best-of-N finds one kind of draft/,
    (shown) => {
      const { rate, hull } = of(shown, 'hull');
      return hull.every((h, i) => h >= 0 && h <= (rate[i] ?? Number.POSITIVE_INFINITY) + 1e-9);
    },
  ],
];

/** A peak as it is said, if it is where the path has most. */
const isPeak = (path: JudgedPath, said: string, setting: string) => {
  const { gold, peak } = path;
  if (!gold || !peak) return false;
  const most = Math.max(...known(gold));
  if (peak.gold < most - 1e-12 * Math.max(1, Math.abs(most))) return false;
  if (peak.where === 'inside')
    return said === `at ${setting}, ${chosen(peak.gold, 4)} for ${chosen(peak.kl, 3)} nats` && peak.kl > 0;
  return said === (peak.where === 'start' ? 'at the base' : 'at the end of this axis');
};
const wheres = (shown: Shown) =>
  [of(shown, 'paths').kl_rl.peak, of(shown, 'paths').best_of_n.peak].map((p) => p?.where);
const wins = (shown: Shown) => [report(shown).best_of_n.win_rate, report(shown).kl_rl_at_bon_kl.win_rate];

truths.push(
  // By other measures.
  [/Which of the two is best depends on this axis/, () => true],
  [/Judged by win rate/, (shown) => wins(shown).includes(null)],
  [/Judged by gold/, (shown) => wheres(shown).includes(undefined)],
  [
    /By win rate (best-of-N|the tilt) is ahead\. For (\S+) nats best-of-N beats a base draft (\S+ %) of the time, the tilt (\S+ %);/,
    (shown, [, ahead, spent, ...rates]) => {
      const [best = 0, tilt = 0] = known(wins(shown));
      return (
        (ahead === 'the tilt' ? tilt > best : best > tilt) &&
        spent === chosen(report(shown).best_of_n.kl, 3) &&
        rates.join() === [best, tilt].map((rate) => spaced(percent(rate))).join()
      );
    },
  ],
  [
    /By win rate the two are all but level\. For (\S+) nats either beats a base draft (\S+ %) of the time/,
    (shown, [, spent, rate]) =>
      spent === chosen(report(shown).best_of_n.kl, 3) && wins(shown).every((each) => spaced(percent(each)) === rate),
  ],
  [/By win rate (best-of-N|the tilt) is ahead|By win rate the two are/, (shown) => !bothAreBase(shown)],
  [/Past its peak, more KL buys less gold/, (shown) => wheres(shown).includes('inside')],
  [/By gold the base is ahead/, (shown) => wheres(shown).every((where) => where === 'start')],
  [/By gold, more KL is better as far/, (shown) => wheres(shown).every((where) => where === 'end')],
  [/By gold, the two part/, (shown) => new Set(wheres(shown)).size === 2],
  [
    /Best-of-N’s gold is largest (.+?); KL-RL’s (.+?)\. (?=Which|Thin)/,
    (shown, [, best = '', tilt = '']) => {
      const { kl_rl, best_of_n } = of(shown, 'paths');
      return (
        isPeak(
          best_of_n,
          best,
          `N = ${spaced(asDrafts(best_of_n.peak?.n ?? null, (best_of_n.peak?.budget ?? 0) / Math.LN10))}`,
        ) && isPeak(kl_rl, tilt, `α = ${number(kl_rl.peak?.alpha ?? null, 3)}`)
      );
    },
  ],
  [
    /Thin: Gao et al\.’s forms, fitted/,
    (shown) => {
      const { kl_rl, best_of_n } = of(shown, 'paths');
      return [kl_rl, best_of_n].every(
        ({ fit, gold }) => fit?.gold[0] === gold?.[0] && fit?.gold.length === gold?.length,
      );
    },
  ],
);

/** What no reader should see: no number, an engine's message, a wrong plural, a divergence below nothing. */
const unsaid =
  /NaN|null|undefined|Infinity|\[object|(?<![\d.,])1 (drafts|words|tokens|nats|replicates)\b|(model|budget|simulation|policies)[.[]\w|KL[^.;,]{0,30}(=|is|of) −|nats? −/;
/** Words for sequences, which a single draw has none of. */
const sequential = /\b(lengths?|texts?|words?|tokens?|sequences?|log n|δn)\b/;

const withLength = (scenario: Scenario, length: number): Scenario => ({
  ...scenario,
  model: { ...scenario.model, length } as Scenario['model'],
});
const unit = (scenario: Scenario) => unitOf(scenario) !== null;

/** A model at every end of its sliders. */
function ends({ scenario }: Exhibit): [string, Scenario][] {
  const lengths = 'length' in scenario.model ? [1, scenario.model.length, featuresOf(scenario).longest ?? 1e9] : [null];
  const { kl_max } = engine.evaluate(scenario).model;
  const own = 'length' in scenario.model ? scenario.model.length : 1;
  const top = kl_max === null ? 40 : kl_max / own;
  const rates: [string, number | null][] = [
    ['no budget', 0],
    ['a tiny budget', 1e-6],
    ['its budget', null],
    ['nearly saturated', 0.999 * top],
    ['beyond', 1.5 * top + 1],
  ];
  return lengths.flatMap((length) =>
    rates.map(([name, rate]): [string, Scenario] => {
      const sized = length === null ? scenario : withLength(scenario, length);
      return [
        `${name}${length === null ? '' : ` at length ${length}`}`,
        rate === null ? sized : { ...sized, budget: unit(scenario) ? { kl_per_token: rate } : { kl: rate } },
      ];
    }),
  );
}

const listed: Figure[] = await Promise.all(Object.values(figures).map(({ load }) => load()));
/** The same by what else may stand on their axes. */
const turned = await Promise.all(
  listed
    .flatMap(({ otherAxes }) => otherAxes?.others ?? [])
    .map(async ({ isOf, load }) => ({ isOf, figure: await load() })),
);
const drawnOf = (shown: Shown): Figure[] =>
  [...listed, ...turned.filter(({ isOf }) => isOf(shown)).map(({ figure }) => figure)].filter((figure) =>
    canDraw(figure, shown),
  );

/** Gold rewards that are not the reward: with a peak, against it, and along with it up to the end. */
const golden = (
  [
    ['A proxy', (u) => 20 * u ** 4 * (1 - u)],
    ['A proxy that harms', (u) => 1 - u],
    ['A proxy that serves', (u) => u * u],
    ['A proxy that misses', (u) => (u > 0.9 ? -3 : u)],
  ] satisfies [string, (u: number) => number][]
).map(
  ([name, gold]): Exhibit => ({
    name,
    look: '',
    scenario: {
      v: 1,
      title: name,
      model: {
        kind: 'finite',
        outcomes: Array.from({ length: 20 }, (_, i) => ({ p: 0.05, reward: i / 20, gold: gold((i + 0.5) / 20) })),
      },
      budget: { n: 8 },
    },
  }),
);

const spokenOf = ({ claim, rest }: { claim: string; rest: string }) => `${claim} ${rest}`;

/** Everything the page says of a scenario, by where it stands. */
function said(shown: Shown): [where: string, words: string][] {
  const out: [string, string][] = [
    ['sentence', textOf(sentence(shown))],
    ['summary', textOf(summary(shown))],
  ];
  for (const section of sectionsOf(shown)) {
    const { claim, rest } = captionOf({ claims: section.says }, shown);
    out.push([`section ${section.id}`, `${claim}. ${rest}`]);
    for (const table of tablesOf(section, shown)) {
      if (table.claims) out.push([`caption of ${table.name}`, spokenOf(captionOf({ claims: table.claims }, shown))]);
      if (!('rows' in table) || !partOf(shown.view, table.part)) continue;
      for (const { name, texts, refusal } of table.rows(shown))
        out.push(
          refusal ? ['refusal', `${name} ${refusal}`] : [`read-out of ${table.name}`, [name, ...texts].join(' ')],
        );
    }
    if (section.note) out.push([`note of ${section.id}`, textOf(section.note(shown))]);
  }
  for (const figure of drawnOf(shown)) {
    const { claim, rest } = captionOf(figure, shown);
    out.push([`caption of ${figure.name}`, `${claim} ${rest}`]);
    if (figure.isEmpty?.(shown)) continue;
    const last = figure.positions(shown) - 1;
    for (const at of [0, Math.floor(last / 2), last])
      out.push([`read-out of ${figure.name}`, textOf(figure.read(shown, at))]);
  }
  return out;
}

/** Data of figures that are divergences, which are never below 0. */
const isDivergence = (name: string) => /^KL(?=[ (])|^bound$|identity$|order s/.test(name) && !/slack|log10/.test(name);

function faults(shown: Shown): string[] {
  const found: string[] = [];
  for (const [where, words] of said(shown)) {
    const plain = words.replaceAll(/\s+/g, ' ').trim();
    const wrong = unsaid.exec(plain);
    if (wrong) found.push(`${where}: ${plain.slice(Math.max(0, wrong.index - 40), wrong.index + 60)}`);
    if (shown.unit === null && where !== 'refusal') {
      const spoken = sequential.exec(plain);
      if (spoken)
        found.push(`${where} of a single draw: ${plain.slice(Math.max(0, spoken.index - 40), spoken.index + 60)}`);
    }
    if (/read-out|refusal|summary|note/.test(where) || plain === '') continue;
    const matching = truths.flatMap(([says, holds]) => {
      const match = says.exec(plain);
      return match ? [{ says, ok: holds(shown, match) }] : [];
    });
    if (matching.length === 0) found.push(`${where}: nobody checks "${plain}"`);
    for (const { says, ok } of matching) if (!ok) found.push(`${where}: ${says.source} in "${plain}"`);
  }
  for (const figure of drawnOf(shown)) {
    for (const { name, values } of figure.columns(shown)) {
      if (values.some((v) => v !== null && !Number.isFinite(v))) found.push(`${figure.name}: ${name} is not finite`);
      if (isDivergence(name) && values.some((v) => v !== null && v < 0))
        found.push(`${figure.name}: ${name} is below 0`);
    }
  }
  return found;
}

/** Nats of a scenario's budget; null of a chain that has no law at its length. */
function budgetOf(scenario: Scenario): number | null {
  try {
    return engine.evaluate(scenario).budget.kl;
  } catch (error) {
    if ((error as { path?: string }).path === 'model.transition') return null;
    throw error;
  }
}

test.each([...gallery, ...golden].map((exhibit): [string, Exhibit] => [exhibit.name, exhibit]))(
  'what is said of %s holds at every end of its sliders',
  (_, exhibit) => {
    const found: string[] = [];
    for (const [name, scenario] of ends(exhibit)) {
      const kl = budgetOf(scenario);
      // A chain that stays in one of several parts is refused where it is long, and nothing is said of it.
      if (kl === null) continue;
      for (const own of [
        { tilt: -0.3, bend: 0.8 },
        { tilt: 0, bend: 0 },
      ]) {
        const view = engine.view(scenario, {
          klEnd: Math.max(1e-3, 2 * kl),
          statements: statementNames,
          tables: tableNames,
          near: own,
        });
        const shown: Shown = { scenario, view, unit: unitOf(scenario), simulated: null };
        found.push(...faults(shown).map((fault) => `${name}: ${fault}`));
      }
    }
    expect([...new Set(found)]).toEqual([]);
  },
  60_000,
);

test('a sequence without a limit is not said to have one', () => {
  const fork = gallery.find(({ name }) => name === 'A fork in the road') as Exhibit;
  const shown = (scenario: Scenario): Shown => ({
    scenario,
    view: engine.view(scenario, { klEnd: 32, statements: statementNames }),
    unit: unitOf(scenario),
    simulated: null,
  });
  const ids = (scenario: Scenario) => sectionsOf(shown(scenario)).map(({ id }) => id);
  const chain = gallery.find(({ name }) => name === 'A lasting chain') as Exhibit;
  expect(ids(chain.scenario)).toContain('equivalence');
  expect(ids(fork.scenario)).not.toContain('equivalence');
});
