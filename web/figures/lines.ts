import { scaleLinear, scaleLog } from 'd3-scale';
import { svg, type TemplateResult } from 'lit';
import { chosen, power } from '../page/format.js';
import type { PartName, Shown } from '../page/shown.js';
import { axes, roomFor } from './axes.js';
import { type Column, type Figure, nearestIndex } from './figure.js';
import { around, type Label, placeLabels } from './labels.js';
import { path } from './path.js';

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
  caption(shown: Shown): { claim: string; rest: string };
  plot(shown: Shown): Plot | null;
  columns(shown: Shown): Column[];
  read(shown: Shown, at: number): TemplateResult | string;
}

const top = 30;
const below = 48;

const plain = (v: number) =>
  Math.abs(v) >= 1e-3 || v === 0 ? chosen(v, 4) : power(Math.round(Math.log10(Math.abs(v))));
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

/** Runs of neighbouring defined points within the plot, in pixels. */
function runsOf(series: Series, plot: Plot, x: (v: number) => number, y: (v: number) => number): [number, number][][] {
  const runs: [number, number][][] = [[]];
  const [x0, x1] = plot.x.domain;
  const [low, high] = plot.y.domain;
  let last: [number, number] | null = null;
  series.x.forEach((at, i) => {
    const value = series.y[i] ?? null;
    const inside = value !== null && at >= x0 && at <= x1 && value >= low && value <= high;
    // A curve that leaves the plot ends at its edge.
    const crossing =
      value !== null && last !== null && !inside && last[1] >= low && last[1] <= high && at >= x0 && at <= x1;
    if (value !== null && (inside || crossing)) runs.at(-1)?.push([x(at), y(value)]);
    if (!inside && runs.at(-1)?.length) runs.push([]);
    last = value === null ? null : [at, value];
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
  return points.map(([x, y]) => one([Math.round(10 * x) / 10, Math.round(10 * y) / 10])).join('');
}

/** What of a mark's surroundings a label keeps clear of. */
const extentOf = ([x, y]: [number, number]): [number, number][] => [
  [x - 6, y],
  [x + 6, y],
  [x, y - 4],
  [x, y + 4],
];

/** A figure of curves over one axis, read out along its first series. */
export function linesFigure(spec: LinesFigure): Figure {
  const height = (width: number) => (width > 560 ? (spec.tall ?? 330) : 270);
  const leading = (shown: Shown) => spec.plot(shown)?.series[0]?.x ?? [];
  return {
    name: spec.name,
    ...(spec.part ? { part: spec.part } : {}),
    height,
    caption: spec.caption,
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
      if (!plot) return svg``;
      const { x, y, rows, format, frame } = scalesOf(plot, width, tall);
      const bottom = tall - frame.bottom;
      const drawn = plot.series.map((series) => ({ series, runs: runsOf(series, plot, x, y) }));
      const rules = (plot.rules ?? []).map(({ at: value, text }) => ({ px: x(value), text }));
      const marks = (plot.marks ?? []).map((mark) => ({ mark, px: x(mark.x), py: y(mark.y) }));
      const labels: Label[] = [
        ...marks.map(
          ({ mark, px, py }): Label => ({
            text: mark.text,
            className: `strong ${mark.className}`,
            size: 13.5,
            places: [
              ...around(px, py, mark.side ?? 1, mark.right ?? 1),
              ...around(px, py, mark.side === -1 ? 1 : -1, mark.right ?? 1),
            ],
          }),
        ),
        ...drawn.flatMap(({ series, runs }): Label[] => {
          const points = runs.flat();
          if (series.label === undefined || points.length === 0) return [];
          const [px, py] = points[Math.round(series.label * (points.length - 1))] as [number, number];
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
        }),
        ...rules.flatMap(({ px, text }): Label[] =>
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
        ),
      ];
      const obstacles: [number, number][][] = [
        ...drawn.flatMap(({ runs, series }) => (series.marks ? runs.flat().map(extentOf) : runs)),
        ...rules.map(({ px }): [number, number][] => [
          [px, top],
          [px, bottom],
        ]),
        ...marks.map(({ px, py }) => extentOf([px, py])),
      ];
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
        ${rules.map(({ px }) => svg`<line class="budget" x1=${px} x2=${px} y1=${top} y2=${bottom}></line>`)}
        ${drawn.map(({ series, runs }) =>
          series.marks
            ? svg`<path class="fill ${series.className}" d=${marksPath(series.className, runs.flat())}></path>`
            : runs.map((run) => svg`<path class="curve ${series.className}" d=${path(run)}></path>`),
        )}
        ${
          cursor === undefined
            ? ''
            : drawn.map(({ series }) => {
                const k = nearestIndex(series.x, cursor);
                const value = series.y[k];
                const [low, high] = plot.y.domain;
                if (
                  value === null ||
                  value === undefined ||
                  value < low ||
                  value > high ||
                  series.className.includes('sharp')
                )
                  return '';
                return svg`<circle class="cursor" cx=${x(series.x[k] as number)} cy=${y(value)} r="4"></circle>`;
              })
        }
        ${marks.map(({ mark, px, py }) => shape(mark, px, py))}
        ${placeLabels(labels, obstacles, { left: frame.left, right: width, bottom })}`;
    },
  };
}

/**
 * An axis with ends at round numbers, about a tenth of its length apart: while something is dragged it holds still for
 * as long as it can, and the curve is what moves.
 */
export const rounded = (domain: [number, number]): [number, number] =>
  scaleLinear(domain, [0, 1]).nice(10).domain() as [number, number];

/** An axis that holds some numbers. */
export function extent(values: readonly (number | null)[]): [number, number] {
  const known = values.filter((v): v is number => v !== null && Number.isFinite(v));
  if (known.length === 0) return [0, 1];
  const low = Math.min(...known);
  const high = Math.max(...known);
  return rounded(low < high ? [low, high] : [low, low + (Math.abs(low) || 1) / 10]);
}
