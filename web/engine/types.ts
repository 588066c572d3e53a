/**
 * What the engine returns. Rewards are in the scenario's own unit, KL divergences, budgets and log N
 * in nats. `null` stands for an infinite number, which JSON cannot carry.
 */

export interface Metrics {
  reward: number;
  reward_sd: number;
  kl: number;
  win_rate: number;
  gold: number;
}

export interface ModelReport extends Metrics {
  /** Distinct rewards that the model attains; null where counting them is not feasible. */
  levels: number | null;
  reward_max: number;
  /** −log of the probability of the best reward: from this budget on, KL-RL is saturated. */
  kl_max: number;
}

export interface KlRlReport extends Metrics {
  /** Inverse temperature of the tilt; null when saturated (infinite). */
  alpha: number | null;
}

export interface BestOfNReport extends Metrics {
  /** log N − (N − 1)/N */
  kl_bound: number;
  /** KL(best-of-N ‖ KL-RL); null when infinite. */
  kl_to_kl_rl: number | null;
}

export interface Limits {
  /** KL per token at the budget (the rate delta). */
  rate: number;
  /** null when saturated. */
  alpha: number | null;
  reward_per_token: number;
  variance_per_token: number;
  /** Predicted reward gap of the whole sequence, first two terms with the lattice term; null when saturated or alpha = 0. */
  gap_sharp: number | null;
  kl_to_kl_rl_sharp: number | null;
}

export interface Report {
  model: ModelReport;
  budget: { kl: number; log_n: number };
  kl_rl: KlRlReport;
  best_of_n: BestOfNReport;
  kl_rl_at_bon_kl: KlRlReport;
  gap: { reward: number; reward_at_bon_kl: number };
  policies?: Metrics[];
  limits?: Limits;
  /** Every number x of the report is within error_bound · max(1, |x|) of the exact one. */
  error_bound?: number;
  /** What was approximated and how, in a sentence; present only where something was. */
  notes?: string[];
  engine: string;
}

/** The reward–KL frontier of both policies, for budgets from 0 to the largest shown. Equal-length arrays. */
export interface Frontier {
  kl_rl: { kl: number[]; reward: number[] };
  best_of_n: { log_n: number[]; kl: number[]; kl_bound: number[]; reward: number[] };
}

/** One law of the reward per token (of the reward itself for finite models). Equal-length arrays. */
export interface LawCurve {
  /** reward / length */
  x: number[];
  /** Probability of the point (discrete) or of its bin of `width` (binned). */
  mass: number[];
  /** Width in x that each mass stands for; the lattice step where every level is listed. */
  width: number;
  mean: number;
}

export interface LawCurves {
  base: LawCurve;
  kl_rl: LawCurve;
  best_of_n: LawCurve;
}

/** Per-token gap against length at the scenario's budget per token. Equal-length arrays. */
export interface GapCurve {
  length: number[];
  /** (E_KL-RL S − E_best-of-N S) / n */
  gap: number[];
  gap_sharp: (number | null)[];
  /** KL(best-of-N ‖ KL-RL) / n */
  kl_to_kl_rl: (number | null)[];
  kl_to_kl_rl_sharp: (number | null)[];
  /** log(n)/n-free first-order reference: A_n / (a n). */
  gap_first_order: (number | null)[];
}
