import type { FiniteModel } from '../scenario/scenario.js';
import type { KindWords, ModelKind } from './kind.js';
import { inModel, readRows, rowKeys, tableOrigin, writeRows } from './table.js';

export const finite: ModelKind<FiniteModel> = {
  unit: null,
  length: () => 1,
  hasTokens: () => true,
  hasDrafts: () => true,
  rows: ({ outcomes }) => outcomes,
  link: {
    keys: rowKeys,
    write: ({ kind, outcomes }, pack) => [['model', kind], ...writeRows(outcomes, pack)],
    read: (link) => ({ kind: 'finite', outcomes: readRows(link, 'outcomes') }),
    budget: { kl: 1 },
  },
};

export const finiteWords: KindWords<FiniteModel> = {
  subject: ({ outcomes }, title) => inModel(`a model of ${outcomes.length} outcomes`, title),
  origin: () => tableOrigin,
  draw: 'one row of the table',
};
