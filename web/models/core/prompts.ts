import type { PromptsModel } from '../../scenario/scenario.js';
import { continuous } from './continuous.js';
import { finite } from './finite.js';
import type { CoreForm } from './form.js';
import { memoryless } from './memoryless.js';

/** What a prompt's own model is to the engine. */
function inner({ model }: PromptsModel['prompts'][number]) {
  if (model.kind === 'finite') return finite.core(model);
  return model.kind === 'memoryless' ? memoryless.core(model) : continuous.core(model);
}

export const prompts: CoreForm<PromptsModel> = {
  core: ({ kind, prompts }) => ({
    kind,
    prompts: prompts.map((prompt) => ({ weight: prompt.weight ?? 1, ...inner(prompt) })),
  }),
};
