import { html } from 'lit';
import { isChain } from '../models/transform.js';
import { number } from '../words/format.js';
import { hasNoBudget, isConstant } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import { extent, linesFigure, rounded } from './lines.js';

const renyiOf = ({ view }: Shown) => view.statements.renyi ?? null;

/** H_s(p||q) against its order. */
export const renyi = linesFigure({
  name: 'renyi',
  part: 'renyi',
  claims: [
    {
      holds: isConstant,
      claim: 'A reward without a model of its own.',
      rest: 'Where every draft earns the same the reward tells no outcome from another.',
    },
    {
      holds: hasNoBudget,
      claim: 'One curve holds every moment.',
      rest: 'Every cumulant is a Rényi cross entropy of the base to the reward’s own model; without a budget nothing is tilted yet.',
    },
    {
      holds: (shown) => !renyiOf(shown) || renyiOf(shown)?.at_optimum === null || renyiOf(shown)?.kl_reverse === null,
      claim: 'Cross entropy falls with its order.',
      rest: 'Every cumulant is a Rényi cross entropy of the base to the reward’s own model.',
    },
    {
      claim: 'One curve holds every moment.',
      rest: (shown) => {
        const of = renyiOf(shown);
        return `H falls from ${number(of?.at_one ?? null, 4)} at order 1 to ${number(of?.at_optimum ?? null, 4)} at 1 + α; KL(φ‖p) = ${number(of?.kl_forward ?? null, 4)} and KL(p‖φ) = ${number(of?.kl_reverse ?? null, 4)} are positive and sum to α times the gain, ${number(of?.jeffreys ?? null, 4)}.`;
      },
    },
  ],
  plot(shown) {
    const of = renyiOf(shown);
    if (!of) return null;
    return {
      x: { domain: rounded([of.order[0] as number, of.order.at(-1) as number]), label: 'order s' },
      y: {
        domain: extent(of.cross_entropy),
        label: `Rényi cross entropy H(p‖q) (nats${isChain(shown) ? ` a ${shown.unit ?? 'token'}` : ''})`,
      },
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
