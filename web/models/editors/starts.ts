import type { MemorylessModel, Scenario } from '../../scenario/scenario.js';
import { familyModel } from './families.js';

export const threeTokens: MemorylessModel = {
  kind: 'memoryless',
  length: 40,
  tokens: [
    { label: 'dull', p: 0.5, reward: 0 },
    { label: 'fine', p: 0.3, reward: 1 },
    { label: 'grand', p: 0.2, reward: 3 },
  ],
};

/** A model to begin with. */
export const three: Scenario = { v: 1, title: 'My model', model: threeTokens, budget: { kl_per_token: 0.2 } };

export const bellCurve = { model: familyModel('normal', null), budget: { kl: 2 } } as const;
