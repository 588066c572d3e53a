import { html } from 'lit';
import { isChain } from '../models/transform.js';
import { chosen, number } from '../words/format.js';
import { hasNoBudget, isConstant, isPastLimit, isPastSaturation } from '../words/holds.js';
import { lengthOf, type Shown } from '../words/shown.js';
import { extent, linesFigure, rounded } from './lines.js';

const cumulantsOf = ({ view }: Shown) => view.statements.cumulants ?? null;

/** What the marks are, and why they are of another length where they are. */
function marked(shown: Shown): string {
  const length = cumulantsOf(shown)?.exact_length;
  if (!length || !cumulantsOf(shown)?.exact_best_of_n.some((v) => v !== null)) return '';
  const at = chosen(length, 3);
  return length === lengthOf(shown.scenario)
    ? `. Marks: exact at n = ${at}`
    : `. Marks: exact at n = ${at}, the longest of which every sum is quickly listed`;
}

/** (1/n) log E e^tS under each policy. */
export const cumulants = linesFigure({
  name: 'cumulants',
  part: 'cumulants',
  claims: [
    {
      holds: isConstant,
      claim: 'One number holds every moment.',
      rest: 'Every draft earns the same under each of the three.',
    },
    { holds: isPastSaturation, claim: 'Past saturation.', rest: 'Every moment is that of the best reward.' },
    {
      holds: isPastLimit,
      claim: 'Past saturation in the long run.',
      rest: 'So large a budget leaves long sequences nothing but the best ways round, whose rewards are every moment.',
    },
    {
      holds: hasNoBudget,
      claim: 'One law, one curve.',
      rest: 'Without a budget both policies are the base model.',
    },
    {
      holds: (shown) => !cumulantsOf(shown)?.t.length,
      claim: 'Cumulants hold every moment.',
      rest: 'They could not be had here.',
    },
    {
      claim: 'Moments part at t = α.',
      rest: (shown) =>
        `In the limit best-of-N’s scaled cumulant is a straight line up to t = α${isChain(shown) ? ', that of long sequences,' : ','} then the base’s plus the budget${marked(shown)}.`,
    },
  ],
  plot(shown) {
    const of = cumulantsOf(shown);
    if (!of || of.t.length === 0) return null;
    const every = of.t.map((_, i) => i).filter((i) => i % 4 === 0);
    return {
      x: { domain: rounded([of.t[0] as number, of.t.at(-1) as number]), label: 't, per unit of reward' },
      y: { domain: extent([...of.base, ...of.kl_rl, ...of.exact_best_of_n]), label: '(1/n) log E exp(tS) (nats)' },
      series: [
        { name: 'best of N', className: 'best-of-n dashed', x: of.t, y: of.best_of_n, label: 0.2 },
        { name: 'KL-RL', className: 'kl-rl', x: of.t, y: of.kl_rl, label: 0.9 },
        { name: 'base', className: 'base', x: of.t, y: of.base, label: 0.75, side: -1 },
        {
          name: 'best of N, exact',
          className: 'best-of-n',
          x: every.map((i) => of.t[i] as number),
          y: every.map((i) => of.exact_best_of_n[i] ?? null),
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
      exact ${number(of.exact_best_of_n[at] ?? null, 4)}</span>`;
  },
});
