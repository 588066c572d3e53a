import type { PromptsModel } from '../scenario/scenario.js';
import type { KindWords, ModelKind } from './kind.js';
import { haveOwnGold, inModel } from './table.js';

export const prompts: ModelKind<PromptsModel> = {
  unit: null,
  length: () => 1,
  hasPrompts: true,
  isDrawn: ({ prompts }) => prompts.every(({ model }) => model.kind !== 'continuous'),
  hasGold: ({ prompts }) =>
    prompts.some(({ model }) =>
      haveOwnGold('outcomes' in model ? model.outcomes : 'tokens' in model ? model.tokens : []),
    ),
  link: {
    keys: ['data'],
    write: ({ kind, prompts }, pack) => [
      ['model', kind],
      ['data', pack(JSON.stringify(prompts))],
    ],
    read: (link) => ({ kind: 'prompts', prompts: link.data((value) => value) ?? [] }),
    budget: { kl: 1 },
  },
};

export const promptsWords: KindWords<PromptsModel> = {
  subject: ({ prompts }, title) => inModel(`${prompts.length} prompts`, title),
  origin: () => 'The base model here answers several prompts, under one budget for all.',
};
