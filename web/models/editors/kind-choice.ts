import { html, type TemplateResult } from 'lit';
import type { Model } from '../../scenario/scenario.js';
import { kindWords } from '../registry.js';
import type { Bench } from './editor.js';

/** The kinds that a reader can make, by what one draw of them is. */
const choices = Object.entries(kindWords).flatMap(([kind, { draw }]) => (draw ? [[kind, draw] as const] : []));

export function kindChoice(kind: Model['kind'], bench: Bench): TemplateResult {
  const choose = (event: Event) => bench.become((event.currentTarget as HTMLSelectElement).value as Model['kind']);
  return html`<label class="kind">One draw is
      <select .value=${kind} @change=${choose}>
        ${choices.map(([each, draw]) => html`<option value=${each} ?selected=${each === kind}>${draw}</option>`)}
      </select>
    </label>`;
}

/** What is wrong with what was typed. */
export const refusalLine = ({ refusal }: Bench): TemplateResult | '' =>
  refusal ? html`<p class="notice" role="alert">${refusal}. The figures show the last model that was valid.</p>` : '';

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
