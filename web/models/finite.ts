import type { FiniteModel } from '../scenario/scenario.js';
import type { KindWords, ModelKind } from './kind.js';
import { haveOwnGold, inModel, readFlag, readRows, rowKeys, tableOrigin, writeFlag, writeRows } from './table.js';

export const finite: ModelKind<FiniteModel> = {
  unit: null,
  length: () => 1,
  hasTokens: () => true,
  hasDrafts: () => true,
  isDrawn: () => true,
  hasGold: ({ outcomes }) => haveOwnGold(outcomes),
  rows: ({ outcomes }) => outcomes,
  link: {
    keys: rowKeys,
    write: ({ kind, outcomes, normalise }, pack) => [
      ['model', kind],
      ...writeRows(outcomes, pack),
      ...writeFlag('normalise', normalise),
    ],
    read: (link) => ({ kind: 'finite', outcomes: readRows(link, 'outcomes'), ...readFlag(link, 'normalise') }),
    budget: { kl: 1 },
  },
};

export const finiteWords: KindWords<FiniteModel> = {
  subject: ({ outcomes }, title) => inModel(`a model of ${outcomes.length} outcomes`, title),
  origin: () => tableOrigin,
  draw: 'one row of the table',
};
