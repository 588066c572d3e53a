import { scaleLinear, scaleLog } from 'd3-scale';
import { type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import { roomFor } from '../../figures/axes.js';
import { type Column, nearestIndex } from '../../figures/figure.js';
import { around, type Label, moved, placeLabels } from '../../figures/labels.js';
import { path, tenth } from '../../figures/path.js';

/** A curve with its band, at ascending x; of an estimate without an interval the band is null. */
export interface Curve {
  name: string;
  className: string;
  x: readonly number[];
  y: readonly number[];
  band: readonly (readonly [number, number] | null)[];
  /** Where along it its name stands, 0 to 1, and on which side: 1 above. */
  label: number;
  side: 1 | -1;
  shorter?: string[];
  /** From this x on it is no estimate of what was drawn: drawn as dots. */
  until?: number;
}

export interface Mark {
  x: number;
  y: number;
  text: string;
  shorter?: string[];
  className: string;
  shape: 'dot' | 'diamond';
  side: 1 | -1;
  right: 1 | -1;
}

export interface Tick {
  at: number;
  text: string;
  /** What stands beneath it. */
  under?: string;
}

/** What a chart shows: measured curves over one axis, read out along the first. */
export interface Chart {
  name: string;
  claim: string;
  rest: string;
  x: { domain: [number, number]; log: boolean; ticks: Tick[]; label: string };
  y: { domain: [number, number]; label: string; format(value: number): string };
  curves: Curve[];
  marks: Mark[];
  /** A dotted upright, and a stretch of the axis with its words. */
  upright: number | null;
  stretch: { from: number; to: number; text: string } | null;
  columns: Column[];
  read(at: number): TemplateResult | string;
}

const top = 30;
const right = 14;

/** Room beneath the plot: ticks, what stands under them, the name of the axis. */
const belowOf = (chart: Chart) => (chart.x.ticks.some(({ under }) => under) ? 66 : 48);

function scalesOf(chart: Chart, width: number, height: number) {
  const rows = scaleLinear(chart.y.domain, [0, 1]).ticks(height > 300 ? 5 : 4);
  const left = roomFor(rows.map(chart.y.format), 34);
  const bottom = height - belowOf(chart);
  const make = chart.x.log ? scaleLog : scaleLinear;
  return {
    rows,
    left,
    bottom,
    x: make(chart.x.domain, [left, width - right]),
    y: scaleLinear(chart.y.domain, [bottom, top]),
  };
}

type Scales = ReturnType<typeof scalesOf>;
type Point = [number, number];

const pointsOf = ({ x: xs, y: ys }: Curve, { x, y }: Scales): Point[] => xs.map((at, i) => [x(at), y(ys[i] as number)]);

function bandPath({ x: xs, band }: Curve, { x, y }: Scales): string {
  const known = xs.flatMap((at, i) => {
    const ends = band[i];
    return ends ? [{ px: x(at), low: y(ends[0]), high: y(ends[1]) }] : [];
  });
  if (known.length < 2) return '';
  const upper = known.map(({ px, high }): Point => [px, high]);
  const lower = known.map(({ px, low }): Point => [px, low]).reverse();
  return `${path([...upper, ...lower])}Z`;
}

const shape = ({ shape: kind, className }: Mark, px: number, py: number) =>
  kind === 'diamond'
    ? svg`<path class="dot ${className}" d="M${px} ${py - 6.5}l6.5 6.5l-6.5 6.5l-6.5 -6.5z"></path>`
    : svg`<circle class="dot ${className}" cx=${px} cy=${py} r="5"></circle>`;

/** Ticks that have room: a text that would touch its neighbour is left out. */
function tickTexts({ x: { ticks } }: Chart, { x, bottom }: Scales, width: number) {
  let end = Number.NEGATIVE_INFINITY;
  const letter = 7;
  return ticks.map(({ at, text, under = '' }) => {
    const half = (Math.max(text.length, under.length) * letter) / 2;
    const px = Math.max(half, Math.min(x(at), width - half));
    if (px - half < end + 6) return '';
    end = px + half;
    return svg`<text class="tick" transform=${moved(px, bottom + 19)} text-anchor="middle">${text}</text>
      ${under ? svg`<text class="tick under" transform=${moved(px, bottom + 35)} text-anchor="middle">${under}</text>` : ''}`;
  });
}

function axes(chart: Chart, scales: Scales, width: number, height: number) {
  const { x, y, rows, left, bottom } = scales;
  const lines = rows.map((row) => `M${left} ${tenth(y(row))}H${width - right}`).join('');
  const ticks = chart.x.ticks.map(({ at }) => `M${tenth(x(at))} ${bottom}v5`).join('');
  return svg`<path class="grid" d=${lines}></path>
    ${rows.map((row) => svg`<text class="tick" transform=${moved(left - 8, y(row) + 4)} text-anchor="end">${chart.y.format(row)}</text>`)}
    <path class="axis" d="M${left} ${bottom}H${width - right}${ticks}"></path>
    ${tickTexts(chart, scales, width)}
    <text class="axis-name" x="0" y="12" text-anchor="start">↑ ${chart.y.label}</text>
    <text class="axis-name" x=${width - right} y=${height - 10} text-anchor="end">${chart.x.label} →</text>`;
}

function labels(chart: Chart, scales: Scales, width: number) {
  const { x, y, left, bottom } = scales;
  const drawn = chart.curves.map((curve) => pointsOf(curve, scales));
  const marks = chart.marks.map((mark): Label => {
    const [px, py] = [x(mark.x), y(mark.y)];
    const other = mark.side === 1 ? -1 : 1;
    return {
      text: mark.text,
      className: `strong ${mark.className}`,
      size: 13.5,
      shorter: mark.shorter ?? [],
      // Near its mark in fewer words rather than far from it in all.
      places: around(px, py, mark.side, mark.right).filter(({ x: at, y: on }) => Math.hypot(at - px, on - py) < 48),
      fallback: [...around(px, py, mark.side, mark.right), ...around(px, py, other, mark.right)],
    };
  });
  const names = chart.curves.flatMap((curve, i): Label[] => {
    const points = drawn[i] ?? [];
    const at = points[Math.round(curve.label * (points.length - 1))];
    if (!at || curve.name === '') return [];
    return [
      {
        text: curve.name,
        shorter: curve.shorter ?? [],
        className: `strong ${curve.className.replace(/\b(dashed|thin)\b/g, '').trim()}`,
        size: 13.5,
        optional: true,
        places: [...around(at[0], at[1], curve.side, 1), ...around(at[0], at[1], curve.side === 1 ? -1 : 1, 1)],
      },
    ];
  });
  const { stretch } = chart;
  const told: Label[] = stretch
    ? [
        {
          text: stretch.text,
          className: 'note',
          optional: true,
          places: [top + 12, bottom - 10, top + 28].flatMap((py) => [
            { x: x(stretch.to) + 6, y: py, anchor: 'start' as const },
            { x: x(stretch.from) - 6, y: py, anchor: 'end' as const },
          ]),
        },
      ]
    : [];
  const dots = chart.marks.map(({ x: at, y: value }): Point[] => [
    [x(at) - 7, y(value)],
    [x(at) + 7, y(value)],
    [x(at), y(value) - 6],
    [x(at), y(value) + 6],
  ]);
  const line: Point[] =
    chart.upright === null
      ? []
      : [
          [x(chart.upright), top],
          [x(chart.upright), bottom],
        ];
  return placeLabels([...marks, ...names, ...told], [...drawn, ...dots, line], { left, right: width, bottom });
}

/** A curve, and in dots what of it lies past what was drawn. */
function lines(curve: Curve, scales: Scales) {
  const points = pointsOf(curve, scales);
  const { until = Number.POSITIVE_INFINITY } = curve;
  const within = points.filter((_, i) => (curve.x[i] as number) <= until);
  const past = points.slice(Math.max(within.length - 1, 0));
  return svg`<path class="curve ${curve.className}" d=${path(within)}></path>${
    past.length > 1
      ? svg`<path class="curve past ${curve.className.replace('dashed', '')}" d=${path(past)}></path>`
      : ''
  }`;
}

/** @param at place along the first curve, or null */
export function drawChart(chart: Chart, width: number, height: number, at: number | null): SVGTemplateResult {
  const scales = scalesOf(chart, width, height);
  const { x, y, bottom } = scales;
  const { stretch, upright } = chart;
  const cursor = at === null ? undefined : chart.curves[0]?.x[at];
  return svg`
    ${stretch ? svg`<rect class="stretch" x=${tenth(x(stretch.from))} y=${top} width=${Math.max(2, tenth(x(stretch.to) - x(stretch.from)))} height=${bottom - top}></rect>` : ''}
    ${chart.curves.map((curve) => svg`<path class="band ${curve.className}" d=${bandPath(curve, scales)}></path>`)}
    ${axes(chart, scales, width, height)}
    ${upright === null ? '' : svg`<path class="budget" d="M${tenth(x(upright))} ${top}V${bottom}"></path>`}
    ${chart.curves.map((curve) => lines(curve, scales))}
    ${
      cursor === undefined
        ? ''
        : chart.curves.map((curve) => {
            const k = nearestIndex(curve.x, cursor);
            const last = curve.x.at(-1) ?? 0;
            return cursor > last * 1.2
              ? ''
              : svg`<circle class="cursor" cx=${x(curve.x[k] as number)} cy=${y(curve.y[k] as number)} r="4"></circle>`;
          })
    }
    ${chart.marks.map((mark) => shape(mark, tenth(x(mark.x)), tenth(y(mark.y))))}
    ${labels(chart, scales, width)}`;
}

/** Place along the first curve that is nearest to a pixel. */
export function nearestOf(chart: Chart, width: number, height: number, px: number): number {
  const { x } = scalesOf(chart, width, height);
  return nearestIndex(
    (chart.curves[0]?.x ?? []).map((at) => x(at)),
    px,
  );
}
