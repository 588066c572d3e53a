import { html, type TemplateResult } from 'lit';
import { directions } from '../figures/both-directions.js';
import type { Claim } from '../figures/claims.js';
import { cumulants } from '../figures/cumulants.js';
import { dual } from '../figures/dual.js';
import type { Figure } from '../figures/figure.js';
import { fixed } from '../figures/fixed-n.js';
import { hull } from '../figures/hull.js';
import { divergence } from '../figures/kl-to-optimum.js';
import { describe, near } from '../figures/near-optimum.js';
import { rates } from '../figures/rates.js';
import { suits } from '../figures/registry.js';
import { renyi } from '../figures/renyi.js';
import { simplex } from '../figures/simplex.js';
import { spending } from '../figures/spending.js';
import { tangent } from '../figures/tangent.js';
import type formulas from '../generated/formulas.js';
import { isChain } from '../models/transform.js';
import { chainMatrices } from '../tables/chain-matrices.js';
import { equalKl } from '../tables/equal-kl.js';
import { promptRows } from '../tables/prompt-rows.js';
import { isTableOf, type Table } from '../tables/table.js';
import { number } from '../words/format.js';
import { hasNoBudget, isConstant, isPastLimit, isPastSaturation } from '../words/holds.js';
import type { Shown } from '../words/shown.js';

type FormulaName = keyof typeof formulas;

/** A statement of the paper: what it says of the scenario on show, its formulas, and the figures that show it. */
export interface Section {
  id: string;
  /** Titles and words, by what holds; from the narrowest condition to the widest. */
  says: readonly Claim[];
  formulas: readonly FormulaName[];
  /** The same of a chain, where it needs others. */
  ofChains?: readonly FormulaName[];
  /** Formulas of sequences: of a single draw they say nothing. */
  ofSequences?: readonly FormulaName[];
  /** Formulas of sequences whose sums grow as one. */
  ofGrowth?: readonly FormulaName[];
  figures: readonly Figure[];
  /** Whether it speaks of the scenario at all; of every one where it is left out. */
  speaksOf?(shown: Shown): boolean;
  /** Below them. */
  tables?: readonly Table[];
  /** What is said of the reader's own policy. */
  note?(shown: Shown): TemplateResult | '';
}

/** Both divergences by value, which the statement says are positive. */
const byValue = ({ view }: Shown): string => {
  const of = view.statements.renyi;
  return of && of.kl_reverse !== null && of.jeffreys !== null
    ? ` By value: KL(φ‖p) = ${number(of.kl_forward, 4)} and KL(p‖φ) = ${number(of.kl_reverse, 4)}, neither below 0.`
    : '';
};

const tiltText = (shown: Shown) =>
  `Multiply the base probability of each ${isChain(shown) ? 'sequence' : 'outcome'} by exp(α reward) and normalise.`;
const momentsTitle = 'Cumulants and Rényi cross entropies';
const nearTitle = 'Whoever is as good must be close';
const breaksTitle = 'Where it may break: rewards that are not linear';
const policiesTitle = 'Every policy at one KL';
const equalTitle = 'Long texts make them equal, in one direction';

