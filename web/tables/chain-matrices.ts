import { html, svg, type TemplateResult } from 'lit';
import type { ChainMatrices } from '../engine/tables.js';
import { featuresOf } from '../models/transform.js';
import { chosen, number } from '../words/format.js';
import { hasNoBudget, isConstant, isPastSaturation } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import type { PlacedTable } from './table.js';

const of = ({ view }: Shown) => view.tables?.chain ?? null;

/** States up to which each probability is written out. */
const legible = 6;
/** Opacities that a picture of more states tells apart. */
const shades = 8;
/** The darkest cell, so that numbers in it stay legible. */
const darkest = 0.5;

const far = (x: number | null | undefined) => number(x ?? null, 2);
/** Differences that no digit of a probability tells. */
const same = 1e-12;

function distances(shown: Shown): string {
  const c = of(shown);
  const middle =
    (c?.middle_to_limit ?? 1) < same
      ? 'every probability is the limit’s'
      : `no probability is farther than ${far(c?.middle_to_limit)} from the limit’s`;
  return `At step ${chosen(c?.middle_step ?? null)} of ${chosen(c?.length ?? null)} ${middle}; at the last step one is ${far(c?.last_to_limit)} away.`;
}

/** A matrix of few states, with its numbers. */
function written(matrix: readonly number[], states: readonly string[]): TemplateResult {
  return html`<thead><tr><td></td>${states.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${states.map(
      (name, i) =>
        html`<tr><th scope="row">${name}</th>${states.map((_, j) => {
          const p = matrix[i * states.length + j] as number;
          return html`<td style="--p:${(100 * darkest * p).toFixed(1)}%">${number(p, 3)}</td>`;
        })}</tr>`,
    )}</tbody>`;
}

/** One of many: squares by their opacity, each shade in one stroke of the pen. */
function drawn(matrix: readonly number[], count: number, className: string): TemplateResult {
  const squares = Array.from({ length: shades }, () => '');
  matrix.forEach((p, i) => {
    const shade = Math.min(shades - 1, Math.ceil(p * shades) - 1);
    if (shade >= 0) squares[shade] += `M${i % count} ${Math.floor(i / count)}h1v1h-1z`;
  });
  return html`<svg class="heat ${className}" viewBox="0 0 ${count} ${count}" role="img" aria-label="${count} states, darker where a step is more likely">
    ${squares.map((d, i) => svg`<path d=${d} fill="currentColor" opacity=${(i + 1) / shades}></path>`)}
  </svg>`;
}

function matrixOf(name: string, matrix: readonly number[], className: string, states: readonly string[]) {
  if (matrix.length === 0)
    return html`<figure class="matrix"><figcaption>${name}</figcaption><p class="muted">none here</p></figure>`;
  return states.length <= legible
    ? html`<table class="matrix ${className}"><caption>${name}</caption>${written(matrix, states)}</table>`
    : html`<figure class="matrix"><figcaption>${name}</figcaption>${drawn(matrix, states.length, className)}</figure>`;
}

/** Which matrices there are: at a length of 1 or 2 the middle is an end. */
const steps = ({ first, middle, last, middle_step, length }: ChainMatrices): [string, readonly number[]][] => [
  ...(length > 1 ? [['first step', first] as [string, readonly number[]]] : []),
  ...(length > 2 ? [[`step ${chosen(middle_step)}`, middle] as [string, readonly number[]]] : []),
  ['last step', last],
];

/** The optimum of a chain as a chain, beside its limit and the base. */
export const chainMatrices: PlacedTable = {
  name: 'chain',
  title: 'Steps of the base, of KL-RL and of its limit',
  part: 'chain',
  of: 'chains',
  claims: [
    { holds: isConstant, claim: 'Nothing to buy.', rest: 'Every draft earns the same.' },
    { holds: hasNoBudget, claim: 'No budget, no tilt.', rest: 'Without a budget every step is the base’s.' },
    {
      holds: isPastSaturation,
      claim: 'Only the best is left.',
      rest: 'No finite α spends so much: the optimum follows the best paths alone.',
    },
    {
      holds: (shown) => (of(shown)?.limit.length ?? 0) === 0,
      claim: 'No limit is known.',
      rest: 'The chain may stay in one of several parts, its rewards may share no lattice, or α may be too large.',
    },
    {
      holds: (shown) => (of(shown)?.middle.length ?? 0) === 0,
      claim: 'The end is felt everywhere.',
      rest: 'This chain forgets so slowly that its steps far from the end take too long here.',
    },
    {
      holds: (shown) => Math.max(of(shown)?.first_to_limit ?? 1, of(shown)?.last_to_limit ?? 1) <= 1e-9,
      claim: 'First and last are tilted alike.',
      rest: 'What is to come does not depend on the step before, so every step is tilted as the limit is.',
    },
    {
      holds: (shown) => (of(shown)?.middle_to_limit ?? 1) < (of(shown)?.last_to_limit ?? 0),
      claim: 'Away from its end the optimum nears one chain.',
      rest: distances,
    },
    { claim: 'So few steps are all near the end.', rest: distances },
  ],
  place(shown) {
    const c = of(shown);
    if (!c) return html``;
    const names = featuresOf(shown.scenario).states?.(shown.scenario.model) ?? [];
    const states = c.state.map((i) => names[i] ?? String(i + 1));
    return html`<div class="matrices">
      ${matrixOf('base', c.base, 'base', states)}
      ${steps(c).map(([name, matrix]) => matrixOf(`KL-RL, ${name}`, matrix, 'kl-rl', states))}
      ${matrixOf('KL-RL, limit', c.limit, 'kl-rl', states)}
    </div>`;
  },
};
