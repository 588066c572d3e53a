import { html } from 'lit';
import { amount, chosen, notKnown, number } from '../page/format.js';
import type { Shown } from '../page/shown.js';
import { lengthName, lengths } from './lengths.js';
import { linesFigure } from './lines.js';

const unitOf = ({ unit }: Shown) => unit ?? 'token';
const share = (x: number | null | undefined) => (x == null ? notKnown : `${number(100 * x, 5)} %`);
const fixedOf = ({ view }: Shown) => view.statements.fixed ?? null;

/** Best-of-N's gain over KL-RL's at equal KL. */
export const fixed = linesFigure({
  name: 'fixed',
  part: 'fixed',
  caption(shown) {
    const of = fixedOf(shown);
    if (!of || of.length.length === 0)
      return { claim: 'Nothing to compare.', rest: 'Without a budget neither policy gains anything.' };
    return {
      claim: 'N must grow with the text.',
      rest: `With N fixed, best-of-N earns ${number(100 * of.limit, 4)} % of what the same KL could buy, however long the text; with N = e^(δn) it earns all of it in the end${of.fixed.includes(null) || of.growing.includes(null) ? `; where a curve breaks off it could not be had` : ''}.`,
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
      ? html`${amount(of.length[at] as number, unitOf(shown))}: N fixed ${share(of.fixed[at])}, <span class="best-of-n">N = exp(δn) ${share(of.growing[at])}</span>`
      : '';
  },
});
