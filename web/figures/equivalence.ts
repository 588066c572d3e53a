import { html } from 'lit';
import { amount, chosen, number, power } from '../page/format.js';
import type { Shown } from '../page/shown.js';
import { linesFigure } from './lines.js';

const unitOf = ({ unit }: Shown) => unit ?? 'token';
const lengths = { domain: [1, 1e9] as [number, number], log: true, ticks: [1, 1e3, 1e6, 1e9] };
const lengthName = (n: number) => ({ 1: '1', 1e3: '1,000', 1e6: 'a million', 1e9: 'a billion' })[n] ?? '';
const decades = (values: readonly (number | null)[], least = 1e-14): [number, number] => {
  const known = values.filter((v): v is number => v !== null && v > least);
  if (known.length === 0) return [0.1, 1];
  return [10 ** Math.floor(Math.log10(Math.min(...known))), 10 ** Math.ceil(Math.log10(Math.max(...known)))];
};

/** KL(best-of-N||KL-RL) per token against length. */
export const divergence = linesFigure({
  name: 'divergence',
  caption(shown) {
    const { gap, report } = shown.view;
    if (!gap || report.kl_rl.alpha === null || report.budget.kl === 0)
      return { claim: 'Nothing to compare.', rest: 'One of the two policies is degenerate at this budget.' };
    return {
      claim: `Per ${unitOf(shown)}, the two become one.`,
      rest: `Their KL divergence itself grows like ½ log n; divided by n it vanishes.`,
    };
  },
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
    return html`${amount(gap?.length[at] ?? 0, unitOf(shown))}: ${number(gap?.kl_to_kl_rl[at] ?? 0, 4)} nats per ${unitOf(shown)}${
      sharp === null ? '' : html`, predicted ${number(sharp, 4)}`
    }`;
  },
});

const directionsOf = ({ view }: Shown) => view.statements.directions ?? null;

/** Both directions of the divergence. */
export const directions = linesFigure({
  name: 'directions',
  statement: 'directions',
  caption(shown) {
    const of = directionsOf(shown);
    if (!of || of.length.length === 0)
      return { claim: 'Nothing to compare.', rest: 'One of the two policies is degenerate at this budget.' };
    return {
      claim: 'In one direction only.',
      rest: `What the tilt writes, best-of-N hardly ever does: KL(KL-RL‖best of N) grows by a factor of ${number(of.factor, 3)} a ${unitOf(shown)} in the end.`,
    };
  },
  plot(shown) {
    const of = directionsOf(shown);
    if (!of || of.length.length === 0) return null;
    const last = of.length.at(-1) as number;
    const log10 = of.forward.map((v) => (v > 0 ? Math.log10(v) : null));
    const known = [...of.log10_reverse, ...log10].filter((v): v is number => v !== null);
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

const fixedOf = ({ view }: Shown) => view.statements.fixed ?? null;

/** Best-of-N's gain over KL-RL's at equal KL. */
export const fixed = linesFigure({
  name: 'fixed',
  statement: 'fixed',
  caption(shown) {
    const of = fixedOf(shown);
    if (!of || of.length.length === 0)
      return { claim: 'Nothing to compare.', rest: 'Without a budget neither policy gains anything.' };
    return {
      claim: 'N must grow with the text.',
      rest: `With N fixed, best-of-N earns ${number(100 * of.limit, 4)} % of what the same KL could buy, however long the text; with N = e^(δn) it earns all of it in the end.`,
    };
  },
  plot(shown) {
    const of = fixedOf(shown);
    if (!of || of.length.length === 0) return null;
    const low = Math.min(...[...of.fixed, ...of.growing, of.limit].filter((v): v is number => v !== null));
    return {
      x: { ...lengths, label: `${unitOf(shown)}s in the text`, format: lengthName },
      y: {
        domain: [Math.floor(20 * low - 0.2) / 20, 1.01],
        label: 'share of KL-RL’s gain at equal KL',
        format: (v) => `${chosen(100 * v, 4)} %`,
      },
      series: [
        { name: 'N = exp(δn)', className: 'best-of-n dashed', x: of.length, y: of.growing, label: 0.85, side: -1 },
        { name: 'N fixed', className: 'ink', x: of.length, y: of.fixed, label: 0.6, side: -1 },
        { name: 'its limit', className: 'thin sharp', x: [1, 1e9], y: [of.limit, of.limit], label: 0 },
      ],
    };
  },
  columns(shown) {
    const of = fixedOf(shown);
    return [
      { name: `${unitOf(shown)}s`, values: of?.length ?? [] },
      { name: 'share, N fixed', values: of?.fixed ?? [] },
      { name: 'share, N = exp(δn)', values: of?.growing ?? [] },
    ];
  },
  read(shown, at) {
    const of = fixedOf(shown);
    return of
      ? html`${amount(of.length[at] as number, unitOf(shown))}: N fixed ${number(100 * (of.fixed[at] ?? 0), 5)} %, <span class="best-of-n">N = exp(δn) ${number(100 * (of.growing[at] ?? 0), 5)} %</span>`
      : '';
  },
});
