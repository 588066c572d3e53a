/**
 * Numbers that are read rather than drawn, of one scenario: rewards in its unit, divergences in nats. `null` as in a
 * report: infinite, or not known.
 */

/** One policy at the KL that best-of-N spends. */
export interface PolicyAtKl {
  /** As in the scenario, beside `kl_rl` and `best_of_n`. */
  kind: string;
  reward: number | null;
  reward_sd: number | null;
  kl: number | null;
  win_rate: number | null;
  gold: number | null;
  /** KL(policy ‖ the optimum of this KL). */
  kl_to_kl_rl: number | null;
  /** The last of its kind's, found from the KL; α of KL-RL, log N of best-of-N. null where the largest reward alone is kept. */
  parameter: number | null;
  /** Why it has no numbers, what follows its name; empty where it has. */
  refusal: string;
}

export interface EqualKl {
  kl: number | null;
  kl_rl: PolicyAtKl;
  best_of_n: PolicyAtKl;
  /** Every kind of further policy. */
  policies: PolicyAtKl[];
}

/** Prompts that are ever asked, one entry each, under one alpha and one N for all. */
export interface PromptRows {
  /** In the scenario, from 0. */
  place: number[];
  weight: number[];
  /** From the prompt's own base. */
  kl_rl_kl: (number | null)[];
  best_of_n_kl: (number | null)[];
  reward: (number | null)[];
  kl_rl_reward: (number | null)[];
  best_of_n_reward: (number | null)[];
  gap: (number | null)[];
  /** Of all that is spent; null where nothing is. */
  kl_rl_share: (number | null)[];
  best_of_n_share: (number | null)[];
  alpha: number | null;
}

/** The optimum of a chain as a chain: rows one after another over the states that a sequence may visit. */
export interface ChainMatrices {
  /** Places in the scenario, from 0. */
  state: number[];
  base: number[];
  /** At the first, the middle and the last step; empty where there is no finite alpha, or they take too long. */
  first: number[];
  middle: number[];
  last: number[];
  /** Doob's chain; empty where there is none. */
  limit: number[];
  /** Steps count from 1. */
  middle_step: number;
  length: number;
  /** Largest differences of entries. */
  middle_to_limit: number | null;
  first_to_limit: number | null;
  last_to_limit: number | null;
}

/** Every table by name; null where the model has none. */
export interface Tables {
  equal: EqualKl | null;
  prompts: PromptRows | null;
  chain: ChainMatrices | null;
}

export type TableName = keyof Tables;

export const tableNames: readonly TableName[] = ['equal', 'prompts', 'chain'];
