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
