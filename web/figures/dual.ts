import { html } from 'lit';
import { number } from '../words/format.js';
import { isConstant } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import { linesFigure, rounded } from './lines.js';

const of = ({ view }: Shown) => view.statements.tilt ?? null;
const each = ({ unit }: Shown) => (unit ? ` a ${unit}` : '');

/** The dual function; its least value is the primal optimum. */
export const dual = linesFigure({
  name: 'dual',
  part: 'tilt',
  tall: 270,
  claims: [
    { holds: isConstant, claim: 'Nothing to bound.', rest: 'Every policy earns the same.' },
    {
      holds: (shown) => !of(shown)?.alpha,
      claim: 'Every α is a bound.',
      rest: 'No policy within the budget earns more than (δ + Λ(α))/α, at any α above 0.',
    },
    {
      claim: 'The least bound is attained.',
      rest: (shown) =>
        `Every α bounds what can be earned; the least bound is what the tilt earns, ${number(of(shown)?.primal ?? null, 5)}${each(shown)}.`,
    },
  ],
  plot(shown) {
    const tilt = of(shown);
    if (!tilt || tilt.at_alpha.length === 0) return null;
    const known = tilt.dual.filter((v): v is number => v !== null);
    if (known.length === 0) return null;
    const low = Math.min(...known, tilt.primal);
    // The bound is useless near α = 0: the axis ends where its right half does, and a little above.
    const right = Math.max(...known.slice(Math.floor(known.length / 4)));
    const high = right + 0.6 * (right - low || 1);
    return {
      x: { domain: rounded([0, tilt.at_alpha.at(-1) ?? 1]), label: 'inverse temperature α' },
      y: { domain: rounded([low - 0.25 * (high - low), high]), label: `bound on the reward${each(shown)}` },
      series: [
        { name: '(δ + Λ(α))/α', className: 'ink', x: tilt.at_alpha, y: tilt.dual, label: 0.85 },
        {
          name: 'what the tilt earns',
          className: 'kl-rl thin',
          x: tilt.at_alpha,
          y: tilt.at_alpha.map(() => tilt.primal),
          label: 0.7,
          side: -1,
        },
      ],
      marks:
        tilt.dual_alpha === null || tilt.dual_alpha === 0
          ? []
          : [
              {
                x: tilt.dual_alpha,
                y: tilt.dual_minimum,
                text: number(tilt.dual_minimum, 5),
                className: 'ink',
                side: -1,
              },
            ],
    };
  },
  columns: (shown) => [
    { name: 'α', values: of(shown)?.at_alpha ?? [] },
    { name: `bound${each(shown)}`, values: of(shown)?.dual ?? [] },
  ],
  read(shown, at) {
    const tilt = of(shown);
    const bound = tilt?.dual[at] ?? null;
    return html`α ${number(tilt?.at_alpha[at] ?? 0, 4)}: ${bound === null ? 'no bound' : html`at most ${number(bound, 6)}${each(shown)}`}`;
  },
});
