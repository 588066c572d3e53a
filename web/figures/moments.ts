import { html } from 'lit';
import { chosen, number } from '../page/format.js';
import type { Shown } from '../page/shown.js';
import { extent, linesFigure } from './lines.js';

const cumulantsOf = ({ view }: Shown) => view.statements.cumulants ?? null;
const renyiOf = ({ view }: Shown) => view.statements.renyi ?? null;

/** (1/n) log E e^tS under each policy. */
export const cumulants = linesFigure({
  name: 'cumulants',
  statement: 'cumulants',
  caption(shown) {
    if (shown.view.report.kl_rl.alpha === null)
      return { claim: 'Past saturation.', rest: 'Every moment is that of the best reward.' };
    const of = cumulantsOf(shown);
    return {
      claim: 'Moments part at t = α.',
      rest: `Up to t = α best-of-N’s scaled cumulant is a straight line, then the base’s plus the budget${of ? `; marks: exact at n = ${chosen(of.exact_length, 3)}` : ''}.`,
    };
  },
  plot(shown) {
    const of = cumulantsOf(shown);
    if (!of || of.t.length === 0) return null;
    const every = of.t.map((_, i) => i).filter((i) => i % 4 === 0);
    return {
      x: { domain: [of.t[0] as number, of.t.at(-1) as number], label: 't, per unit of reward' },
      y: { domain: extent([...of.base, ...of.kl_rl, ...of.exact_best_of_n]), label: '(1/n) log E exp(tS) (nats)' },
      series: [
        { name: 'best of N', className: 'best-of-n dashed', x: of.t, y: of.best_of_n, label: 0.2 },
        { name: 'KL-RL', className: 'kl-rl', x: of.t, y: of.kl_rl, label: 0.9 },
        { name: 'base', className: 'base', x: of.t, y: of.base, label: 0.75, side: -1 },
        {
          name: 'best of N, exact',
          className: 'best-of-n',
          x: every.map((i) => of.t[i] as number),
          y: every.map((i) => of.exact_best_of_n[i] as number),
          marks: true,
        },
      ],
      rules: of.alpha === null || of.alpha === 0 ? [] : [{ at: of.alpha, text: 't = α' }],
    };
  },
  columns(shown) {
    const of = cumulantsOf(shown);
    return [
      { name: 't', values: of?.t ?? [] },
      { name: 'base', values: of?.base ?? [] },
      { name: 'KL-RL', values: of?.kl_rl ?? [] },
      { name: 'best of N, limit', values: of?.best_of_n ?? [] },
      { name: `best of N, exact at n = ${of?.exact_length ?? ''}`, values: of?.exact_best_of_n ?? [] },
    ];
  },
  read(shown, at) {
    const of = cumulantsOf(shown);
    if (!of) return '';
    return html`t = ${number(of.t[at] as number, 4)}: <span class="muted">base ${number(of.base[at] as number, 4)}</span>,
      <span class="kl-rl">KL-RL ${number(of.kl_rl[at] as number, 4)}</span>, <span class="best-of-n">best-of-N ${number(of.best_of_n[at] as number, 4)},
      exact ${number(of.exact_best_of_n[at] as number, 4)}</span>`;
  },
});

const divergencesOf = ({ view }: Shown) => view.statements.divergences ?? null;

/** Renyi divergences of both policies from a continuous base. */
export const divergences = linesFigure({
  name: 'divergences',
  statement: 'divergences',
  caption: ({ view }) => ({
    claim: 'Best-of-N is never far anywhere.',
    rest: `Its Rényi divergence from the base stays under log N = ${number(view.report.budget.log_n, 4)} at every order; the tilt’s goes on growing, for it makes the best rewards ever likelier.`,
  }),
  plot(shown) {
    const of = divergencesOf(shown);
    if (!of) return null;
    const { report } = shown.view;
    return {
      x: { domain: [0, of.order.at(-1) ?? 4], label: 'order s' },
      y: { domain: [0, 2.2 * Math.max(report.budget.log_n, 1e-3)], label: 'Rényi divergence from the base (nats)' },
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

/** H_s(p||q) against its order. */
export const renyi = linesFigure({
  name: 'renyi',
  statement: 'renyi',
  caption(shown) {
    const of = renyiOf(shown);
    if (!of || of.at_optimum === null)
      return {
        claim: 'Cross entropy falls with its order.',
        rest: 'Every cumulant is a Rényi cross entropy of the base to the reward’s own model.',
      };
    return {
      claim: 'One curve holds every moment.',
      rest: `H falls from ${number(of.at_one, 4)} at order 1 to ${number(of.at_optimum, 4)} at 1 + α; KL(φ‖p) = ${number(of.kl_forward, 4)} and KL(p‖φ) = ${number(of.kl_reverse ?? 0, 4)} are positive and sum to α times the gain, ${number(of.jeffreys ?? 0, 4)}.`,
    };
  },
  plot(shown) {
    const of = renyiOf(shown);
    if (!of) return null;
    return {
      x: { domain: [of.order[0] as number, of.order.at(-1) as number], label: 'order s' },
      y: { domain: extent(of.cross_entropy), label: 'Rényi cross entropy H(p‖q) (nats)' },
      series: [{ name: 'Hₛ(p‖q), q ∝ exp(reward)', className: 'ink', x: of.order, y: of.cross_entropy, label: 0.2 }],
      marks: [
        { x: 1, y: of.at_one, text: 's = 1', className: 'base', side: -1 as const, right: -1 as const },
        ...(of.at_optimum === null || of.alpha === null || of.alpha === 0
          ? []
          : [{ x: 1 + of.alpha, y: of.at_optimum, text: 's = 1 + α', className: 'kl-rl' }]),
      ],
    };
  },
  columns: (shown) => [
    { name: 'order', values: renyiOf(shown)?.order ?? [] },
    { name: 'cross entropy (nats)', values: renyiOf(shown)?.cross_entropy ?? [] },
  ],
  read(shown, at) {
    const of = renyiOf(shown);
    return of
      ? html`order ${number(of.order[at] as number, 4)}: ${number(of.cross_entropy[at] as number, 6)} nats`
      : '';
  },
});
