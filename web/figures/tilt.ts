import { html } from 'lit';
import { chosen, number } from '../page/format.js';
import type { Shown } from '../page/shown.js';
import { extent, linesFigure } from './lines.js';

const of = ({ view }: Shown) => view.statements.tilt ?? null;
const each = ({ unit }: Shown) => (unit ? ` a ${unit}` : '');

/** g(alpha): what a tilt spends, with the root at the budget. */
export const spending = linesFigure({
  name: 'spending',
  statement: 'tilt',
  tall: 270,
  caption(shown) {
    const tilt = of(shown);
    if (tilt?.alpha === null) return { claim: 'Past saturation.', rest: 'No finite α spends so much.' };
    return {
      claim: 'One α spends the budget.',
      rest: `What a tilt spends rises with α, so it meets the budget once${tilt ? `, at ${number(tilt.alpha ?? 0, 4)}` : ''}.`,
    };
  },
  plot(shown) {
    const tilt = of(shown);
    if (!tilt || tilt.at_alpha.length === 0) return null;
    return {
      x: { domain: [0, tilt.at_alpha.at(-1) ?? 1], label: 'inverse temperature α' },
      y: { domain: [0, extent(tilt.kl)[1]], label: `KL spent${each(shown)} (nats)` },
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

/** The dual function; its least value is the primal optimum. */
export const dual = linesFigure({
  name: 'dual',
  statement: 'tilt',
  tall: 270,
  caption(shown) {
    const tilt = of(shown);
    if (!tilt || tilt.alpha === null || tilt.alpha === 0)
      return { claim: 'Every α is a bound.', rest: 'No policy within the budget earns more than (δ + Λ(α))/α.' };
    return {
      claim: 'The least bound is attained.',
      rest: `Every α bounds what can be earned; the least bound, ${number(tilt.dual_minimum, 10)}, is what the tilt earns, ${number(tilt.primal, 10)}.`,
    };
  },
  plot(shown) {
    const tilt = of(shown);
    if (!tilt || tilt.at_alpha.length === 0) return null;
    const known = tilt.dual.filter((v): v is number => v !== null);
    const low = Math.min(...known, tilt.primal);
    // The bound is useless near α = 0: the axis ends where its right half does, and a little above.
    const right = Math.max(...known.slice(Math.floor(known.length / 4)));
    const high = right + 0.6 * (right - low || 1);
    return {
      x: { domain: [0, tilt.at_alpha.at(-1) ?? 1], label: 'inverse temperature α' },
      y: { domain: [low - 0.25 * (high - low), high], label: `bound on the reward${each(shown)}` },
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

/** R(rate) with its tangent. */
export const tangent = linesFigure({
  name: 'tangent',
  statement: 'tilt',
  tall: 270,
  caption(shown) {
    const tilt = of(shown);
    if (!tilt || tilt.tangent.length === 0)
      return { claim: 'Returns diminish.', rest: 'The reward that a budget buys is a concave function of it.' };
    return {
      claim: 'A nat more buys 1/α.',
      rest: `The slope of what a budget buys is the temperature: here ${number(tilt.slope, 4)} of reward a nat.`,
    };
  },
  plot(shown) {
    const tilt = of(shown);
    if (!tilt || tilt.at_rate.length === 0) return null;
    const [r0, w0, r1, w1] = tilt.tangent;
    const slope =
      r0 === undefined || w0 === undefined || r1 === undefined || w1 === undefined
        ? []
        : [{ name: 'slope 1/α', className: 'thin ink dashed', x: [r0, r1], y: [w0, w1], label: 1 }];
    return {
      x: { domain: [0, tilt.at_rate.at(-1) ?? 1], label: `KL budget${each(shown)} (nats)` },
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
