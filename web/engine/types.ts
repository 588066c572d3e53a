import type { Scenario } from '../scenario/scenario.js';
import type { NearPolicies, Statements } from './statements.js';
import type { Tables } from './tables.js';

/**
 * What the engine returns. Rewards are in the scenario's own unit, KL divergences, budgets and log N
 * in nats. `null` stands for an infinite number, which JSON cannot carry, and in a report also for one that could not be had
 * within a thousandth or is past 1.8e308: the report's `notes` name those.
 */

export interface Metrics {
  reward: number | null;
  reward_sd: number | null;
  kl: number | null;
  win_rate: number | null;
  gold: number;
}

export interface ModelReport extends Metrics {
  /** Distinct rewards that the model attains; null where counting them is not feasible. */
  levels: number | null;
  /** null where there is no largest reward, or it is past 1.8e308. */
  reward_max: number | null;
  /** −log of the probability of the best reward: from this budget on, KL-RL is saturated. null where it never is. */
  kl_max: number | null;
}

export interface KlRlReport extends Metrics {
  /** Inverse temperature of the tilt; null when saturated (infinite). */
  alpha: number | null;
}

export interface BestOfNReport extends Metrics {
  /** log N − (N − 1)/N */
  kl_bound: number;
  /** KL(best-of-N ‖ KL-RL); null when infinite, or where `notes` names it. */
  kl_to_kl_rl: number | null;
}

type Policy = NonNullable<Scenario['policies']>[number];
type ParametersOf<P> = P extends unknown ? Exclude<keyof P, 'kind' | 'kl'> : never;

/**
 * A policy of the scenario's own, with the parameters that it has, as given or found from a KL: null where the largest
 * reward alone is kept.
 */
export type PolicyReport = Metrics & {
  /** KL(policy ‖ KL-RL); null when infinite, or where `notes` names it. */
  kl_to_kl_rl: number | null;
} & { [P in ParametersOf<Policy>]?: number | null };

export interface Limits {
  /** KL per token at the budget (the rate delta). */
  rate: number;
  /** null when saturated. */
  alpha: number | null;
  reward_per_token?: number | null;
  variance_per_token?: number | null;
  /** Predicted reward gap of the whole sequence, first two terms with the lattice term; null when saturated or alpha = 0. */
  gap_sharp?: number | null;
  kl_to_kl_rl_sharp?: number | null;
  /** What is proved of the gap at this length: at least, and at most. */
  gap_lower?: number | null;
  gap_upper?: number | null;
  /** Under a transform, instead of those four: what each policy earns a token in the limit of long sequences. */
  best_of_n_reward_per_token?: number | null;
  kl_rl_reward_per_token?: number | null;
  /** Of chains, log c of log E e^(a S) = n Lambda(a) + log c + o(1): what the ends of a sequence weigh. */
  log_constant?: number | null;
}

export interface Report {
  model: ModelReport;
  budget: { kl: number; log_n: number };
  kl_rl: KlRlReport;
  best_of_n: BestOfNReport;
  kl_rl_at_bon_kl: KlRlReport;
  gap: { reward: number | null; reward_at_bon_kl: number | null };
  policies?: PolicyReport[];
  limits?: Limits;
  /** Every number x of the report is within error_bound · max(1, |x|) of the exact one. */
  error_bound?: number;
  /** What was approximated and how, and what is left out and why, a sentence each; present only where something was. */
  notes?: string[];
  engine: string;
}

/** What the page says beside the report, computed by the engine so that no figure computes. */
export interface Derived {
  /** N = e^log_n; null where it passes 1e308. */
  n: number | null;
  log10_n: number;
  /** Budget per token, nats; null for models without a length. */
  kl_per_token: number | null;
  /** gap.reward / length; null for models without a length. */
  gap_per_token: number | null;
  /** Reward at the budget of both policies and of the base, per token (of the draw, for models without a length). */
  reward_per_token: { base: number | null; kl_rl: number | null; best_of_n: number | null };
  /** What KL-RL earns for its first nat, and for one nat more than the budget; null where it could not be had. */
  first_nat: number | null;
  next_nat: number | null;
}

/**
 * The reward-KL frontier of both policies from 0 to `kl_end`. Arrays of one block have equal length; those of both policies
 * are of the same budgets, fewer where they cost much or could not be had. A reward past 1.8e308 is null.
 */
export interface Frontier {
  kl_end: number;
  kl_rl: { kl: number[]; reward: (number | null)[] };
  best_of_n: { log_n: number[]; kl: number[]; reward: (number | null)[] };
  /** Best-of-N at round N (16, 256, 65,536, 10^6, 10^9 ...) within the axis, where it could be had. */
  marks: { n: number[]; log_n: number[]; kl: number[]; reward: (number | null)[] };
}

/** One law of the reward per token (of the reward itself for models without a length). Equal-length arrays, x increasing. */
export interface LawCurve {
  /** reward / length */
  x: number[];
  /** Probability of the point, or of the bin of `width` around it. */
  mass: number[];
  /** mass / width: probability per unit of x. */
  density: number[];
  /** Spacing in x of neighbouring points, or the bin's width; 0 for a law on a single point. */
  width: number;
  mean: number | null;
  sd: number | null;
}

export interface LawCurves {
  base: LawCurve;
  kl_rl: LawCurve;
  best_of_n: LawCurve;
}

/** Per-token gap against length at the scenario's budget per token. Equal-length arrays. */
export interface GapCurve {
  /** Lengths 1 to 10^9, the same for every scenario. */
  length: number[];
  /** (E_KL-RL S - E_best-of-N S) / n; null where it could not be had. */
  gap: (number | null)[];
  /** The sharp finite-n prediction; null where it does not apply. */
  gap_sharp: (number | null)[];
  /** Its leading term alone. */
  gap_first_order: (number | null)[];
  /** What is proved of the gap a token: at least, and at most. */
  gap_lower: (number | null)[];
  gap_upper: (number | null)[];
  /** KL(best-of-N || KL-RL) / n; null when infinite, or where it could not be had. */
  kl_to_kl_rl: (number | null)[];
  kl_to_kl_rl_sharp: (number | null)[];
}

/** Everything the page shows of one scenario. */
export interface View {
  report: Report;
  derived: Derived;
  frontier: Frontier;
  /** Left out where nobody asked. */
  laws?: LawCurves;
  /** null for models without a length; left out where nobody asked. */
  gap?: GapCurve | null;
  /** Those that were asked for. */
  statements: Partial<Statements>;
  /** The same of tables; left out where nobody asked for one. */
  tables?: Partial<Tables>;
  /** The reader's own policy near the optimum, where it was asked for. */
  near: NearPolicies | null;
  /** Whether a part of the engine has not come yet: what it finds is not there, and is to be asked for again. */
  late?: true;
}

/** One draft, word by word. */
export interface Draft {
  words: { text: string; reward: number }[];
  reward: number;
}

/** One draft of each policy, token by token from the scenario's seed. */
export interface Drafts {
  base: Draft;
  kl_rl: Draft;
  /** null where none of ten million tokens' drafts earned what its law drew. */
  best_of_n: Draft | null;
  /** Whether all of best-of-N's drafts were drawn, of ten million tokens at most; else a reward was, by its law, and a
   * draft that earns it. */
  one_by_one: boolean;
  /** The first few that best-of-N threw away. */
  losers: Draft[];
  /** How many it drew. */
  draws: number;
}
