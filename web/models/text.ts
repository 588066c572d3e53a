import { defaults } from '../scenario/defaults.js';
import { stated } from '../scenario/number.js';
import type { TextModel } from '../scenario/scenario.js';
import type { KindWords, ModelKind, Pair } from './kind.js';

const unlessDefault = (key: 'length' | 'order', value: number): Pair[] =>
  value === defaults.model[key] ? [] : [[key, stated(value)]];

/** The kind of a link that names none. */
export const text: ModelKind<TextModel> = {
  unit: 'word',
  length: ({ length }) => length,
  withLength: (model, length) => ({ ...model, length }),
  hasTokens: ({ order }) => order === 0,
  hasDrafts: () => true,
  isDrawn: () => true,
  // Of the last word's valence.
  states: ({ order }) => (order === 0 ? null : ['negative', 'none', 'positive']),
  // So that N reaches numbers that someone would draw.
  leastAxis: ({ length }) => Math.min(8, 16 / length),
  link: {
    keys: ['length', 'order'],
    write: ({ length, order }) => [...unlessDefault('length', length), ...unlessDefault('order', order)],
    read: (link) => ({ ...defaults.model, order: link.number('order') ?? 0, length: link.length }),
    budget: defaults.budget,
    leavesBudgetOut: true,
  },
};

export const textWords: KindWords<TextModel> = {
  subject: ({ order }) => [
    `on the words of Moby-Dick${order === 0 ? '' : ' with a memory of one word'}, rewarded for `,
    { term: 'VADER', said: 'sounding glad' },
  ],
  origin: ({ order }) =>
    `The base model here draws words of Moby-Dick by how often they stand in it${
      order === 0
        ? ''
        : " after a word like the last one: each word's valence depends on the last one's, on whether it is negative, none or positive"
    }; a draft's reward is the sum of its words' valences in the VADER lexicon.`,
};
