import { scaleLinear, scaleLog } from 'd3-scale';
import { svg, type TemplateResult } from 'lit';
import { chosen, power } from '../words/format.js';
import type { PartName, Shown } from '../words/shown.js';
import { axes, roomFor } from './axes.js';
import type { Claim } from './claims.js';
import { type Column, type Figure, nearestIndex } from './figure.js';
import { around, type Label, placeLabels } from './labels.js';
import { path, tenth } from './path.js';

/** A curve, or marks where `marks`; null where it is not defined. */
export interface Series {
  name: string;
  className: string;
  x: readonly number[];
  y: readonly (number | null)[];
  marks?: boolean;
  /** Where along the curve its name stands, from 0 to 1; left out for a curve without one. */
  label?: number;
  /** Which side of the curve: 1 above, −1 below. */
  side?: 1 | -1;
  shorter?: string[];
}

export interface Mark {
  x: number;
  y: number;
  text: string;
  className: string;
  shape?: 'dot' | 'diamond';
  side?: 1 | -1;
  right?: 1 | -1;
}

export interface Scale {
  domain: [number, number];
  label: string;
  log?: boolean;
  ticks?: number[];
  format?(value: number): string;
}

/** What a figure of lines shows. */
export interface Plot {
  x: Scale;
  y: Scale;
  series: Series[];
  /** Dotted verticals. */
  rules?: { at: number; text?: string }[];
  marks?: Mark[];
}

export interface LinesFigure {
  name: string;
  part?: PartName;
  tall?: number;
  claims: readonly Claim[];
  plot(shown: Shown): Plot | null;
  columns(shown: Shown): Column[];
  read(shown: Shown, at: number): TemplateResult | string;
}

const top = 30;
const below = 48;

const plain = (v: number) => chosen(v, 4);
const decade = (v: number) => (v >= 0.01 && v < 1e4 ? chosen(v, 3) : power(Math.round(Math.log10(v))));

function ticksOf(scale: Scale, length: number): number[] {
  if (scale.ticks) return scale.ticks;
  const [low, high] = scale.domain;
  if (!scale.log) return scaleLinear(scale.domain, [0, 1]).ticks(length > 420 ? 6 : 4);
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const stride = Math.max(1, Math.ceil((last - first) / 5));
  return Array.from({ length: Math.floor((last - first) / stride) + 1 }, (_, i) => 10 ** (last - i * stride)).reverse();
}

function scalesOf(plot: Plot, width: number, height: number) {
  const format = plot.y.format ?? (plot.y.log ? decade : plain);
  const rows = ticksOf(plot.y, height);
  const frame = { left: roomFor(rows.map(format), 30), right: 14, top, bottom: below };
  const make = ({ log, domain }: Scale, range: [number, number]) =>
    (log ? scaleLog(domain, range) : scaleLinear(domain, range)).clamp(true);
  return {
    x: make(plot.x, [frame.left, width - frame.right]),
    y: make(plot.y, [height - below, top]),
    rows,
    format,
    frame,
  };
}

type Point = [number, number];

