import { html, type TemplateResult } from 'lit';
import { type Family, families } from '../../scenario/families.js';
import { readNumber } from '../../scenario/number.js';
import type { ContinuousModel } from '../../scenario/scenario.js';
import { familyNames } from '../family-names.js';

/** Fields that place and stretch a law, and their values for a first look. */
const first: Record<string, number> = {
  lower: 0,
  upper: 1,
  mean: 0,
  sd: 1,
  rate: 1,
  shape: 2,
  scale: 1,
  location: 0,
  alpha: 2,
  beta: 3,
  df: 5,
};

/** A law of the family; what the old one says where the two share a parameter. */
export function familyModel(family: Family, old: ContinuousModel | null): ContinuousModel {
  const values = (old ?? {}) as unknown as Record<string, number>;
  const table = { u: [0, 0.25, 0.5, 0.75, 1], reward: [-2, -0.7, 0, 0.7, 2] };
  return {
    kind: 'continuous',
    family,
    ...(family === 'quantiles' ? table : {}),
    ...Object.fromEntries(families[family].map((name) => [name, values[name] ?? first[name]])),
    // To the right a lognormal reward has no optimal policy.
    ...(old?.mirrored || family === 'lognormal' ? { mirrored: true } : {}),
  } as ContinuousModel;
}

export interface FamilyEdit {
  family(family: Family): void;
  field(name: string, value: string): void;
  mirrored(value: boolean): void;
}

const rowsOf = (model: ContinuousModel) =>
  model.family === 'quantiles' ? model.u.map((u, i) => `${u}\t${model.reward[i]}`).join('\n') : '';

/** The fields of a continuous law. */
export function familyFields(model: ContinuousModel, draft: Record<string, string>, edit: FamilyEdit): TemplateResult {
  const values = model as unknown as Record<string, number>;
  const text = (event: Event) => (event.currentTarget as HTMLInputElement).value;
  return html`<p class="family">
      <label>Its law is
        <select @change=${(event: Event) => edit.family(text(event) as Family)}>
          ${Object.entries(familyNames)
            .filter(([family]) => family !== 'student_t')
            .map(
              ([family, [name]]) => html`<option value=${family} ?selected=${family === model.family}>${name}</option>`,
            )}
        </select>
      </label>
      ${families[model.family].map(
        (name) => html`<label>${name}
          <input inputmode="decimal" aria-label=${name} .value=${draft[name] ?? String(values[name])} @change=${(event: Event) => edit.field(name, text(event))} />
        </label>`,
      )}
      <label><input type="checkbox" .checked=${model.mirrored === true}
        @change=${(event: Event) => edit.mirrored((event.currentTarget as HTMLInputElement).checked)} /> mirrored</label>
    </p>
    ${
      model.family === 'quantiles'
        ? html`<label class="quantiles">One line a quantile: a level from 0 to 1, then its reward
            <textarea rows="8" spellcheck="false" .value=${draft.quantiles ?? rowsOf(model)}
              @change=${(event: Event) => edit.field('quantiles', (event.currentTarget as HTMLTextAreaElement).value)}></textarea></label>`
        : ''
    }`;
}

/** The model with one field set to what was typed: a number where it is one, else the text, for the scenario's rules to refuse. */
export function withField(model: ContinuousModel, name: string, value: string): unknown {
  const number = (text: string) => (Number.isNaN(readNumber(text)) ? text : readNumber(text));
  if (name !== 'quantiles') return { ...model, [name]: number(value) };
  const rows = value
    .split('\n')
    .filter((line) => line.trim() !== '')
    // A comma separates only where nothing else does: elsewhere it is a decimal one.
    .map((line) => line.trim().split(/[\s;]/.test(line.trim()) ? /,?[\s;]+/ : /,/));
  return { ...model, u: rows.map(([u = '']) => number(u)), reward: rows.map(([, reward = '']) => number(reward)) };
}
