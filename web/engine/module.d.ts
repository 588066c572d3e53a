/** The Embind exports of the wasm modules, exactly. Only `web/engine/` and `web/models/core/` call them. */

/** A model by the fields of its kind's input, whose names `fields` has in the kind's C++ header; the core reads no other. */
export interface CoreModel {
  kind: string;
  /** One number a model: what has the same is not read again. */
  id: number;
  [field: string]: string | number | boolean | Float64Array | readonly object[];
}

/** Every word by itself, those of equal reward not merged. */
export interface CoreWords {
  p: Float64Array;
  reward: Float64Array;
}

export interface CoreVocabulary extends CoreWords {
  length: number;
}

export interface CoreDraft {
  /** Places in the vocabulary. */
  tokens: Uint32Array;
  /** What each earns. */
  earned: Float64Array;
  reward: number;
}

export interface CoreDrafts {
  base: CoreDraft;
  kl_rl: CoreDraft;
  /** Without tokens where there are too many drafts to draw. */
  best_of_n: CoreDraft;
  losers: CoreDraft[];
  draws: number;
}

export interface CoreBudget {
  kind: 'n' | 'log_n' | 'kl' | 'kl_per_token' | 'beta';
  value: number;
}

export interface CoreSimulation {
  /** tokens, types, order, or empty for whichever is quick. */
  method: string;
  /** An integer below 2^53. */
  seed: number;
  /** An integer below 2^32: of the whole simulation. */
  replicates: number;
  /** The scenario's own. */
  policies: readonly object[];
}

export interface CoreFailure {
  kind: string;
  message: string;
  path: string;
}

export type CoreResult<T> = { value: T } | CoreFailure;

/** What the first figures and the embeds need. What a model does not offer is null. */
export interface CoreModule {
  version(): string;
  /** {report, derived}: non-finite numbers as they are; the facade turns them into null. */
  evaluate(model: CoreModel, budget: CoreBudget): CoreResult<unknown>;
  /** @param kl_end end of the axis in nats, > 0 */
  frontier(model: CoreModel, kl_end: number, points: number): CoreResult<unknown>;
  law_curves(model: CoreModel, budget: CoreBudget, points: number): CoreResult<unknown>;
  gap_curve(model: CoreModel, budget: CoreBudget, points: number): CoreResult<unknown>;
}

/** Everything. */
export interface FullModule extends CoreModule {
  /** {report, derived, policies}: what `evaluate` finds, with the scenario's own policies beside it. */
  evaluate_policies(model: CoreModel, budget: CoreBudget, policies: readonly object[]): CoreResult<unknown>;
  tilt_curves(model: CoreModel, budget: CoreBudget, points: number): CoreResult<unknown>;
  /** @param seed an integer below 2^53 */
  near_policies(model: CoreModel, budget: CoreBudget, seed: number, count: number): CoreResult<unknown>;
  bent_policy(model: CoreModel, budget: CoreBudget, tilt: number, bend: number): CoreResult<unknown>;
  rate_curves(model: CoreModel, budget: CoreBudget, points: number, exact: number): CoreResult<unknown>;
  cumulant_curves(model: CoreModel, budget: CoreBudget, points: number): CoreResult<unknown>;
  renyi_curve(
    model: CoreModel,
    budget: CoreBudget,
    multiplicity: Float64Array,
    reward: Float64Array,
    points: number,
  ): CoreResult<unknown>;
  direction_curves(model: CoreModel, budget: CoreBudget, points: number): CoreResult<unknown>;
  fixed_curves(model: CoreModel, budget: CoreBudget, points: number): CoreResult<unknown>;
  /** null but for a model of three levels. */
  simplex(model: CoreModel, budget: CoreBudget, points: number): CoreResult<unknown>;
  divergence_curves(model: CoreModel, budget: CoreBudget, points: number): CoreResult<unknown>;
  /** null but under a transform. */
  hull_curves(model: CoreModel, budget: CoreBudget, points: number): CoreResult<unknown>;
  equal_kl(model: CoreModel, budget: CoreBudget): CoreResult<unknown>;
  /** null but for several prompts. */
  prompt_rows(model: CoreModel, budget: CoreBudget): CoreResult<unknown>;
  /** null but for a chain. */
  chain_matrices(model: CoreModel, budget: CoreBudget): CoreResult<unknown>;
  /** @param kl_end end of the axis in nats; 0 for one that holds twice the budget */
  judged_paths(model: CoreModel, budget: CoreBudget, kl_end: number, points: number): CoreResult<unknown>;
  /**
   * Sums of replicates first .. first + count - 1, from which `summarise` makes estimates; empty where they take another
   * sitting: the same call goes on with them.
   */
  simulate(
    model: CoreModel,
    budget: CoreBudget,
    simulation: CoreSimulation,
    first: number,
    count: number,
  ): CoreResult<Float64Array>;
  /** @param sums blocks of sums one after another, added in that order @param replicates how many they hold */
  summarise(
    model: CoreModel,
    budget: CoreBudget,
    simulation: CoreSimulation,
    sums: Float64Array,
    replicates: number,
  ): CoreResult<unknown>;
  /** @param alpha may be infinite @param seed an integer below 2^53 @param replicate an integer below 2^32 */
  draw_drafts(
    model: CoreVocabulary,
    alpha: number,
    draws: number,
    seed: number,
    replicate: number,
  ): CoreResult<CoreDrafts>;
  /** Of a chain. @param words none where its states are what is written; null of models that are no chain */
  draw_walked_drafts(
    model: CoreModel,
    words: CoreWords,
    alpha: number,
    draws: number,
    seed: number,
    replicate: number,
  ): CoreResult<CoreDrafts | null>;
  /** The best of N by its law, however large N is; without tokens where it is not found. @param alpha of a tilt that
   * earns about as much */
  draw_best_draft(
    model: CoreModel,
    budget: CoreBudget,
    words: CoreWords,
    alpha: number,
    seed: number,
    replicate: number,
  ): CoreResult<CoreDraft>;
}

