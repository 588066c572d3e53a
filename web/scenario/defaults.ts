import type { Scenario } from './scenario.js';

/** What version 1 of the link leaves out. Frozen: changing it would change what old links mean. */
export const defaults = {
  model: { kind: 'text', source: 'moby-dick', order: 0, length: 40 },
  budget: { kl_per_token: 0.2 },
  simulation: { seed: 1, replicates: 4000 },
} as const;

export const defaultScenario: Scenario = { v: 1, model: defaults.model, budget: defaults.budget };

/** A draft of more tokens than this is not written out: nobody would read it. */
export const longestDraft = 400;
