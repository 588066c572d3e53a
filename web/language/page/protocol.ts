import type { Generation } from '../engine.js';
import type { TextReward } from '../reward.js';
import type { Acceptance, DraftLaw, Equivalence, FromDrafts, ModelShape, RewardedWord } from '../types.js';

/** What is asked of a worker that holds a language model. */
export type Question =
  /** Takes a model: of files, or the one that ships. */
  | { type: 'model'; files: { checkpoint: Uint8Array; tokenizer: Uint8Array } | null }
  /** Drafts, and what each one's first words are worth: a row of `words` a draft. */
  | { type: 'draw'; generation: Generation; reward: TextReward; words: number }
  /** Both policies at each length of so many words, where row i of `rewards` is draft i's. */
  | { type: 'judge'; rewards: Float64Array; words: number; lengths: readonly number[]; klPerWord: number; seed: number }
  /** Of drafts by their rewards: the best of the first n, and one that the tilt keeps. */
  | { type: 'pick'; rewards: Float64Array; n: number; alpha: number; seed: number }
  /** The drafts' own law. */
  | { type: 'law'; rewards: Float64Array }
  | { type: 'words'; reward: TextReward; texts: readonly string[] }
  /** The optimum of drafts of so few tokens that all can be listed, three ways. */
  | { type: 'check'; reward: TextReward; prompt: string; length: number; drafts: number; kl: number; seed: number }
  /** Mean reward of what rejection keeps of drafts, none of which earns more than `most`. */
  | { type: 'reject'; rewards: Float64Array; alpha: number; most: number; seed: number };

export interface Drawn {
  texts: string[];
  logprobs: Float64Array;
  /** Of all drafts one after another, and where each one's end. */
  tokens: Uint32Array;
  ends: Uint32Array;
  rewards: Float64Array;
}

export interface Checked {
  listed: DraftLaw;
  drawn: Equivalence;
  /** Of the drafts that were drawn, and what no draft's exceeds. */
  rewards: Float64Array;
  most: number;
  /** What rejection is to keep of them. */
  acceptance: Acceptance;
}

/** What rejection kept; its mean null where that is too little to tell. */
export interface Kept {
  drafts: number;
  reward: FromDrafts | null;
}

export interface Answers {
  model: { shape: ModelShape; version: string };
  draw: Drawn;
  judge: Equivalence[];
  /** Places of drafts; `tilted` null where none was kept. */
  pick: { best: number; tilted: number | null };
  law: DraftLaw;
  words: RewardedWord[][];
  check: Checked;
  reject: Kept;
}

export type Request = Question & { id: number };
export type Reply = { id: number } & ({ answer: Answers[keyof Answers] } | { failed: string; isRefusal: boolean });

/** One column of a table of rows. */
export const columnOf = (table: Float64Array, columns: number, at: number): Float64Array =>
  Float64Array.from({ length: table.length / columns }, (_, row) => table[row * columns + at] as number);