/** Columns of scored drafts, a value a draft; those that a file lacks are empty. */
export interface CoreDraftColumns {
  prompt: Uint32Array;
  reward: Float64Array;
  gold: Float64Array;
  logprob: Float64Array;
  length: Float64Array;
  answer: Uint32Array;
}

/** What is set beside them; below 0 where nothing is. */
export interface CoreSampleSettings {
  /** An integer below 2^53. */
  seed: number;
  price: number;
  kl: number;
  alpha: number;
}

/** Which two curves of scored drafts are compared, and by what. */
export interface CoreDifference {
  first: string;
  second: string;
  of: string;
  /** An integer below 2^53. */
  seed: number;
}

/** Scored drafts: an instance holds one table. */
export interface SamplesModule {
  version(): string;
  /** The number of prompts. */
  read_samples(columns: CoreDraftColumns): CoreResult<number>;
  judge_samples(settings: CoreSampleSettings): CoreResult<unknown>;
  curve_differences(asked: CoreDifference): CoreResult<unknown>;
  /** @param prompt its place */
  prompt_curves(prompt: number): CoreResult<unknown>;
  /** @param n at least 1 */
  prompt_gains(n: number): CoreResult<unknown>;
  prompt_drafts(prompt: number): CoreResult<unknown>;
}

/** What is asked of a language model. */
export interface CoreGeneration {
  prompt: string;
  /** Most tokens of a draft. */
  length: number;
  /** Drafts first .. first + count - 1. */
  first: number;
  count: number;
  greedy: boolean;
  temperature: number;
  /** An integer below 2^53. */
  seed: number;
}

/** What texts are rewarded for: `word` of kind word, `letter` of kind letter, `words` of kind words. */
export interface CoreReward {
  kind: string;
  word: string;
  letter: string;
  words: readonly { word: string; weight: number }[];
}

/** Drafts by their rewards, and what is asked of them; what a question does not use is 0. */
export interface CoreRewardedDrafts {
  rewards: Float64Array;
  kl: number;
  alpha: number;
  most: number;
  seed: number;
  first: number;
}

/** A language model: an instance holds one. */
export interface LanguageModule {
  version(): string;
  /** Both as llama2.c writes them. Its shape. */
  read_language_model(checkpoint: Uint8Array, tokenizer: Uint8Array): CoreResult<unknown>;
  encode_text(text: string): CoreResult<Uint32Array>;
  generate_drafts(settings: CoreGeneration): CoreResult<unknown>;
  /** log p of each token after the first, nats. */
  score_tokens(tokens: Uint32Array): CoreResult<Float64Array>;
  read_lexicon(table: string): CoreResult<number>;
  reward_texts(reward: CoreReward, texts: readonly string[]): CoreResult<unknown>;
  reward_beginnings(reward: CoreReward, texts: readonly string[], most: number): CoreResult<unknown>;
  reward_words(reward: CoreReward, text: string): CoreResult<unknown>;
  reward_most(reward: CoreReward, characters: number): CoreResult<number>;
  enumerate_drafts(settings: CoreGeneration, reward: CoreReward): CoreResult<unknown>;
  measure_equivalence(drafts: CoreRewardedDrafts): CoreResult<unknown>;
  law_of_drafts(drafts: CoreRewardedDrafts): CoreResult<unknown>;
  acceptance(drafts: CoreRewardedDrafts): CoreResult<unknown>;
  accept_drafts(drafts: CoreRewardedDrafts): CoreResult<unknown>;
}

export interface CoreModuleOptions {
  wasmBinary?: ArrayBuffer | Uint8Array;
  /** Imports are `WebAssembly.Imports`, an instance a `WebAssembly.Instance`: programs without the types of browsers read this. */
  instantiateWasm?: (imports: object, done: (instance: object) => void) => object;
  locateFile?: (file: string) => string;
}

export function createCore(options?: CoreModuleOptions): Promise<CoreModule>;
export function createFull(options?: CoreModuleOptions): Promise<FullModule>;
export function createSamples(options?: CoreModuleOptions): Promise<SamplesModule>;
export function createLanguage(options?: CoreModuleOptions): Promise<LanguageModule>;
