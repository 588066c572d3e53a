import levels from '../../generated/moby-dick-levels.js';
import type { TextModel } from '../../scenario/scenario.js';
import type { CoreForm } from './form.js';

/** Of order 0, words of equal valence are one entry, which stands for all of them. The core has the table of order 1 itself:
 * what shows order 0 does not load it. */
export const text: CoreForm<TextModel> = {
  isOfCore: ({ order }) => order === 0,
  core: ({ kind, order, length }) =>
    order === 0
      ? {
          kind: 'memoryless',
          path: 'model.source',
          p: Float64Array.from(levels.count),
          reward: Float64Array.from(levels.reward),
          gold: new Float64Array(),
          counts: true,
          length,
        }
      : // The words' rewards, of which entropies ask; the core has them with what they follow.
        { kind, length, reward: Float64Array.from(levels.reward) },
  multiplicity: () => Float64Array.from(levels.types),
  wordTable: () => 'moby-dick',
  walks: ({ order }) => order === 1,
};
