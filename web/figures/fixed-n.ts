import { html } from 'lit';
import { amount, chosen, notKnown, number, percent } from '../words/format.js';
import { hasNoBudget, isConstant, isPastSaturation } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import { lengthName, lengths } from './lengths.js';
import { linesFigure } from './lines.js';

const unitOf = ({ unit }: Shown) => unit ?? 'token';
const share = (x: number | null | undefined) => (x == null ? notKnown : `${number(100 * x, 5)}\u00a0%`);
const fixedOf = ({ view }: Shown) => view.statements.fixed ?? null;

const breaks = (shown: Shown) => {
  const of = fixedOf(shown);
  return of?.fixed.includes(null) || of?.growing.includes(null) ? '; where a curve breaks off it could not be had' : '';
};

/** Best-of-N's gain over KL-RL's at equal KL. */
export const fixed = linesFigure({
  name: 'fixed',
  part: 'fixed',
  claims: [
    { holds: hasNoBudget, claim: 'Nothing to compare.', rest: 'Without a budget neither policy gains anything.' },
    {
      holds: isConstant,
      claim: 'Nothing to compare.',
      rest: 'Where every draft earns the same no policy gains anything.',
    },
    {
      holds: isPastSaturation,
      claim: 'A fixed N falls behind in the end.',
      rest: 'With N = exp(δn) past saturation best-of-N earns nearly all there is at every length; with N fixed it does only while the text is short enough.',
    },
    {
      holds: (shown) => !fixedOf(shown)?.length.length,
      claim: 'Nothing to compare.',
      rest: 'The shares could not be had here.',
    },
    {
      holds: (shown) => {
        const of = fixedOf(shown);
        const [fixed, growing] = [of?.fixed.at(-1) ?? null, of?.growing.at(-1) ?? null];
        return fixed === null || growing === null || fixed >= growing;
      },
      claim: 'A fixed N falls behind in the end.',
      rest: (shown) =>
        `So large an N serves every length that is drawn here; with the same N and ever longer ${unitOf(shown)} sequences, the share tends to ${percent(fixedOf(shown)?.limit ?? null)} of what the same KL could buy${breaks(shown)}.`,
    },
    {
      claim: 'N must grow with the text.',
      rest: (shown) =>
        `With N fixed, the share that best-of-N earns of what the same KL could buy tends to ${percent(fixedOf(shown)?.limit ?? null)} as texts grow; with N = exp(δn) it tends to all of it${breaks(shown)}.`,
    },
  ],
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
      ? html`${amount(of.length[at] as number, unitOf(shown))}: N fixed ${share(of.fixed[at])}, <span class="best-of-n">N = exp(δn) ${share(of.growing[at])}</span>`
      : '';
  },
});
