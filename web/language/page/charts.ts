import { html } from 'lit';
import type { Column } from '../../figures/figure.js';
import type { Chart, Curve } from '../../samples/page/chart.js';
import { number, plural, whole } from '../../words/format.js';
import type { Equivalence, FromDrafts } from '../types.js';

/** The exact numbers of words of the book without a transformer, at one length. */
export interface Shadow {
  length: number;
  gap: number;
  kl: number;
}
export interface Shadows {
  /** Each word by itself. */
  order0: readonly Shadow[];
  /** The next word's reward depends on this one's. */
  order1: readonly Shadow[];
}

/** What was measured at one length in words. */
export interface Measured {
  length: number;
  found: Equivalence;
}

/** Lengths that are looked at, up to the longest. */
export const lengthsTo = (most: number) =>
  [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 48, 64].filter((n) => n < most).concat(most);

export const three = (x: number) => number(x, 3);
export const within = ({ value, interval: [low, high] }: FromDrafts, per = 1) =>
  `${three(value / per)} [${three(low / per)}, ${three(high / per)}]`;

interface Point {
  length: number;
  value: number;
  ends: readonly [number, number];
}

type Quantity = 'gap' | 'kl_to_kl_rl';

/** A word's share, of those that the drafts can tell. */
const pointsOf = (measured: readonly Measured[], quantity: Quantity): Point[] =>
  measured.flatMap(({ length, found }) => {
    const told = found[quantity];
    return told
      ? [
          {
            length,
            value: told.value / length,
            ends: [told.interval[0] / length, told.interval[1] / length] as const,
          },
        ]
      : [];
  });

function shadowCurve(
  name: string,
  shorter: string,
  className: string,
  rows: readonly Shadow[],
  of: 'gap' | 'kl',
  side: 1 | -1,
): Curve {
  return {
    name,
    shorter: [shorter],
    className,
    x: rows.map(({ length }) => length),
    y: rows.map((row) => row[of]),
    band: rows.map(() => null),
    label: 0.15,
    side,
  };
}

export interface Told {
  claim: string;
  rest: string;
}

/** The transformer's curve, and beside it what is exact. */
function curvesOf(points: readonly Point[], shadows: Shadows | null, of: 'gap' | 'kl'): Curve[] {
  const own: Curve = {
    name: 'the transformer',
    className: 'best-of-n',
    x: points.map(({ length }) => length),
    y: points.map(({ value }) => value),
    band: points.map(({ ends }) => ends),
    label: 0.8,
    side: 1,
  };
  if (!shadows) return [own];
  return [
    own,
    shadowCurve('words by themselves, exact', 'by themselves', 'base', shadows.order0, of, -1),
    shadowCurve('with what follows what, exact', 'order 1', 'base dashed', shadows.order1, of, 1),
  ];
}

/** The same as a table. */
function columnsOf(
  lengths: readonly number[],
  points: readonly Point[],
  shadows: Shadows | null,
  of: 'gap' | 'kl',
): Column[] {
  const at = (n: number) => points.find(({ length }) => length === n);
  const exact = (rows: readonly Shadow[]) => lengths.map((n) => rows.find(({ length }) => length === n)?.[of] ?? null);
  return [
    { name: 'words', values: [...lengths] },
    { name: 'transformer', values: lengths.map((n) => at(n)?.value ?? null) },
    { name: 'from', values: lengths.map((n) => at(n)?.ends[0] ?? null) },
    { name: 'to', values: lengths.map((n) => at(n)?.ends[1] ?? null) },
    ...(shadows
      ? [
          { name: 'words by themselves', values: exact(shadows.order0) },
          { name: 'order 1', values: exact(shadows.order1) },
        ]
      : []),
  ];
}

function readOut(point: Point | undefined, shadows: Shadows | null, of: 'gap' | 'kl') {
  if (!point) return '';
  const { length, value, ends } = point;
  const shadow = shadows?.order0.find((row) => row.length === length);
  return html`${whole(length)} ${plural(length, 'word')}: <b>${three(value)}</b> [${three(ends[0])}, ${three(ends[1])}]${shadow ? html`; words by themselves ${three(shadow[of])}` : ''}`;
}

/** @param shadows null where the reward has none */
function chartOf(
  quantity: Quantity,
  measured: readonly Measured[],
  shadows: Shadows | null,
  said: Told,
  label: string,
): Chart {
  const points = pointsOf(measured, quantity);
  const of = quantity === 'gap' ? 'gap' : 'kl';
  const curves = curvesOf(points, shadows, of);
  const lengths = (shadows?.order0 ?? points).map(({ length }) => length);
  const most = Math.max(2, ...lengths);
  const values = [...points.flatMap(({ ends }) => ends), ...curves.flatMap(({ y }) => y)];
  const high = Math.max(...values, 0) * 1.05 || 1;
  const ticks = [1, 2, 4, 8, 16, 32, 64].filter((n) => n < most * 0.8).concat(most);
  const decimals = high > 2 ? 1 : high > 0.2 ? 2 : 3;
  return {
    name: of,
    ...said,
    x: {
      domain: [1, most],
      log: true,
      ticks: ticks.map((n) => ({ at: n, text: whole(n) })),
      label: 'words of a draft',
    },
    y: {
      domain: [Math.min(0, ...values), high],
      label,
      format: (value) => value.toFixed(decimals).replace('-', '−'),
    },
    curves,
    marks: [],
    upright: null,
    stretch: null,
    columns: columnsOf(lengths, points, shadows, of),
    read: (i) => readOut(points[i], shadows, of),
  };
}

export const gapChart = (measured: readonly Measured[], shadows: Shadows | null, said: Told) =>
  chartOf('gap', measured, shadows, said, 'reward a word that best-of-N leaves to the optimum');
export const klChart = (measured: readonly Measured[], shadows: Shadows | null, said: Told) =>
  chartOf('kl_to_kl_rl', measured, shadows, said, 'KL of best-of-N to the optimum, nats a word');
