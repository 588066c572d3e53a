import { html } from 'lit';
import { amount, chosen, number, power } from '../words/format.js';
import { hasNoBudget, isConstant, isPastLimit, lacksAlpha } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import { linesFigure } from './lines.js';

const unitOf = ({ unit }: Shown) => unit ?? 'token';
const directionsOf = ({ view }: Shown) => view.statements.directions ?? null;

/** Both directions of the divergence. */
export const directions = linesFigure({
  name: 'directions',
  part: 'directions',
  claims: [
    { holds: hasNoBudget, claim: 'Nothing to compare.', rest: 'Without a budget both policies are the base model.' },
    {
      holds: isConstant,
      claim: 'Nothing to compare.',
      rest: 'Where every draft earns the same, both policies are the base model.',
    },
    {
      holds: lacksAlpha,
      claim: 'Past saturation.',
      rest: 'The optimum gives only the best, and best-of-N is infinitely far from it.',
    },
    {
      holds: isPastLimit,
      claim: 'Past saturation in the long run.',
      rest: 'So large a budget leaves long sequences nothing but the best, and best-of-N is infinitely far from it.',
    },
    {
      holds: (shown) => !directionsOf(shown)?.length.length,
      claim: 'Nothing to compare.',
      rest: 'The divergences could not be had here.',
    },
    {
      claim: 'In one direction only.',
      rest: (shown) =>
        `What the tilt writes, best-of-N hardly ever does: KL(KL-RL‖best of N) grows by a factor of ${number(directionsOf(shown)?.factor ?? null, 3)} a ${unitOf(shown)} in the end.`,
    },
  ],
  plot(shown) {
    const of = directionsOf(shown);
    if (!of || of.length.length === 0) return null;
    const last = of.length.at(-1) as number;
    const log10 = of.forward.map((v) => (v > 0 ? Math.log10(v) : null));
    const known = [...of.log10_reverse, ...log10].filter((v): v is number => v !== null);
    if (known.length === 0) return null;
    return {
      x: { domain: [1, last], label: `${unitOf(shown)}s in the text`, format: (v) => chosen(v, 3) },
      y: {
        domain: [Math.floor(Math.min(...known)), Math.ceil(Math.max(...known))],
        label: 'KL of the whole text (nats), logarithmic',
        format: (v) => (v === 0 ? '1' : v === 1 ? '10' : power(v, 1)),
      },
      series: [
        { name: 'KL(KL-RL‖best of N)', className: 'kl-rl', x: of.length, y: of.log10_reverse, label: 0.9 },
        { name: 'KL(best of N‖KL-RL)', className: 'best-of-n dashed', x: of.length, y: log10, label: 0.9, side: -1 },
      ],
    };
  },
  columns(shown) {
    const of = directionsOf(shown);
    return [
      { name: `${unitOf(shown)}s`, values: of?.length ?? [] },
      { name: 'KL(best of N‖KL-RL) (nats)', values: of?.forward ?? [] },
      { name: 'log10 KL(KL-RL‖best of N)', values: of?.log10_reverse ?? [] },
    ];
  },
  read(shown, at) {
    const of = directionsOf(shown);
    if (!of) return '';
    const log10 = of.log10_reverse[at] as number;
    return html`${amount(of.length[at] as number, unitOf(shown))}: <span class="best-of-n">KL(best of N‖KL-RL) ${number(of.forward[at] as number, 4)}</span>,
      <span class="kl-rl">KL(KL-RL‖best of N) ${Math.abs(log10) < 4 ? number(10 ** log10, 4) : power(log10, 1)}</span> nats`;
  },
});