/** The edges of a plot, in pixels. */
interface Edges {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Which share of the way from one point to another is within the edges, as its ends; null where none is. */
function within([x0, y0]: Point, [x1, y1]: Point, { left, right, top: above, bottom }: Edges): [number, number] | null {
  let from = 0;
  let to = 1;
  for (const [step, room] of [
    [x0 - x1, x0 - left],
    [x1 - x0, right - x0],
    [y0 - y1, y0 - above],
    [y1 - y0, bottom - y0],
  ] as const) {
    // A bound is crossed where step times the share is the room that is left.
    if (step === 0 && room < 0) return null;
    if (step < 0) from = Math.max(from, room / step);
    if (step > 0) to = Math.min(to, room / step);
  }
  return from <= to ? [from, to] : null;
}

/** Runs of neighbouring points that are defined, in pixels; a curve that leaves the plot is cut at its edge. */
function runsOf(series: Series, x: (v: number) => number, y: (v: number) => number, edges: Edges): Point[][] {
  const runs: Point[][] = [[]];
  const add = (point: Point) => runs.at(-1)?.push(point);
  const end = () => runs.at(-1)?.length && runs.push([]);
  let last: Point | null = null;
  series.x.forEach((at, i) => {
    const value = series.y[i] ?? null;
    const point: Point | null = value === null ? null : [x(at), y(value)];
    const known = point?.every(Number.isFinite) ? point : null;
    const before = series.marks ? known : (last ?? known);
    last = known;
    const cut = known && before && within(before, known, edges);
    if (!cut) {
      end();
      return;
    }
    const on = (share: number): Point => [
      before[0] + share * (known[0] - before[0]),
      before[1] + share * (known[1] - before[1]),
    ];
    if (before !== known && runs.at(-1)?.length === 0) add(on(cut[0]));
    add(on(cut[1]));
    if (cut[1] < 1) end();
  });
  return runs.filter((run) => run.length > 0);
}

/** A name in a curve's colour, without what only lines have. */
const colour = (className: string) => className.replaceAll(/\b(thin|dashed|sharp)\b/g, '').trim();

const shape = ({ shape: kind, className }: Mark, px: number, py: number) =>
  kind === 'diamond'
    ? svg`<path class="dot ${className}" d="M${px} ${py - 6.5}l6.5 6.5l-6.5 6.5l-6.5 -6.5z"></path>`
    : svg`<circle class="dot ${className}" cx=${px} cy=${py} r="5"></circle>`;

/** Marks as one path, in a shape of their policy's: hundreds of elements would cost a drag its frames. */
function marksPath(className: string, points: readonly [number, number][]): string {
  const one = className.includes('best-of-n')
    ? ([x, y]: [number, number]) => `M${x} ${y - 3.6}l3.6 3.6l-3.6 3.6l-3.6 -3.6z`
    : className.includes('base')
      ? ([x, y]: [number, number]) => `M${x - 2.5} ${y - 2.5}h5v5h-5z`
      : ([x, y]: [number, number]) => `M${x - 2.8} ${y}a2.8 2.8 0 1 0 5.6 0a2.8 2.8 0 1 0 -5.6 0z`;
  return points.map(([x, y]) => one([tenth(x), tenth(y)])).join('');
}

/** What of a mark's surroundings a label keeps clear of. */
const extentOf = ([x, y]: [number, number]): [number, number][] => [
  [x - 6, y],
  [x + 6, y],
  [x, y - 4],
  [x, y + 4],
];

/** Whether there is a curve to see, or a mark: a flat line says something, no line does not. */
const hasContent = (plot: Plot | null): boolean =>
  plot !== null &&
  ((plot.marks?.length ?? 0) > 0 ||
    plot.series.some(
      ({ x, y }) => x.length > 0 && y.some((v) => v !== null && Number.isFinite(v) && (!plot.y.log || v > 0)),
    ));

/** Where everything stands, in pixels. */
function layOut(plot: Plot, width: number, tall: number) {
  const scaled = scalesOf(plot, width, tall);
  const { x, y, frame } = scaled;
  const bottom = tall - frame.bottom;
  const edges = { left: frame.left, right: width - frame.right, top, bottom };
  const free = { x: x.copy().clamp(false), y: y.copy().clamp(false) };
  return {
    ...scaled,
    bottom,
    drawn: plot.series.map((series) => ({ series, runs: runsOf(series, free.x, free.y, edges) })),
    rules: (plot.rules ?? []).map(({ at: value, text }) => ({ px: x(value), text })),
    marks: (plot.marks ?? []).map((mark) => ({ mark, px: x(mark.x), py: y(mark.y) })),
  };
}

type Layout = ReturnType<typeof layOut>;

const markLabels = ({ marks }: Layout): Label[] =>
  marks.map(({ mark, px, py }) => ({
    text: mark.text,
    className: `strong ${mark.className}`,
    size: 13.5,
    places: [
      ...around(px, py, mark.side ?? 1, mark.right ?? 1),
      ...around(px, py, mark.side === -1 ? 1 : -1, mark.right ?? 1),
    ],
  }));

const seriesLabels = ({ drawn }: Layout): Label[] =>
  drawn.flatMap(({ series, runs }): Label[] => {
    const points = runs.flat();
    if (series.label === undefined || points.length === 0) return [];
    const [px, py] = points[Math.round(series.label * (points.length - 1))] as Point;
    const side = series.side ?? 1;
    return [
      {
        text: series.name,
        shorter: series.shorter ?? [],
        className: `strong ${colour(series.className)}`,
        size: 13.5,
        places: [...around(px, py, side, 1), ...around(px, py, side === 1 ? -1 : 1, 1)],
        optional: true,
      },
    ];
  });

const ruleLabels = ({ rules, bottom }: Layout): Label[] =>
  rules.flatMap(({ px, text }): Label[] =>
    text
      ? [
          {
            text,
            className: 'note',
            optional: true,
            places: [bottom - 8, bottom - 24, top + 12, top + 28, (top + bottom) / 2].flatMap((py) => [
              { x: px + 6, y: py, anchor: 'start' as const },
              { x: px - 6, y: py, anchor: 'end' as const },
            ]),
          },
        ]
      : [],
  );

/** All labels, clear of curves, lines and marks. */
function labels(layout: Layout, width: number) {
  const { drawn, rules, marks, bottom, frame } = layout;
  const obstacles: Point[][] = [
    ...drawn.flatMap(({ runs, series }) => (series.marks ? runs.flat().map(extentOf) : runs)),
    ...rules.map(({ px }): Point[] => [
      [px, top],
      [px, bottom],
    ]),
    ...marks.map(({ px, py }) => extentOf([px, py])),
  ];
  return placeLabels([...markLabels(layout), ...seriesLabels(layout), ...ruleLabels(layout)], obstacles, {
    left: frame.left,
    right: width,
    bottom,
  });
}

/** Where each curve stands at `cursor`, as far as it is within the plot. */
const cursors = (plot: Plot, { drawn, x, y }: Layout, cursor: number) =>
  drawn.map(({ series }) => {
    const k = nearestIndex(series.x, cursor);
    const value = series.y[k];
    const [low, high] = plot.y.domain;
    if (value === null || value === undefined || value < low || value > high || series.className.includes('sharp'))
      return '';
    return svg`<circle class="cursor" cx=${x(series.x[k] as number)} cy=${y(value)} r="4"></circle>`;
  });

/** @param at position of the read-out along the first series, or null */
function drawPlot(plot: Plot, width: number, tall: number, at: number | null) {
  const layout = layOut(plot, width, tall);
  const { x, y, rows, format, frame, bottom, drawn } = layout;
  const cursor = at === null ? undefined : plot.series[0]?.x[at];
  return svg`
        ${axes(
          {
            at: x,
            ticks: ticksOf(plot.x, width),
            format: plot.x.format ?? (plot.x.log ? decade : plain),
            label: plot.x.label,
          },
          { at: y, ticks: rows, format, label: plot.y.label },
          width,
          tall,
          frame,
        )}
        ${layout.rules.map(({ px }) => svg`<line class="budget" x1=${px} x2=${px} y1=${top} y2=${bottom}></line>`)}
        ${drawn.map(({ series, runs }) =>
          series.marks
            ? svg`<path class="fill ${series.className}" d=${marksPath(series.className, runs.flat())}></path>`
            : runs.map((run) => svg`<path class="curve ${series.className}" d=${path(run)}></path>`),
        )}
        ${cursor === undefined ? '' : cursors(plot, layout, cursor)}
        ${layout.marks.map(({ mark, px, py }) => shape(mark, px, py))}
        ${labels(layout, width)}`;
}

/** A figure of curves over one axis, read out along its first series. */
export function linesFigure(spec: LinesFigure): Figure {
  const height = (width: number) => (width > 560 ? (spec.tall ?? 330) : 270);
  const leading = (shown: Shown) => spec.plot(shown)?.series[0]?.x ?? [];
  return {
    name: spec.name,
    ...(spec.part ? { part: spec.part } : {}),
    height,
    claims: spec.claims,
    isEmpty: (shown) => !hasContent(spec.plot(shown)),
    columns: spec.columns,
    positions: (shown) => leading(shown).length,
    nearest(shown, width, tall, px) {
      const plot = spec.plot(shown);
      if (!plot) return 0;
      const { x } = scalesOf(plot, width, tall);
      return nearestIndex(
        leading(shown).map((value) => x(value)),
        px,
      );
    },
    read: spec.read,
    draw(shown, width, tall, at) {
      const plot = spec.plot(shown);
      return plot ? drawPlot(plot, width, tall, at) : svg``;
    },
  };
}

/**
 * An axis with ends at round numbers, about a tenth of its length apart: while something is dragged it holds still for
 * as long as it can, and the curve is what moves.
 */
export function rounded([low, high]: [number, number]): [number, number] {
  const [from = low, to = high] = scaleLinear([low, high], [0, 1]).nice(10).domain();
  // A round number may be off by the last bit, and the curve's end with it.
  return [Math.min(from, low), Math.max(to, high)];
}

/** An axis that holds some numbers. */
export function extent(values: readonly (number | null)[]): [number, number] {
  const known = values.filter((v): v is number => v !== null && Number.isFinite(v));
  if (known.length === 0) return [0, 1];
  const low = Math.min(...known);
  const high = Math.max(...known);
  return rounded(low < high ? [low, high] : [low, low + (Math.abs(low) || 1) / 10]);
}
