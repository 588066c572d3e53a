import type { Model } from '../../scenario/scenario.js';
import { continuous } from './continuous.js';
import { finite } from './finite.js';
import type { CoreForm } from './form.js';
import { markov } from './markov.js';
import { memoryless } from './memoryless.js';
import { prompts } from './prompts.js';
import { text } from './text.js';

/** Every kind of the schema as the engine sees it: one that is missing here does not compile. */
export const coreForms: { readonly [K in Model['kind']]: CoreForm<Extract<Model, { kind: K }>> } = {
  finite,
  memoryless,
  markov,
  continuous,
  prompts,
  text,
};

export const coreFormOf = (model: Model): CoreForm<Model> => coreForms[model.kind];
