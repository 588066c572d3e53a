import type { Model } from '../scenario/scenario.js';
import { continuous, continuousWords } from './continuous.js';
import { finite, finiteWords } from './finite.js';
import type { KindWords, ModelKind } from './kind.js';
import { markov, markovWords } from './markov.js';
import { memoryless, memorylessWords } from './memoryless.js';
import { prompts, promptsWords } from './prompts.js';
import { text, textWords } from './text.js';

type Of<K extends Model['kind']> = Extract<Model, { kind: K }>;

/** Every kind of the schema: one that is missing here does not compile. */
export const kinds: { readonly [K in Model['kind']]: ModelKind<Of<K>> } = {
  finite,
  memoryless,
  markov,
  continuous,
  prompts,
  text,
};

/** The same in words. */
export const kindWords: { readonly [K in Model['kind']]: KindWords<Of<K>> } = {
  finite: finiteWords,
  memoryless: memorylessWords,
  markov: markovWords,
  continuous: continuousWords,
  prompts: promptsWords,
  text: textWords,
};

export const kindOf = (model: Model): ModelKind<Model> => kinds[model.kind];
export const kindWordsOf = (model: Model): KindWords<Model> => kindWords[model.kind];
