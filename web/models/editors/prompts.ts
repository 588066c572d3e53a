import { html } from 'lit';
import type { PromptsModel } from '../../scenario/scenario.js';
import type { Bench, Editing, KindEditor } from './editor.js';
import { three } from './starts.js';

/** Prompts come from a scenario's text or link: from here a reader goes on to one model. */
const makePromptsEditor = (bench: Bench): KindEditor<PromptsModel> => ({
  saysRefusal: false,
  render: ({
    prompts,
  }) => html`<p class="hint">${prompts.length} prompts, each with a model of its own, as the scenario states them.</p>
            <p class="actions"><button type="button" class="button" @click=${() => void bench.load(three)}>Start from three tokens</button></p>`,
});

export const promptsEditing: Editing<PromptsModel> = { make: makePromptsEditor };
