/** Scenario, version 1. Probabilities that sum to 1 within 1e-6 are renormalised. */
export interface Scenario {
  v: 1;
  title?: string;
  model: Model;
  budget: Budget;
}

export type Model = FiniteModel | MemorylessModel | TextModel;

/** A single draw. */
export interface FiniteModel {
  kind: 'finite';
  outcomes: { label?: string; p: number; reward: number; gold?: number }[];
}

/** `length` independent tokens; the reward is the sum of theirs. */
export interface MemorylessModel {
  kind: 'memoryless';
  length: number;
  tokens: { label?: string; p: number; reward: number }[];
}

/** `length` words of a real text, drawn by their frequencies in it. */
export interface TextModel {
  kind: 'text';
  source: 'moby-dick';
  order: 0;
  length: number;
}

/** Exactly one; all in nats but `n`. `kl: D` gives KL-RL the budget D and best-of-N N = e^D draws. */
export type Budget = { n: number } | { log_n: number } | { kl: number } | { kl_per_token: number };
