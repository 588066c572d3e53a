import levels from '../../generated/moby-dick-levels.js';
import type { TextModel } from '../../scenario/scenario.js';
import type { CoreForm } from './form.js';
import { column } from './rows.js';

/** Words of equal valence are one entry, which stands for all of them. */
export const text: CoreForm<TextModel> = {
  module: 'core',
  core: ({ length }) => ({
    kind: 'memoryless',
    path: 'model.source',
    p: column(levels, ([, count]) => count),
    reward: column(levels, ([valence]) => valence),
    gold: new Float64Array(),
    counts: true,
    length,
  }),
  multiplicity: () => column(levels, ([, , types]) => types),
  wordTable: 'moby-dick',
};
