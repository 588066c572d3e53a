import type { FiniteModel } from '../../scenario/scenario.js';
import type { CoreForm } from './form.js';
import { column, ones, wordsOf } from './rows.js';

export const finite: CoreForm<FiniteModel> = {
  isOfCore: () => true,
  core: ({ kind, outcomes, normalise = false }) => ({
    kind,
    path: 'model.outcomes',
    p: column(outcomes, (o) => o.p),
    reward: column(outcomes, (o) => o.reward),
    gold: column(outcomes, (o) => o.gold ?? 0),
    counts: normalise,
    length: 1,
  }),
  multiplicity: ({ outcomes }) => ones(outcomes),
  vocabulary: ({ outcomes }) => wordsOf(outcomes),
};
