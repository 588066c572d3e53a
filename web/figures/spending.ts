import { html } from 'lit';
import { chosen, number } from '../words/format.js';
import { hasNoBudget, isConstant, lacksAlpha } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import { extent, linesFigure, rounded } from './lines.js';

const of = ({ view }: Shown) => view.statements.tilt ?? null;
const each = ({ unit }: Shown) => (unit ? ` a ${unit}` : '');

/** g(alpha): what a tilt spends, with the root at the budget. */
export const spending = linesFigure({
  name: 'spending',
  part: 'tilt',
  tall: 270,
  claims: [
    {
      holds: isConstant,
      claim: 'No α spends anything.',
      rest: 'Where every draft earns the same, a tilt changes nothing.',
    },
    { holds: hasNoBudget, claim: 'No budget, no tilt.', rest: 'What a tilt spends rises from 0 at α = 0.' },
    { holds: lacksAlpha, claim: 'Past saturation.', rest: 'No finite α spends so much.' },
    {
      claim: 'One α spends the budget.',
      rest: (shown) =>
        `What a tilt spends rises with α, so it meets the budget once, at α = ${number(shown.view.report.kl_rl.alpha, 4)}.`,
    },
  ],
  plot(shown) {
    const tilt = of(shown);
    if (!tilt || tilt.at_alpha.length === 0) return null;
    return {
      x: { domain: rounded([0, tilt.at_alpha.at(-1) ?? 1]), label: 'inverse temperature α' },
      y: { domain: extent([0, ...tilt.kl]), label: `KL spent${each(shown)} (nats)` },
      series: [
        { name: 'αΛ′(α) − Λ(α)', className: 'kl-rl', x: tilt.at_alpha, y: tilt.kl, label: 0.8, side: 1 },
        {
          name: 'the budget',
          className: 'thin sharp',
          x: tilt.at_alpha,
          y: tilt.at_alpha.map(() => tilt.rate),
          label: 0.05,
        },
      ],
      marks:
        tilt.alpha === null || tilt.alpha === 0
          ? []
          : [{ x: tilt.alpha, y: tilt.rate, text: `α = ${chosen(tilt.alpha, 4)}`, className: 'kl-rl', side: -1 }],
    };
  },
  columns: (shown) => [
    { name: 'α', values: of(shown)?.at_alpha ?? [] },
    { name: `KL${each(shown)} (nats)`, values: of(shown)?.kl ?? [] },
  ],
  read(shown, at) {
    const tilt = of(shown);
    return html`α ${number(tilt?.at_alpha[at] ?? 0, 4)} spends ${number(tilt?.kl[at] ?? 0, 4)} nats${each(shown)}`;
  },
});
