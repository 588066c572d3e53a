/** Results of `src/language/`, field by field. */

/** A decoder's, by the names that its exporters use. */
export interface ModelShape {
  dim: number;
  hidden_dim: number;
  n_layers: number;
  n_heads: number;
  n_kv_heads: number;
  vocab_size: number;
  /** Positions that it was trained for: most tokens of a prompt and a draft. */
  seq_len: number;
}

export interface GeneratedDraft {
  /** Those that were drawn; the last of a draft that ended is its end, which writes nothing. */
  tokens: Uint32Array;
  /** After the prompt. Bytes that are no character are U+FFFD. */
  text: string;
  /** log p(draft | prompt) in nats, by the model's law at temperature 1 whatever drew it. */
  logprob: number;
  /** Whether it came to its end within the length. */
  ended: boolean;
}

export interface GeneratedDrafts {
  drafts: GeneratedDraft[];
}

/** The law of a reward over all drafts, level by level in ascending order. */
export interface DraftLaw {
  drafts: number;
  reward: Float64Array;
  p: Float64Array;
}

/** A word that a reward weighs: where it stands in its text, and what it alone is worth. */
export interface RewardedWord {
  from: number;
  to: number;
  reward: number;
}

/** A number of a law that drafts were drawn from, with its 95 % interval. */
export interface FromDrafts {
  value: number;
  interval: [number, number];
}

/** Best-of-N and the optimum at one KL budget, as the drafts of one prompt have them. */
export interface Equivalence {
  drafts: number;
  /** The budget, nats; N = e^kl. */
  kl: number;
  n: number;
  alpha: number;
  effective_sample_size: number;
  /** Whether too few drafts carry the tilt or N: all that follows is then null. */
  is_refused: boolean;
  base: FromDrafts | null;
  kl_rl: FromDrafts | null;
  best_of_n: FromDrafts | null;
  best_of_n_kl: FromDrafts | null;
  gap: FromDrafts | null;
  kl_to_kl_rl: FromDrafts | null;
  /** The tilt found on one half of the drafts, on the other. */
  held_out: { alpha: number; kl: number; reward: number; effective_sample_size: number } | null;
}

/** How much of what is drawn rejection keeps, and drafts to be drawn for one that is kept. */
export interface Acceptance {
  rate: number;
  draws: number;
}
