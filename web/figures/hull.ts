import { html } from 'lit';
import { chosen, number } from '../words/format.js';
import { hasNoBudget, isConstant } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import { nearestIndex } from './figure.js';
import { extent, linesFigure, rounded } from './lines.js';

const of = ({ view }: Shown) => view.statements.hull ?? null;
const a = ({ unit }: Shown) => ` a ${unit ?? 'token'}`;

/** Where a transformed reward breaks the equivalence: the rate of its values, and the convex hull that KL-RL reaches. */
export const hull = linesFigure({
  name: 'hull',
  part: 'hull',
  tall: 300,
  claims: [
    { holds: isConstant, claim: 'One reward, one rate.', rest: 'Every draft earns the same.' },
    { holds: hasNoBudget, claim: 'No budget, no gap.', rest: 'Without a budget both policies are the base model.' },
    {
      holds: (shown) => of(shown) === null,
      claim: 'No limit is known.',
      rest: 'Rates are found of up to 5,000 rewards, and of chains whose rewards share a lattice and which do not stay in one of several parts.',
    },
    {
      holds: (shown) => of(shown)?.lost === 0,
      claim: 'Here the two agree in the limit.',
      rest: (shown) =>
        `At ${number(of(shown)?.delta ?? null, 3)} nats${a(shown)} both earn ${number(of(shown)?.kl_rl ?? null, 4)}${a(shown)}: what KL-RL mixes is no better than what best-of-N finds.`,
    },
    {
      claim: 'Here the equivalence breaks.',
      rest: (shown) =>
        `At ${number(of(shown)?.delta ?? null, 3)} nats${a(shown)} KL-RL earns ${number(of(shown)?.kl_rl ?? null, 4)}${a(shown)} in the limit, by mixing two rewards; best-of-N earns ${number(of(shown)?.best_of_n ?? null, 4)}.`,
    },
  ],
  plot(shown) {
    const curves = of(shown);
    if (!curves || curves.reward.length < 2) return null;
    const { reward, rate, hull: convex, delta, best_of_n, kl_rl } = curves;
    const high = Math.max(2.2 * delta, 0.023);
    const inView = reward.filter((_, i) => (convex[i] as number) <= high);
    const [low = 0, end = 1] = [inView[0], inView.at(-1)];
    return {
      x: { domain: rounded([Math.min(low, best_of_n), Math.max(end, kl_rl)]), label: `reward${a(shown)}` },
      y: { domain: extent([0, high]), label: `rate (nats${a(shown)})` },
      series: [
        { name: 'J', className: 'base', x: reward, y: rate, label: 0.1 },
        { name: 'conv J', className: 'kl-rl dashed', x: reward, y: convex, label: 0.7, side: -1 },
        { name: 'the budget', className: 'thin sharp', x: reward, y: reward.map(() => delta), label: 0.05 },
      ],
      marks: [
        {
          x: best_of_n,
          y: rate[nearestIndex(reward, best_of_n)] ?? delta,
          text: `best of N ${chosen(best_of_n, 4)}`,
          className: 'best-of-n',
          shape: 'diamond',
          side: 1,
        },
        {
          x: kl_rl,
          y: convex[nearestIndex(reward, kl_rl)] ?? delta,
          text: `KL-RL ${chosen(kl_rl, 4)}`,
          className: 'kl-rl',
          side: -1,
        },
      ],
    };
  },
  columns(shown) {
    const curves = of(shown);
    return [
      { name: `reward${a(shown)}`, values: curves?.reward ?? [] },
      { name: `J (nats${a(shown)})`, values: curves?.rate ?? [] },
      { name: `conv J (nats${a(shown)})`, values: curves?.hull ?? [] },
    ];
  },
  read(shown, at) {
    const curves = of(shown);
    if (!curves) return '';
    const rate = curves.rate[at] ?? null;
    return html`${number(curves.reward[at] as number, 4)}${a(shown)}: <span class="muted">J ${rate === null ? 'infinite' : number(rate, 4)}</span>,
      <span class="kl-rl">conv J ${number(curves.hull[at] as number, 4)}</span>`;
  },
});
