import type { CoreModel } from '../../engine/module.js';

/** All that a model states; the engine numbers it. */
export type CoreFields = { kind: string } & Record<string, CoreModel[string]>;

/** A word of a vocabulary: its count or probability, and its reward. */
export interface Word {
  text: string;
  weight: number;
  reward: number;
}

/** Tables of words that a model names instead of stating them. */
export type WordTable = 'moby-dick';

/** What a kind of model is to the engine. Apart from `ModelKind`, since page and worker load each their own. */
export interface CoreForm<M> {
  /** Whether the smaller wasm module knows it too; left out where that knows none. */
  isOfCore?(model: M): boolean;
  core(model: M): CoreFields;
  /** How many outcomes of the alphabet each of the core's entries stands for; left out where there are none. */
  multiplicity?(model: M): Float64Array;
  /** What its drafts are made of, where it lists that, or the table that does; neither where it has no drafts. Then the
   * core's form has a `length`. */
  vocabulary?(model: M): Word[];
  wordTable?(model: M): WordTable | null;
  /** Whether a token of its drafts depends on the one before: then the core draws them from the whole model, and writes
   * them by the table that it names, else by its vocabulary's places. */
  walks?(model: M): boolean;
}
