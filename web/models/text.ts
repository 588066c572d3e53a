import { defaults } from '../scenario/defaults.js';
import { stated } from '../scenario/number.js';
import type { TextModel } from '../scenario/scenario.js';
import type { KindWords, ModelKind } from './kind.js';

/** The kind of a link that names none. */
export const text: ModelKind<TextModel> = {
  unit: 'word',
  length: ({ length }) => length,
  withLength: (model, length) => ({ ...model, length }),
  hasTokens: true,
  hasDrafts: true,
  hasDensity: false,
  // So that N reaches numbers that someone would draw.
  leastAxis: ({ length }) => Math.min(8, 16 / length),
  link: {
    keys: ['length'],
    write: ({ length }) => (length === defaults.model.length ? [] : [['length', stated(length)]]),
    read: ({ length }) => ({ ...defaults.model, length }),
    budget: defaults.budget,
    leavesBudgetOut: true,
  },
};

export const textWords: KindWords<TextModel> = {
  subject: () => [
    'on ',
    { term: 'Moby-Dick', said: 'the words of Moby-Dick' },
    ', rewarded for ',
    { term: 'VADER', said: 'sounding glad' },
  ],
  origin:
    "The base model here draws words of Moby-Dick by how often they stand in it; a draft's reward is the sum of its words' valences in the VADER lexicon.",
};
