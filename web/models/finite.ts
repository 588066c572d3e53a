import type { FiniteModel } from '../scenario/scenario.js';
import type { KindWords, ModelKind } from './kind.js';
import { inModel, readFlag, readRows, rowKeys, tableOrigin, writeFlag, writeRows } from './table.js';

/** Whether its outcomes have a gold reward that is not the reward itself, and not 0 everywhere, which states none. */
export const hasOwnGold = ({ outcomes }: FiniteModel): boolean =>
  outcomes.some(({ gold = 0 }) => gold !== 0) && outcomes.some(({ reward, gold = 0 }) => gold !== reward);

export const finite: ModelKind<FiniteModel> = {
  unit: null,
  length: () => 1,
  hasTokens: () => true,
  hasDrafts: () => true,
  hasGold: hasOwnGold,
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
