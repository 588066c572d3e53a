import { html, type TemplateResult } from 'lit';
import { nats, number, whole } from '../../words/format.js';
import { judgedOf } from '../advice.js';
import { first } from '../called.js';
import type { BestOfNRow, Interval, Judged, SampleBudget, TiltRow } from '../types.js';
import { type Said, three } from './charts.js';

const rowAt = (judged: Judged, n: number) => judged.curves.best_of_n.find((row) => row.n === n) as BestOfNRow;
const ends = (interval: Interval) => (interval ? ` [${three(interval[0])}, ${three(interval[1])}]` : '');

/** The answer, with its doubt. */
export function sentence(judged: Judged, { reward, gold }: Said): TemplateResult {
  const { best, from, to, largest } = judged.advice;
  const value = (n: number) => three(judgedOf(rowAt(judged, n)).value);
  const what = gold ?? reward;
  if (largest === 1)
    return html`There is one draft a prompt: nothing to choose from. ${first(what)} is <b>${value(1)}</b>.`;
  if (rowAt(judged, largest).kl_plug_in === 0)
    return html`All drafts of a prompt have the same ${reward}: there is nothing to choose by. ${first(what)} is <b>${value(1)}</b>, whatever N.`;
  const doubt =
    judged.advice.gain_interval === null && best > 1
      ? html` How sure that is these data do not tell.`
      : from < to
        ? html` From ${whole(from)} to ${whole(to)} these data cannot tell the difference.`
        : '';
  if (gold === null)
    return html`The best of <b class="best-of-n">${whole(largest)}</b> drafts has ${reward} <b class="best-of-n">${value(largest)}</b>, against ${value(1)} for one draft. Judged by what chooses them, more drafts are never worse.`;
  if (best === 1)
    return html`Draw <b>1</b>. ${first(what)} is ${value(1)} for one draft, and ${value(largest)} for the best of ${whole(largest)} by ${reward}: choosing does not help.${doubt}`;
  const rest =
    best < largest
      ? html` and <b>${value(largest)}</b> for the best of ${whole(largest)}`
      : html`: the most drafts that every prompt has`;
  return html`Draw <b class="best-of-n">${whole(best)}</b>. Chosen by ${reward}, ${what} is then <b class="best-of-n">${value(best)}</b>, against ${value(1)} for one draft${rest}.${doubt}`;
}

/** What both policies have at a budget that was set. */
export function atBudget({ budget, best_of_n, kl_rl }: SampleBudget, { gold }: Said): TemplateResult {
  const row = gold === null ? 'reward' : 'gold';
  const has = (x: BestOfNRow | TiltRow) => html`<b>${three(x[row] ?? 0)}</b>${ends(x[`${row}_interval`])}`;
  return html`: at ${two(budget.kl)} nats best-of-${Number.isInteger(best_of_n.n) ? whole(best_of_n.n) : number(best_of_n.n, 3)} has ${has(best_of_n)}${
    kl_rl ? html`, KL-RL ${has(kl_rl)}` : '; KL-RL would rest on fewer than ten drafts'
  }.`;
}

/** The numbers beside it. */
export function numbers(judged: Judged, said: Said): TemplateResult {
  const { advice, curves } = judged;
  const best = rowAt(judged, said.gold === null ? advice.largest : advice.best);
  const ceiling = curves.ceiling.find(({ n }) => n === best.n);
  const line = (name: string, value: string | TemplateResult) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl>
    ${line(`KL of best-of-${whole(best.n)}, ties counted`, `${two(best.kl_plug_in)} nats`)}
    ${line('log N − (N−1)/N, its bound', `${two(best.kl_bound)} nats`)}
    ${
      advice.share_of_tilt === null
        ? ''
        : line('share of KL-RL’s gain at that KL', `${number(100 * advice.share_of_tilt, 3)} %`)
    }
    ${ceiling && best.n > 1 ? line('a selector that could tell', three(ceiling.gold)) : ''}
    ${best.n > 1 ? line('gain over one draft', `+${three(advice.gain)}${ends(advice.gain_interval)}`) : ''}
    ${
      said.gold !== null && best.n < advice.largest && advice.lost > 0
        ? line(`lost by going on to ${whole(advice.largest)}`, `−${three(advice.lost)}${ends(advice.lost_interval)}`)
        : ''
    }
    ${advice.correlation === null ? '' : line('correlation within a prompt', three(advice.correlation))}
    ${
      advice.gain_by_length === null || best.n === 1
        ? ''
        : line('of the reward’s gain, with length', `${number(100 * advice.gain_by_length, 2)} %`)
    }
  </dl>`;
}

const two = (x: number) => (x < 1000 ? x.toFixed(2) : nats(x));
