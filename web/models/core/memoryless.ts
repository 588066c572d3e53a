import type { MemorylessModel } from '../../scenario/scenario.js';
import type { CoreForm } from './form.js';
import { column, ones, wordsOf } from './rows.js';

export const memoryless: CoreForm<MemorylessModel> = {
  isOfCore: () => true,
  core: ({ kind, tokens, length, normalise = false }) => ({
    kind,
    path: 'model.tokens',
    p: column(tokens, (t) => t.p),
    reward: column(tokens, (t) => t.reward),
    gold: column(tokens, (t) => t.gold ?? 0),
    counts: normalise,
    length,
  }),
  multiplicity: ({ tokens }) => ones(tokens),
  vocabulary: ({ tokens }) => wordsOf(tokens),
};
