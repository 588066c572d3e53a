import { unwrap } from '../engine/boundary.js';
import type { LanguageModule } from '../engine/module.js';
import type { GeneratedDraft, GeneratedDrafts, ModelShape } from './types.js';

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
   * Takes another model, as llama2.c writes it: float32 of versions 0 and 1, int8 of version 2; up to 256 MB.
   * @throws TiltLabError naming field, value and rule
   */
  read(checkpoint: Uint8Array, tokenizer: Uint8Array): ModelShape;
  /** The tokens of a prompt. @throws TiltLabError */
  encode(text: string): Uint32Array;
  /** @throws TiltLabError where nothing was read, and naming the setting that breaks its rule */
  generate(settings: Generation): GeneratedDraft[];
}

export function makeLanguageEngine(core: LanguageModule): LanguageEngine {
  return {
    version: core.version(),
    read: (checkpoint, tokenizer) => unwrap<ModelShape>(core.read_language_model(checkpoint, tokenizer)),
    encode: (text) => unwrap<Uint32Array>(core.encode_text(text)),
    generate({ prompt = '', length, first = 0, n = 1, greedy = false, temperature = 1, seed = 1 }) {
      const settings = { prompt, length, first, count: n, greedy, temperature, seed };
      return unwrap<GeneratedDrafts>(core.generate_drafts(settings)).drafts;
    },
  };
}
