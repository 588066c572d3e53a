import { html } from 'lit';
import { type Role, roles } from '../columns.js';
import type { Recognised } from '../import.js';
import { type Aggregation, type Layout, withChoice } from '../layout.js';
import type { Format } from '../reading/format.js';

const roleNames: Readonly<Record<Role, string>> = {
  prompt: 'prompt',
  reward: 'reward: drafts are chosen by it',
  gold: 'gold: drafts are judged by it',
  logprob: 'log-probability',
  answer: 'answer',
  text: 'the draft itself',
  length: 'length',
  run: 'which run',
  count: 'how many drafts it is',
};

const formatNames: Readonly<Record<Format, string>> = {
  csv: 'A table of cells',
  'json lines': 'JSON Lines',
  json: 'JSON',
  yaml: 'YAML',
  parquet: 'Parquet',
};

const aggregations: readonly [Aggregation, string][] = [
  ['last', 'the last step'],
  ['min', 'the least step'],
  ['product', 'the product of steps'],
];

/** Everything that was guessed of a file, with its first rows, to change before anything is computed. */
export function recognisedPanel(
  recognised: Recognised,
  layout: Layout,
  onChange: (layout: Layout) => void,
  onRead: () => void,
  onCancel: () => void,
) {
  const { columns, first, format } = recognised;
  const roleOf = (name: string): Role | '' => roles.find((role) => layout.columns[role] === name) ?? '';
  const choose = (name: string, role: string) => {
    const set: Partial<Layout['columns']> = {};
    for (const each of roles) if (layout.columns[each] === name) set[each] = null;
    if (role !== '') set[role as Role] = name;
    onChange(withChoice(columns, layout, set));
  };
  const rewardKind = columns.find(({ name }) => name === layout.columns.reward)?.kind;
  const hasSteps = rewardKind === 'lists' || (rewardKind === 'numbers' && layout.rows === 'draft');
  return html`<section class="recognised" aria-labelledby="recognised-title">
    <h2 id="recognised-title">What was recognised</h2>
    <p class="muted">${formatNames[format]}, ${layout.rows === 'draft' ? 'a row a draft' : 'a row a prompt with lists of its drafts'}. Change what is wrong; nothing was computed yet.</p>
    <div class="table" role="region" tabindex="0" aria-label="The first rows"><table>
      <thead>
        <tr>${columns.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr>
        <tr>${columns.map(
          ({ name }) =>
            html`<td><select aria-label="What ${name} is" @change=${(event: Event) =>
              choose(
                name,
                (event.target as HTMLSelectElement).value,
              )}><option value="" ?selected=${roleOf(name) === ''}>not used</option>${roles.map(
              (role) => html`<option value=${role} ?selected=${roleOf(name) === role}>${roleNames[role]}</option>`,
            )}</select></td>`,
        )}</tr>
      </thead>
      <tbody>${first.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
    </table></div>
    ${
      hasSteps
        ? html`<p><label>A draft's score is <select @change=${(event: Event) =>
            onChange({
              ...layout,
              scores: (event.target as HTMLSelectElement).value as Aggregation,
            })}>${aggregations.map(
            ([name, words]) => html`<option value=${name} ?selected=${layout.scores === name}>${words}</option>`,
          )}</select></label></p>`
        : ''
    }
    ${layout.columns.reward === null ? html`<p class="notice">Name a column of numbers as the reward: drafts are chosen by it.</p>` : ''}
    ${
      layout.columns.gold === null && layout.columns.reward !== null
        ? html`<p class="muted">No gold column: drafts are judged by what chooses them. Where that is 0 or 1 it is pass@N.</p>`
        : ''
    }
    <p><button type="button" class="button strong" ?disabled=${layout.columns.reward === null} @click=${onRead}>Which N?</button>
      <button type="button" class="button" @click=${onCancel}>Not this file</button></p>
  </section>`;
}
