import { html, svg } from 'lit';
import { path } from '../../figures/path.js';
import { largest, smallest } from '../../scenario/extent.js';
import { signed, whole } from '../../words/format.js';
import type { HeldDraft, NamedGains } from '../protocol.js';
import type { PromptCurves } from '../types.js';
import { three } from './charts.js';

/** How many prompts each side shows. */
export const shownPrompts = 6;

/** Places of the prompts that gain most and lose most, most first; none is on both sides. */
export function extremes({ gains }: NamedGains): { gained: number[]; lost: number[] } {
  const order = Array.from(gains, (_, i) => i).sort((a, b) => (gains[b] ?? 0) - (gains[a] ?? 0) || a - b);
  return {
    gained: order.filter((i) => (gains[i] ?? 0) > 0).slice(0, shownPrompts),
    lost: order
      .filter((i) => (gains[i] ?? 0) < 0)
      .reverse()
      .slice(0, shownPrompts),
  };
}

const small = { width: 84, height: 34 };

/** A prompt's curve over N, small; the line is what one draft has. */
function curve({ n, reward, gold }: PromptCurves) {
  const values = gold.length > 0 ? gold : reward;
  const [low, most] = [Math.min(0, smallest(values)), largest(values)];
  const high = Math.max(most, low + 1e-9, gold.length > 0 && most <= 1 ? 1 : low);
  const last = Math.log(n.at(-1) ?? 1) || 1;
  const x = (at: number) => 1 + (Math.log(at) / last) * (small.width - 2);
  const y = (value: number) => small.height - 2 - ((value - low) / (high - low)) * (small.height - 4);
  const base = y(values[0] ?? 0);
  return html`<svg width=${small.width} height=${small.height} aria-hidden="true">${svg`<path class="grid" d="M0 ${base}H${small.width}"></path>
    <path class="curve" d=${path(n.map((at, i) => [x(at), y(values[i] ?? 0)]))}></path>`}</svg>`;
}

/** Small multiples: each opens its drafts. */
export function multiples(
  kind: 'gained' | 'lost',
  places: readonly number[],
  prompts: NamedGains,
  curves: ReadonlyMap<number, PromptCurves>,
  opened: number | null,
  onOpen: (prompt: number) => void,
) {
  return html`<ul class="multiples ${kind}">${places.map((place) => {
    const found = curves.get(place);
    const name = prompts.names[place] ?? '';
    const gain = signed(prompts.gains[place] ?? 0, 2);
    return html`<li><button type="button" aria-expanded=${opened === place} title=${name} @click=${() => onOpen(place)}>
      ${found ? curve(found) : html`<svg width=${small.width} height=${small.height} aria-hidden="true"></svg>`}
      <span class="name">${name.length > 14 ? `${name.slice(0, 13)}…` : name}</span> <b>${gain}</b></button></li>`;
  })}</ul>`;
}

/** A prompt's drafts, best reward first; the highest gold is marked. */
export function draftsTable(name: string, drafts: readonly HeldDraft[], onClose: () => void) {
  const best = largest(drafts.map(({ gold, reward }) => gold ?? reward));
  const hasText = drafts.some(({ text }) => text !== null);
  const list = [...drafts].reverse().slice(0, 200);
  return html`<div class="drafts-of">
    <p><b>${name.length > 200 ? `${name.slice(0, 200)}…` : name}</b>, ${whole(drafts.length)} drafts, those that the reward prefers first
      <button type="button" class="quiet" @click=${onClose}>Close</button></p>
    <div class="table" role="region" tabindex="0" aria-label="Drafts of ${name}"><table>
      <thead><tr><th scope="col">reward</th><th scope="col">gold</th><th scope="col">length</th>${hasText ? html`<th scope="col">draft</th>` : ''}</tr></thead>
      <tbody>${list.map(
        ({ reward, gold, length, text }) => html`<tr class=${(gold ?? reward) === best ? 'best' : ''}>
          <td>${three(reward)}</td><td>${gold === null ? '–' : three(gold)}</td><td>${length === null ? '–' : whole(length)}</td>${
            hasText ? html`<td class="text">${text ?? ''}</td>` : ''
          }</tr>`,
      )}</tbody>
    </table></div>
    ${drafts.length > list.length ? html`<p class="muted">The first ${whole(list.length)} of them.</p>` : ''}
  </div>`;
}

export type Order = 'name' | 'drafts' | 'gain';

/** All prompts, by whatever column the reader sorts. */
export function promptTable(
  { names, gains, drafts }: NamedGains,
  order: { by: Order; down: boolean },
  n: number,
  onSort: (by: Order) => void,
  onOpen: (prompt: number) => void,
) {
  const sign = order.down ? -1 : 1;
  const places = Array.from(gains, (_, i) => i).sort((a, b) => {
    const by =
      order.by === 'name'
        ? (names[a] ?? '').localeCompare(names[b] ?? '', 'en', { numeric: true })
        : order.by === 'drafts'
          ? (drafts[a] ?? 0) - (drafts[b] ?? 0)
          : (gains[a] ?? 0) - (gains[b] ?? 0);
    return sign * by || a - b;
  });
  const head = (by: Order, words: string) =>
    html`<th scope="col" aria-sort=${order.by === by ? (order.down ? 'descending' : 'ascending') : 'none'}><button type="button" class="quiet" @click=${() => onSort(by)}>${words}</button></th>`;
  const most = 500;
  return html`<div class="table prompts" role="region" tabindex="0" aria-label="All prompts"><table>
    <thead><tr>${head('name', 'prompt')}${head('drafts', 'drafts')}${head('gain', `gain at N = ${whole(n)}`)}</tr></thead>
    <tbody>${places.slice(0, most).map(
      (
        place,
      ) => html`<tr><th scope="row"><button type="button" class="quiet" @click=${() => onOpen(place)}>${(names[place] ?? '').slice(0, 80)}</button></th>
        <td>${whole(drafts[place] ?? 0)}</td><td>${signed(gains[place] ?? 0, 3)}</td></tr>`,
    )}</tbody>
  </table></div>
  ${places.length > most ? html`<p class="muted">The first ${whole(most)} of ${whole(places.length)}.</p>` : ''}`;
}
