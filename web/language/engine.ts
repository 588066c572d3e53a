import { unwrap } from '../engine/boundary.js';
import type { CoreRewardedDrafts, LanguageModule } from '../engine/module.js';
import { coreReward, type TextReward } from './reward.js';
import type {
  Acceptance,
  DraftLaw,
  Equivalence,
  GeneratedDraft,
  GeneratedDrafts,
  ModelShape,
  RewardedWord,
} from './types.js';

/** What is drawn; what is left out is as beside it. */
export interface Generation {
  /** '' */
  prompt?: string;
  /** Most tokens of a draft: an integer of at least 1. */
  length: number;
  /** The number of the first draft, 0: a draft is the same whatever is drawn beside it, so that workers may share them. */
  first?: number;
  /** Drafts, 1. */
  n?: number;
  /** Whether each token is the likeliest, false. */
  greedy?: boolean;
  /** In [0.01, 100], 1. */
  temperature?: number;
  /** An integer in [0, 2^53), 1. */
  seed?: number;
}

/** One language model, and what is asked of it. */
export interface LanguageEngine {
  readonly version: string;
  /**
   * Takes another model, as llama2.c writes it (float32 of versions 0 and 1, int8 of version 2) or in six bits; up to
   * 256 MB.
   * @throws TiltLabError naming field, value and rule
   */
  read(checkpoint: Uint8Array, tokenizer: Uint8Array): ModelShape;
  /** The tokens of a prompt. @throws TiltLabError */
  encode(text: string): Uint32Array;
  /** @throws TiltLabError where nothing was read, and naming the setting that breaks its rule */
  generate(settings: Generation): GeneratedDraft[];
  /** log p of each token after the first, given those before it; nats. @throws TiltLabError */
  score(tokens: Uint32Array): Float64Array;
  /** Takes VADER's words for the rewards that ask for them: a line each, a tab, its valence. @throws TiltLabError */
  readLexicon(table: string): void;
  /** One a text. @throws TiltLabError naming reward.<field> */
  rewards(reward: TextReward, texts: readonly string[]): Float64Array;
  /** A row of `most` a text: as though it ended after its first word, its second ..; past its last it stays. */
  beginnings(reward: TextReward, texts: readonly string[], most: number): Float64Array;
  /** The words that the reward weighs. */
  rewardedWords(reward: TextReward, text: string): RewardedWord[];
  /** What no text of so many characters exceeds; Infinity where nothing says so. */
  mostReward(reward: TextReward, characters: number): number;
  /** The exact law of a reward over all drafts, about 10^6 at most. @throws TiltLabError */
  enumerate(settings: Pick<Generation, 'prompt' | 'length'>, reward: TextReward): DraftLaw;
  /** Both policies at the law of drafts, with intervals. @param kl nats @throws TiltLabError */
  equivalence(rewards: Float64Array, kl: number, seed?: number): Equivalence;
  /** The drafts' own law, which exact engines take as a finite model. @throws TiltLabError */
  lawOf(rewards: Float64Array): DraftLaw;
  /** What rejection would keep of such drafts, at alpha. */
  acceptance(rewards: Float64Array, alpha: number, most: number): Acceptance;
  /**
   * Places of those that rejection keeps, which are drafts of the tilt: exactly, where no reward exceeds `most`.
   * @param first number of the first draft @throws TiltLabError where one exceeds it
   */
  accepted(rewards: Float64Array, tilt: { alpha: number; most: number; seed?: number; first?: number }): Uint32Array;
}

interface Rewards {
  rewards: Float64Array;
}

const nothing = { kl: 0, alpha: 0, most: 0, seed: 1, first: 0 };

const ask = (drafts: Partial<CoreRewardedDrafts> & { rewards: Float64Array }): CoreRewardedDrafts => ({
  ...nothing,
  ...drafts,
});

export function makeLanguageEngine(core: LanguageModule): LanguageEngine {
  return {
    version: core.version(),
    read: (checkpoint, tokenizer) => unwrap<ModelShape>(core.read_language_model(checkpoint, tokenizer)),
    encode: (text) => unwrap<Uint32Array>(core.encode_text(text)),
    generate({ prompt = '', length, first = 0, n = 1, greedy = false, temperature = 1, seed = 1 }) {
      const settings = { prompt, length, first, count: n, greedy, temperature, seed };
      return unwrap<GeneratedDrafts>(core.generate_drafts(settings)).drafts;
    },
    score: (tokens) => unwrap(core.score_tokens(tokens)),
    readLexicon: (table) => {
      unwrap(core.read_lexicon(table));
    },
    rewards: (reward, texts) => unwrap<Rewards>(core.reward_texts(coreReward(reward), texts)).rewards,
    beginnings: (reward, texts, most) =>
      unwrap<Rewards>(core.reward_beginnings(coreReward(reward), texts, most)).rewards,
    rewardedWords: (reward, text) =>
      unwrap<{ words: RewardedWord[] }>(core.reward_words(coreReward(reward), text)).words,
    mostReward: (reward, characters) => unwrap(core.reward_most(coreReward(reward), characters)),
    enumerate: ({ prompt = '', length }, reward) =>
      unwrap(
        core.enumerate_drafts(
          { prompt, length, first: 0, count: 1, greedy: false, temperature: 1, seed: 1 },
          coreReward(reward),
        ),
      ),
    equivalence: (rewards, kl, seed = 1) => unwrap(core.measure_equivalence(ask({ rewards, kl, seed }))),
    lawOf: (rewards) => unwrap(core.law_of_drafts(ask({ rewards }))),
    acceptance: (rewards, alpha, most) => unwrap(core.acceptance(ask({ rewards, alpha, most }))),
    accepted: (rewards, tilt) => unwrap<{ kept: Uint32Array }>(core.accept_drafts(ask({ rewards, ...tilt }))).kept,
  };
}
