import { html, type TemplateResult } from 'lit';
import { rove } from '../figures/roving.js';
import { chosen, drafts, nats, notKnown, number, percent, whole } from '../words/format.js';
import { isSaturated, noteText } from '../words/missing.js';
import { raised } from '../words/raised.js';
import type { Shown } from '../words/shown.js';
import { type Meaning, term } from './term.js';

/** The numbers beside the sentence, each with what it means. */
export function summary({ view, unit }: Shown): TemplateResult {
  const { report, derived } = view;
  const left = unit ? derived.gap_per_token : report.gap.reward;
  const rows: [Meaning, string, string | TemplateResult][] = [
    [
      'N',
      'N',
      html`e<sup>${report.budget.log_n < 1e6 ? chosen(report.budget.log_n, 4) : whole(report.budget.log_n)}</sup> = ${raised(drafts(derived.n, derived.log10_n))}`,
    ],
    ['alpha', 'inverse temperature α', isSaturated(report) ? '∞' : number(report.kl_rl.alpha, 4)],
    ['spends', 'KL best-of-N spends', nats(report.best_of_n.kl)],
    [
      'leaves',
      unit ? `it leaves, a ${unit}` : 'it leaves',
      left === null
        ? notKnown
        : html`<span data-field=${unit ? 'gap_per_token' : 'gap.reward'} data-value=${String(left)}>${raised(number(left, 3))}</span>`,
    ],
    ['wins', 'it beats a base draft', percent(report.best_of_n.win_rate)],
  ];
  return html`<dl @keydown=${rove}>${rows.map(([meaning, name, value], i) => html`<div><dt>${term(meaning, name, i > 0)}</dt><dd>${typeof value === 'string' ? raised(value) : value}</dd></div>`)}</dl>
    ${report.notes ? html`<p class="muted small notes">${report.notes.map((note) => html`${raised(noteText(note))} `)}</p>` : ''}`;
}
