import { html } from 'lit';
import { number } from '../words/format.js';
import { isConstant } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import { extent, linesFigure, rounded } from './lines.js';

const of = ({ view }: Shown) => view.statements.tilt ?? null;
const each = ({ unit }: Shown) => (unit ? ` a ${unit}` : '');

const lacksTangent = (shown: Shown) => !of(shown)?.tangent.length;

/** R(rate) with its tangent. */
export const tangent = linesFigure({
  name: 'tangent',
  part: 'tilt',
  tall: 270,
  claims: [
    { holds: isConstant, claim: 'Nothing to buy.', rest: 'Every draft earns the same, whatever the budget.' },
    {
      holds: lacksTangent,
      claim: 'Returns diminish.',
      rest: 'The reward that a budget buys is a concave function of it.',
    },
    {
      claim: 'The next nat buys about 1/α.',
      rest: (shown) =>
        `The slope of what a budget buys is the temperature: at the budget, ${number(of(shown)?.slope ?? null, 4)} of reward a nat.`,
    },
  ],
  plot(shown) {
    const tilt = of(shown);
    if (!tilt || tilt.at_rate.length === 0) return null;
    const [r0, w0, r1, w1] = tilt.tangent;
    const slope =
      r0 === undefined || w0 === undefined || r1 === undefined || w1 === undefined
        ? []
        : [{ name: 'slope 1/α', className: 'thin ink dashed', x: [r0, r1], y: [w0, w1], label: 1 }];
    return {
      x: { domain: rounded([0, tilt.at_rate.at(-1) ?? 1]), label: `KL budget${each(shown)} (nats)` },
      y: { domain: extent([...tilt.reward, ...(w1 === undefined ? [] : [w1])]), label: `reward${each(shown)}` },
      series: [
        { name: 'R(δ)', className: 'kl-rl', x: tilt.at_rate, y: tilt.reward, label: 0.97, side: -1 as const },
        ...slope,
      ],
      marks: [{ x: tilt.rate, y: tilt.primal, text: number(tilt.primal, 4), className: 'kl-rl', side: -1 as const }],
    };
  },
  columns: (shown) => [
    { name: `KL budget${each(shown)} (nats)`, values: of(shown)?.at_rate ?? [] },
    { name: `reward${each(shown)}`, values: of(shown)?.reward ?? [] },
  ],
  read(shown, at) {
    const tilt = of(shown);
    return html`${number(tilt?.at_rate[at] ?? 0, 4)} nats${each(shown)} buy ${number(tilt?.reward[at] ?? 0, 4)}`;
  },
});