export const sections: readonly Section[] = [
  {
    id: 'tilt',
    says: [
      {
        holds: isConstant,
        claim: 'The optimum is a tilt',
        rest: (shown) =>
          `${tiltText(shown)} Where every draft earns the same this changes nothing, and every α gives the base.`,
      },
      {
        holds: hasNoBudget,
        claim: 'The optimum is a tilt',
        rest: (shown) =>
          `${tiltText(shown)} Without a budget α is 0, which is the base; any budget above 0 is spent by exactly one α, up to saturation.`,
      },
      {
        holds: isPastSaturation,
        claim: 'The optimum is a tilt',
        rest: (shown) =>
          `${tiltText(shown)} No finite α spends this budget: as α grows only the best is left, and no policy earns more.`,
      },
      {
        claim: 'The optimum is a tilt',
        rest: (shown) => `${tiltText(shown)} Exactly one α spends the budget, and no policy within it earns more.`,
      },
    ],
    formulas: ['tilt', 'generating', 'root', 'dual'],
    ofChains: ['chainTilt', 'chainGenerating', 'root', 'chainDual'],
    figures: [spending, dual, tangent, simplex],
  },
  {
    id: 'near',
    says: [
      {
        holds: isPastSaturation,
        claim: nearTitle,
        rest: 'Below saturation, a policy’s KL to the optimum is what it overspends plus α times what its reward falls short by. Here α is infinite.',
      },
      {
        claim: nearTitle,
        rest: 'A policy’s KL to the optimum is what it overspends plus α times what its reward falls short by. So every policy that matches the trade-off, whatever made it, is nearly the tilt.',
      },
    ],
    formulas: ['near', 'bound'],
    figures: [near],
    note(shown) {
      const own = shown.view.near;
      if (!own || own.kl.length === 0) return '';
      return html`Your policy is the optimum${isChain(shown) ? ' of long sequences, each step' : ''} times exp(tilt z + bend z²/(1 + z²)), z the reward in standard deviations of the base. ${describe(own, 0)}.`;
    },
  },
  {
    id: 'equivalence',
    says: [
      {
        holds: (shown) => isConstant(shown) || hasNoBudget(shown),
        claim: equalTitle,
        rest: 'Here both policies are the base model, at every length.',
      },
      {
        holds: (shown) => isPastLimit(shown) && !isPastSaturation(shown),
        claim: equalTitle,
        rest: 'This holds below saturation. So large a budget leaves long sequences nothing but the best ways round.',
      },
      {
        holds: isPastSaturation,
        claim: equalTitle,
        rest: 'This holds below saturation. At so large a budget the tilt gives only the best, and best-of-N comes as near as N allows.',
      },
      {
        claim: equalTitle,
        rest: 'With N = exp(δn), best-of-N’s KL to the tilt vanishes per token as the text grows. The tilt’s KL to best-of-N explodes, and a fixed N falls behind in the end.',
      },
    ],
    formulas: [],
    // Sequences that may stay in one of several parts for good need not meet at all.
    speaksOf: ({ view }) => !!view.report.limits,
    ofSequences: ['equivalence', 'sharp', 'directions'],
    figures: [divergence, directions, fixed],
  },
  {
    id: 'rates',
    says: [
      {
        holds: (shown) => isConstant(shown) || isPastSaturation(shown) || isPastLimit(shown),
        claim: 'How rare is rare',
        rest: 'The probability of a reward per token far from the mean falls exponentially with the length, where the reward has more than one value left.',
      },
      {
        holds: hasNoBudget,
        claim: 'How rare is rare',
        rest: 'The probability of a reward per token far from the mean falls exponentially with the length. Without a budget all three policies share one rate.',
      },
      {
        claim: 'How rare is rare',
        rest: 'The probability of a reward per token far from the mean falls exponentially with the length, at a rate that tells the three policies apart. Where best-of-N’s curve ends on the left, its probability falls doubly exponentially.',
      },
    ],
    formulas: [],
    ofSequences: ['rates', 'tiltRate', 'bestRate'],
    figures: [rates],
  },
  {
    id: 'moments',
    says: [
      {
        holds: isConstant,
        claim: momentsTitle,
        rest: 'Every draft earns the same, and its moments are powers of that reward.',
      },
      {
        holds: isPastSaturation,
        claim: momentsTitle,
        rest: 'Past saturation all moments are those of the best reward.',
      },
      {
        claim: momentsTitle,
        rest: (shown) =>
          `All moments of the reward under the tilt are those of the base, seen from α. Each is a Rényi cross entropy of the base to the model q that the reward itself defines.${byValue(shown)}`,
      },
    ],
    formulas: ['renyi', 'moments'],
    ofChains: ['chainRenyi', 'moments'],
    ofGrowth: ['cumulants', 'bestCumulants'],
    figures: [cumulants, renyi],
  },
  {
    id: 'breaks',
    says: [
      {
        holds: (shown) => isConstant(shown) || hasNoBudget(shown),
        claim: breaksTitle,
        rest: 'Here both policies are the base model, and earn the same.',
      },
      {
        holds: ({ view }) => (view.report.limits?.kl_rl_reward_per_token ?? null) === null,
        claim: breaksTitle,
        rest: 'Of this model no limit is known here: a chain may stay in one of several parts, its rewards may share no lattice, or there are too many rewards.',
      },
      {
        claim: breaksTitle,
        rest: 'Best-of-N finds one kind of draft that is not too rare. KL-RL may mix two, some drafts cheap and some dear, and then earns more than any one kind within the budget. Linear rewards gain nothing by it: their rate is convex.',
      },
    ],
    formulas: ['valueRate', 'bestLimit', 'tiltLimit'],
    figures: [hull],
  },
  {
    id: 'chain',
    says: [
      {
        claim: 'The optimum of a chain is a chain',
        rest: 'Its steps depend on how many follow: each is the base’s, times exp(α reward), times what is to come from there. Far from the end that tends to one chain, Doob’s. Here h sums exp(α reward) over all ways to go on, each by its probability, and v is what h is proportional to in the end.',
      },
    ],
    formulas: [],
    ofSequences: ['backward', 'doob'],
    figures: [],
    tables: [chainMatrices],
  },
  {
    id: 'prompts',
    says: [
      {
        claim: 'Several prompts, one budget',
        rest: 'One α tilts every prompt, so that KL goes where it buys most. Best-of-N draws as many drafts for each, whatever they buy there.',
      },
    ],
    formulas: [],
    figures: [],
    tables: [promptRows],
  },
  {
    id: 'policies',
    says: [
      {
        holds: (shown) => isConstant(shown) || hasNoBudget(shown),
        claim: policiesTitle,
        rest: 'Here best-of-N spends nothing, and every policy that spends nothing is the base model.',
      },
      {
        claim: policiesTitle,
        rest: 'Which is best depends on the column: no policy earns more than KL-RL for the KL that best-of-N spends, yet another may win more often.',
      },
    ],
    formulas: [],
    figures: [],
    tables: [equalKl],
  },
];

/** The formulas of a section that its model has, those of sequences first. */
export function formulasOf(section: Section, shown: Shown): FormulaName[] {
  const { formulas, ofChains = formulas, ofSequences = [], ofGrowth = [] } = section;
  return [
    ...(shown.unit ? ofSequences : []),
    ...(shown.unit && shown.view.report.limits ? ofGrowth : []),
    ...(isChain(shown) ? ofChains : formulas),
  ];
}

/** The figures of a section that its model has. */
export const figuresOf = (section: Section, shown: Shown): Figure[] =>
  section.figures.filter(({ name }) => suits(name, shown));

/** The tables of a section that its model has. */
export const tablesOf = ({ tables = [] }: Section, shown: Shown): Table[] =>
  tables.filter((table) => isTableOf(table, shown));

/** Sections that have something to say of the scenario. */
export const sectionsOf = (shown: Shown): Section[] =>
  sections.filter(
    (section) =>
      (section.speaksOf?.(shown) ?? true) && figuresOf(section, shown).length + tablesOf(section, shown).length > 0,
  );
