import { defaults } from '../scenario/defaults.js';
import { stated } from '../scenario/number.js';
import type { MemorylessModel } from '../scenario/scenario.js';
import type { KindWords, ModelKind } from './kind.js';
import { haveOwnGold, inModel, readFlag, readRows, rowKeys, tableOrigin, writeFlag, writeRows } from './table.js';

export const memoryless: ModelKind<MemorylessModel> = {
  unit: 'token',
  length: ({ length }) => length,
  withLength: (model, length) => ({ ...model, length }),
  hasTokens: () => true,
  hasDrafts: () => true,
  isDrawn: () => true,
  hasGold: ({ tokens }) => haveOwnGold(tokens),
  rows: ({ tokens }) => tokens,
  link: {
    keys: ['length', ...rowKeys],
    write: ({ kind, length, tokens, normalise }, pack) => [
      ['model', kind],
      ['length', stated(length)],
      ...writeRows(tokens, pack),
      ...writeFlag('normalise', normalise),
    ],
    read: (link) => ({
      kind: 'memoryless',
      length: link.length,
      tokens: readRows(link, 'tokens'),
      ...readFlag(link, 'normalise'),
    }),
    budget: defaults.budget,
  },
};

export const memorylessWords: KindWords<MemorylessModel> = {
  subject: ({ tokens }, title) => inModel(`a model of ${tokens.length} tokens`, title),
  origin: () => tableOrigin,
  draw: 'a sequence of rows',
};
