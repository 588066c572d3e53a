/** Results of `src/samples/`, field by field; what is estimated has its 95 % interval beside it, null where the drafts do not tell, or all prompts say the same. */

export type Interval = readonly [low: number, high: number] | null;

export interface BestOfNRow {
  n: number;
  reward: number;
  reward_interval: Interval;
  /** null where the files have no gold. */
  gold: number | null;
  gold_interval: Interval;
  win_rate: number;
  win_rate_interval: Interval;
  kl_bound: number;
  /** Of the drafts' own law, ties counted, nats. */
  kl_plug_in: number;
  kl_plug_in_interval: Interval;
  length: number | null;
  length_interval: Interval;
  estimator: 'unbiased' | 'plug_in' | 'extrapolated';
}

/** What some way to choose has: the ceiling chooses by gold itself. */
export interface CeilingRow {
  n: number;
  gold: number;
  gold_interval: Interval;
  estimator: 'unbiased' | 'extrapolated';
}

export interface TiltRow {
  /** The N at whose KL it stands; null where the budget is its own. */
  n: number | null;
  alpha: number | null;
  kl: number;
  kl_interval: Interval;
  reward: number;
  reward_interval: Interval;
  gold: number | null;
  gold_interval: Interval;
  win_rate: number;
  win_rate_interval: Interval;
  effective_sample_size: number;
  effective_sample_size_median: number;
}

/** What the numbers say about N, by gold, or by the reward where there is none. */
export interface NumbersOfAdvice {
  best: number;
  from: number;
  to: number;
  gain: number;
  gain_interval: Interval;
  lost: number;
  lost_interval: Interval;
  share_of_tilt: number | null;
  stop: number | null;
  gain_by_length: number | null;
  correlation: number | null;
  largest: number;
}

export interface SampleBudget {
  budget: { kl: number; log_n: number };
  best_of_n: BestOfNRow;
  kl_rl: TiltRow | null;
  kl_rl_at_bon_kl: TiltRow | null;
}

export type NotExtrapolated = '' | 'chances' | 'few_drafts' | 'few_prompts' | 'ties' | 'heavy_tail';

export interface Judged {
  rows: number;
  prompts: number;
  fewest: number;
  most: number;
  /** Reports that were saved by earlier versions have the last two. */
  intervals: 'prompts' | 'likelihood' | 'bootstrap' | 'student';
  curves: {
    best_of_n: BestOfNRow[];
    /** Empty without gold, as are the elections without answers. */
    ceiling: CeilingRow[];
    majority: CeilingRow[];
    weighted_majority: CeilingRow[];
    /** By the drafts' log-probabilities, where there are any. */
    kl_by_probability: { n: number; kl: number; kl_interval: Interval }[];
    kl_rl: TiltRow[];
  };
  /** The Beta law of chances that pass@N past the drafts rests on. */
  beta: [alpha: number, beta: number] | null;
  /** Of continuous scores, that two octaves past the drafts rest on. */
  tail_index: number | null;
  tail_index_interval: Interval;
  /** Why nothing is extrapolated; empty where something is. */
  not_extrapolated: NotExtrapolated;
  advice: NumbersOfAdvice;
  at_budget: SampleBudget | null;
}

/** Ways to choose, or to weigh; each may be compared with each, by a measure that both have. */
export const curveNames = ['best_of_n', 'ceiling', 'majority', 'weighted_majority', 'kl_rl'] as const;
export type CurveName = (typeof curveNames)[number];
export const measures = ['reward', 'gold', 'win_rate', 'length'] as const;
export type Measured = (typeof measures)[number];

/** What the first curve has more than the second. */
export interface Comparison {
  first: CurveName;
  second: CurveName;
  of: Measured;
}

/** At one N, paired by prompt. */
export interface CurveDifference {
  n: number;
  difference: number;
  difference_interval: Interval;
}

export interface CurveDifferences {
  differences: CurveDifference[];
}

export interface PromptCurves {
  drafts: number;
  n: number[];
  reward: number[];
  /** Empty without gold, as is the ceiling. */
  gold: number[];
  ceiling: number[];
}

/** By prompt. */
export interface PromptGains {
  gains: Float64Array;
  drafts: Float64Array;
}

/** A prompt's drafts in ascending order of reward; a column that the files lack is empty. */
export interface PromptDrafts {
  reward: Float64Array;
  gold: Float64Array;
  length: Float64Array;
  answer: Uint32Array;
  /** Its place among the columns that were read. */
  row: Uint32Array;
}
