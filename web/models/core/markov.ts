import type { MarkovModel } from '../../scenario/scenario.js';
import type { CoreForm } from './form.js';

export const markov: CoreForm<MarkovModel> = {
  core: ({ kind, length, initial, transition, reward, normalise = false }) => ({
    kind,
    length,
    initial: Float64Array.from(initial),
    transition: Float64Array.from(transition.flat()),
    reward: Float64Array.from(reward.flat()),
    counts: normalise,
  }),
  vocabulary: ({ initial }) => initial.map((weight, i) => ({ text: `${i + 1}`, weight, reward: 0 })),
  walks: () => true,
};
