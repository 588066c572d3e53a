import { html } from 'lit';
import { amount, number } from '../words/format.js';
import { hasNoBudget, isConstant, lacksAlpha } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import { lengthName, lengths } from './lengths.js';
import { linesFigure } from './lines.js';

const unitOf = ({ unit }: Shown) => unit ?? 'token';
const decades = (values: readonly (number | null)[], least = 1e-14): [number, number] => {
  const known = values.filter((v): v is number => v !== null && v > least);
  if (known.length === 0) return [0.1, 1];
  return [10 ** Math.floor(Math.log10(Math.min(...known))), 10 ** Math.ceil(Math.log10(Math.max(...known)))];
};

/** KL(best-of-N||KL-RL) per token against length. */
export const divergence = linesFigure({
  name: 'divergence',
  part: 'gap',
  claims: [
    {
      holds: hasNoBudget,
      claim: 'No budget, no divergence.',
      rest: 'Both policies are the base model at every length.',
    },
    {
      holds: isConstant,
      claim: 'No divergence.',
      rest: 'Where every draft earns the same, both policies are the base model.',
    },
    {
      holds: lacksAlpha,
      claim: 'Past saturation.',
      rest: 'The optimum is a single choice, from which best-of-N is infinitely far.',
    },
    {
      claim: (shown) => `Per ${unitOf(shown)}, the two become one.`,
      rest: (shown) =>
        `Their KL divergence itself grows like ½ log n in the end; divided by n it vanishes${shown.view.gap?.kl_to_kl_rl.includes(null) ? '; where the curve breaks off it could not be had' : ''}.`,
    },
  ],
  plot({ view: { gap }, ...shown }) {
    if (!gap) return null;
    return {
      x: { ...lengths, label: `${shown.unit ?? 'token'}s in the text`, format: lengthName },
      y: {
        domain: decades(gap.kl_to_kl_rl),
        log: true,
        label: `KL(best of N‖KL-RL) per ${shown.unit ?? 'token'} (nats)`,
      },
      series: [
        { name: 'exact', className: 'ink', x: gap.length, y: gap.kl_to_kl_rl, label: 0.7 },
        { name: 'predicted', className: 'thin sharp', x: gap.length, y: gap.kl_to_kl_rl_sharp, label: 0.4, side: -1 },
      ],
    };
  },
  columns: ({ view: { gap }, unit }) => [
    { name: `${unit ?? 'token'}s`, values: gap?.length ?? [] },
    { name: 'KL per token (nats)', values: gap?.kl_to_kl_rl ?? [] },
    { name: 'predicted', values: gap?.kl_to_kl_rl_sharp ?? [] },
  ],
  read(shown, at) {
    const { gap } = shown.view;
    const sharp = gap?.kl_to_kl_rl_sharp[at] ?? null;
    return html`${amount(gap?.length[at] ?? 0, unitOf(shown))}: ${number(gap?.kl_to_kl_rl[at] ?? null, 4)} nats per ${unitOf(shown)}${
      sharp === null ? '' : html`, predicted ${number(sharp, 4)}`
    }`;
  },
});
