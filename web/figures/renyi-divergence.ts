import { html } from 'lit';
import { number } from '../words/format.js';
import { hasNoBudget } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import { linesFigure, rounded } from './lines.js';

const divergencesOf = ({ view }: Shown) => view.statements.divergences ?? null;

/** Renyi divergences of both policies from a continuous base. */
export const divergences = linesFigure({
  name: 'divergences',
  part: 'divergences',
  claims: [
    {
      holds: hasNoBudget,
      claim: 'Nothing is spent yet.',
      rest: 'Neither policy diverges from the base, whichever way it is measured.',
    },
    {
      holds: (shown) => divergencesOf(shown)?.kl_rl.every((v) => v === null) ?? false,
      claim: 'Best-of-N is never far anywhere.',
      rest: ({ view }) =>
        `Its Rényi divergence from the base stays under log N = ${number(view.report.budget.log_n, 4)} at every order.`,
    },
    {
      holds: (shown) => divergencesOf(shown)?.best_of_n.every((v) => v === null) ?? false,
      claim: 'The tilt goes on growing.',
      rest: 'Its Rényi divergence from the base grows with the order, for it makes the best rewards ever likelier.',
    },
    {
      claim: 'Best-of-N is never far anywhere.',
      rest: ({ view }) =>
        `Its Rényi divergence from the base stays under log N = ${number(view.report.budget.log_n, 4)} at every order; the tilt’s goes on growing, for it makes the best rewards ever likelier.`,
    },
  ],
  plot(shown) {
    const of = divergencesOf(shown);
    if (!of) return null;
    const { report } = shown.view;
    return {
      x: { domain: [0, of.order.at(-1) ?? 4], label: 'order s' },
      y: {
        domain: rounded([0, 2.2 * Math.max(report.budget.log_n, 1e-3)]),
        label: 'Rényi divergence from the base (nats)',
      },
      series: [
        { name: 'KL-RL', className: 'kl-rl', x: of.order, y: of.kl_rl, label: 0.8 },
        { name: 'best of N', className: 'best-of-n dashed', x: of.order, y: of.best_of_n, label: 0.8, side: -1 },
        {
          name: 'log N',
          className: 'thin sharp',
          x: [0, of.order.at(-1) ?? 4],
          y: [report.budget.log_n, report.budget.log_n],
          label: 0,
        },
      ],
      rules: [{ at: 1, text: 'KL' }],
    };
  },
  columns: (shown) => [
    { name: 'order', values: divergencesOf(shown)?.order ?? [] },
    { name: 'KL-RL (nats)', values: divergencesOf(shown)?.kl_rl ?? [] },
    { name: 'best of N (nats)', values: divergencesOf(shown)?.best_of_n ?? [] },
  ],
  read(shown, at) {
    const of = divergencesOf(shown);
    if (!of) return '';
    const tilt = of.kl_rl[at] ?? null;
    return html`order ${number(of.order[at] as number, 3)}: <span class="kl-rl">KL-RL ${tilt === null ? 'infinite' : number(tilt, 4)}</span>,
      <span class="best-of-n">best-of-N ${of.best_of_n[at] == null ? 'not known' : number(of.best_of_n[at] as number, 4)}</span>`;
  },
});
