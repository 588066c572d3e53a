/**
 * The statements of arXiv 2404.01730 as curves of one scenario. Rewards are per token, in the scenario's unit; rates
 * and divergences in nats per token where nothing else is said. Arrays of one block have equal length.
 *
 * Of a chain tilts and entropies are those of its own length, rates, cumulants and policies near the optimum those of its
 * limit, whose α is `limits.alpha`; the latter, both directions and shares of N are null where it has no limit.
 */

export interface TiltCurves {
  rate: number;
  alpha: number | null;
  /** Expected reward of the optimum, and the dual function's least value, found without it. */
  primal: number;
  dual_minimum: number;
  dual_alpha: number | null;
  at_alpha: number[];
  kl: number[];
  /** (rate + Λ(α))/α; null at α = 0. */
  dual: (number | null)[];
  at_rate: number[];
  /** R(rate) */
  reward: number[];
  /** Of R at the budget, reward per nat. */
  slope: number;
  /** Ends of the tangent of R at the budget: rate, reward, rate, reward; empty where it has none. */
  tangent: number[];
}

/** Policies ω of one token against the optimum φ. */
export interface NearPolicies {
  reward: number[];
  kl: number[];
  reward_slack: number[];
  kl_slack: number[];
  /** KL(ω‖φ) by its definition, and by the identity. */
  kl_to_optimum: number[];
  identity: number[];
  /** What the statement allows it to be. */
  bound: number[];
}

export interface ExactRates {
  reward: number[];
  /** −(1/n) log P of a reward per token at least as far out; fewer marks where these cost much. */
  rate: number[];
}

export interface RateCurves {
  reward: number[];
  base: number[];
  kl_rl: number[];
  /** null where it is infinite. */
  best_of_n: (number | null)[];
  exact: { base: ExactRates; kl_rl: ExactRates; best_of_n: ExactRates };
  mean_base: number;
  mean_kl_rl: number;
}

export interface CumulantCurves {
  /** Per reward unit. */
  t: number[];
  base: number[];
  kl_rl: number[];
  /** In the limit. */
  best_of_n: number[];
  /** At this length, the scenario's own where listing all sums is affordable. */
  exact_length: number;
  exact_best_of_n: (number | null)[];
  alpha: number | null;
}

export interface RenyiCurve {
  order: number[];
  /** H_s(p‖q), q ∝ e^r */
  cross_entropy: number[];
  log_normaliser: number;
  at_one: number;
  at_optimum: number | null;
  alpha: number | null;
  /** KL(φ‖p), KL(p‖φ) and α times the gain, which is their sum. */
  kl_forward: number;
  kl_reverse: number | null;
  jeffreys: number | null;
}

export interface DirectionCurves {
  length: number[];
  /** KL(best-of-N‖KL-RL), nats of the whole sequence. */
  forward: number[];
  /** log10 of KL(KL-RL‖best-of-N). */
  log10_reverse: number[];
  /** What its logarithm grows by per token. */
  exponent: number;
  factor: number;
}

export interface FixedCurves {
  length: number[];
  /** Best-of-N's gain over KL-RL's at equal KL, N fixed; null where it could not be had. */
  fixed: (number | null)[];
  /** The same for N = e^(n rate). */
  growing: (number | null)[];
  log_n: number;
  limit: number;
}

/** Probabilities of the three rewards, increasing. */
export interface SimplexPoints {
  first: number[];
  second: number[];
  third: number[];
}

export interface Simplex {
  base: SimplexPoints;
  optimum: SimplexPoints;
  reward_model: SimplexPoints;
  tilts: SimplexPoints;
  ball: SimplexPoints;
  /** Two points a line: of the optimum's reward, the base's and best-of-N's. */
  level_lines: SimplexPoints;
  level_rewards: number[];
  /** Expected shares in best-of-N's sequences along `best_of_n_log_n`; the last is at the budget. */
  best_of_n: SimplexPoints;
  best_of_n_log_n: number[];
  length: number;
}

/** Rényi divergences from the base of a continuous model, nats, against their order. */
export interface DivergenceCurves {
  order: number[];
  /** log(N^s/(s(N − 1) + 1))/(s − 1); null where the model has atoms. */
  best_of_n: (number | null)[];
  /** null where it is infinite. */
  kl_rl: (number | null)[];
}

/** Under a transform: the rate of values of the reward, and its convex hull, nats a token, by reward a token. */
export interface HullCurves {
  reward: number[];
  /** J; null at values that no mean reward has. */
  rate: (number | null)[];
  /** conv J */
  hull: number[];
  /** The budget, nats a token. */
  delta: number;
  /** Limits of the reward a token, and what best-of-N leaves of KL-RL's: 0 where both are the same. */
  best_of_n: number;
  kl_rl: number;
  lost: number;
}

/** Where gold is largest along a path. */
export interface GoldPeak {
  gold: number;
  /** What the policy is allowed there, nats: KL of KL-RL, log N of best-of-N. */
  budget: number;
  kl: number;
  /** Of best-of-N; null past 1.8e308, and of KL-RL. */
  n: number | null;
  /** Of KL-RL, per reward unit; null when saturated, and of best-of-N. */
  alpha: number | null;
  /** Whether gold falls on either side of it, or it is an end of the axis. */
  where: 'inside' | 'start' | 'end';
}

/** With d = √KL, d(a − b d) of best-of-N or d(a − b log d) of KL-RL, as it is nearest to a path (Gao et al., arXiv 2210.10760). */
export interface GoldFit {
  a: number;
  b: number;
  /** The base's gold and what the form adds to it. */
  gold: (number | null)[];
}

/** What a policy comes to at increasing budgets. Equal-length arrays. */
export interface JudgedPath {
  /** What it is allowed, nats: KL of KL-RL, log N of best-of-N. */
  budget: number[];
  /** What it spends; null where it could not be had within a thousandth, as the next two. */
  kl: (number | null)[];
  reward: (number | null)[];
  win_rate: (number | null)[];
  /** null where the model states no gold. */
  gold: (number | null)[] | null;
  /** null without gold, and where it costs much or could not be had. */
  peak: GoldPeak | null;
  /** null without gold, and where fewer than three points spend anything. */
  fit: GoldFit | null;
}

/** Both policies by reward, win rate and gold, at the same budgets; fewer where they cost much. */
export interface JudgedPaths {
  /** End of the budgets, nats. */
  kl_end: number;
  kl_rl: JudgedPath;
  best_of_n: JudgedPath;
}

/** Every statement by name; null where the model has none. */
export interface Statements {
  tilt: TiltCurves | null;
  simplex: Simplex | null;
  near: NearPolicies | null;
  rates: RateCurves | null;
  cumulants: CumulantCurves | null;
  renyi: RenyiCurve | null;
  directions: DirectionCurves | null;
  fixed: FixedCurves | null;
  divergences: DivergenceCurves | null;
  hull: HullCurves | null;
  paths: JudgedPaths | null;
}

export type StatementName = keyof Statements;

export const statementNames: readonly StatementName[] = [
  'tilt',
  'simplex',
  'near',
  'rates',
  'cumulants',
  'renyi',
  'directions',
  'fixed',
  'divergences',
  'hull',
  'paths',
];

/** What a view holds as a curve of its own. */
export const curveNames = ['laws', 'gap'] as const;
export type CurveName = (typeof curveNames)[number];
