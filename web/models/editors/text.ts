import { html } from 'lit';
import { rove } from '../../figures/roving.js';
import type { TextModel } from '../../scenario/scenario.js';
import type { Bench, Editing, KindEditor } from './editor.js';
import { bellCurve, three } from './starts.js';

/** Of a text only its memory is chosen: from here a reader goes on to a model of their own. */
const makeTextEditor = (bench: Bench): KindEditor<TextModel> => ({
  saysRefusal: false,
  render: (model) => html`<div role="toolbar" aria-label="Memory, and other models" @keydown=${rove}>
            <p class="actions"><label><input type="checkbox" data-rove .checked=${model.order === 1}
              @change=${(event: Event) => {
                const order = (event.target as HTMLInputElement).checked ? 1 : 0;
                void bench.change({ ...bench.scenario, model: { ...model, order } });
              }} /> Each word’s valence depends on the last one’s</label></p>
            <p class="hint">The words of Moby-Dick are fixed. A model of your own is a table of labels, probabilities and rewards: typed,
              pasted from a spreadsheet, or dragged.</p>
            <p class="actions"><button type="button" class="button" data-rove tabindex="-1" @click=${() => void bench.load(three)}>Start from three tokens</button>
              <button type="button" class="button" data-rove tabindex="-1" @click=${() => void bench.load({ v: 1, ...bellCurve })}>Start from a bell curve</button></p></div>`,
});

export const textEditing: Editing<TextModel> = { make: makeTextEditor };
