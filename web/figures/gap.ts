import { scaleLog } from 'd3-scale';
import { html, svg } from 'lit';
import type { GapCurve } from '../engine/types.js';
import { amount, chosen, notKnown, number, plural, power } from '../words/format.js';
import { hasNoBudget, isConstant, isPastSaturation } from '../words/holds.js';
import { lengthOf, type Shown } from '../words/shown.js';
import { axes, whisker } from './axes.js';
import { type Figure, nearestIndex } from './figure.js';
import { type Label, placeLabels } from './labels.js';
import { lengthName, lengthTicks } from './lengths.js';
import { known, path } from './path.js';

const frame = { left: 52, right: 30, top: 30, bottom: 48 };
const height = (width: number) => (width > 560 ? 330 : 270);
/** Under this, what is left of a reward is the rounding of its last digits. */
const least = 1e-15;
/** The power of ten that ends every axis of doubles. */
const largest = 1e308;

const nothing: GapCurve = {
  length: [],
  gap: [],
  gap_sharp: [],
  gap_first_order: [],
  gap_lower: [],
  gap_upper: [],
  kl_to_kl_rl: [],
  kl_to_kl_rl_sharp: [],
};
const curveOf = ({ view }: Shown): GapCurve => view.gap ?? nothing;

/** The budget a token, in words. */
function perUnit({ view: { derived }, unit }: Shown): string {
  const rate = derived.kl_per_token ?? 0;
  return `${chosen(rate, 3)} ${plural(rate, 'nat')} a ${unit ?? 'token'}`;
}

function scales(shown: Shown, width: number, tall: number) {
  const curve = curveOf(shown);
  const values = known([...curve.gap, shown.view.derived.gap_per_token]).filter((v) => v > least);
  const high = Math.max(...values, 1e-8);
  const low = Math.min(...values, high / 10);
  const x = scaleLog([1, 1e9], [frame.left, width - frame.right]).clamp(true);
  const y = scaleLog(
    [10 ** Math.floor(Math.log10(low)), Math.min(10 ** Math.ceil(Math.log10(high)), largest)],
    [tall - frame.bottom, frame.top],
  ).clamp(true);
  return { x, y };
}

/** Where everything stands, in pixels. */
function layOut(shown: Shown, width: number, tall: number) {
  const curve = curveOf(shown);
  const { x, y } = scales(shown, width, tall);
  const visible = (values: readonly (number | null)[]) =>
    curve.length
      .map((n, i): [number, number | null] => [x(n), values[i] ?? null])
      .filter((point): point is [number, number] => point[1] !== null && point[1] > least)
      .map(([px, v]): [number, number] => [px, y(v)]);
  const here = shown.view.derived.gap_per_token ?? 0;
  const [low = 1, high = 1] = y.domain();
  return {
    x,
    y,
    low,
    high,
    exact: visible(curve.gap),
    sharp: visible(curve.gap_sharp),
    band: [...visible(curve.gap_lower), ...visible(curve.gap_upper).reverse()],
    here,
    px: x(lengthOf(shown.scenario)),
    py: here > least ? y(here) : tall - frame.bottom,
  };
}

type Layout = ReturnType<typeof layOut>;

function ticksOf({ exact, low, high }: Layout): number[] {
  if (exact.length === 0) return [];
  const decades = Math.round(Math.log10(high / low));
  const stride = Math.max(1, Math.ceil(decades / 5));
  return Array.from({ length: Math.floor(decades / stride) + 1 }, (_, i) => high / 10 ** (i * stride));
}

/** What is lost at this length, or why there is nothing to see. */
function hereLabel(shown: Shown, { exact, here, px, py }: Layout, tall: number): Label {
  const unit = shown.unit ?? 'token';
  const lacks = shown.view.derived.gap_per_token === null;
  const n = lengthOf(shown.scenario);
  const side = (d: number) => ({ x: px + 10 * Math.sign(d), anchor: d > 0 ? ('start' as const) : ('end' as const) });
  if (exact.length > 0)
    return {
      text: lacks ? `n = ${chosen(n, 3)}: ${notKnown}` : `n = ${chosen(n, 3)}: ${number(here, 3)} a ${unit}`,
      shorter: lacks ? [notKnown] : [`${number(here, 3)} a ${unit}`],
      className: 'note',
      places: [-8, -20, -34, 18, 34, -52, -72, -92, -112, -132, -152, -172].flatMap((dy) =>
        [1, -1].map((d) => ({ ...side(d), y: py + dy })),
      ),
    };
  return {
    ...(curveOf(shown).gap.includes(null)
      ? { text: `what best-of-N leaves could not be had`, shorter: [notKnown] }
      : { text: 'best-of-N leaves nothing at any length', shorter: ['best-of-N leaves nothing'] }),
    className: 'note',
    places: [1, -1].map((d) => ({ ...side(d), y: tall / 2 })),
  };
}

/** The names of both curves. */
function curveLabels({ exact, sharp }: Layout): Label[] {
  const middle = exact[Math.floor(exact.length * 0.72)];
  const early = sharp[Math.floor(sharp.length * 0.6)];
  const labels: Label[] = [];
  if (middle)
    labels.push({
      text: 'exact',
      className: 'strong',
      size: 13.5,
      places: [8, 20, 34].flatMap((d) => [
        { x: middle[0] + d, y: middle[1] - 8, anchor: 'start' as const },
        { x: middle[0] - d, y: middle[1] + 8 + d, anchor: 'end' as const },
      ]),
    });
  if (early)
    labels.push({
      text: 'predicted, log n / 2αn',
      shorter: ['predicted'],
      className: 'strong note',
      size: 13.5,
      optional: true,
      places: [24, 40, 60, 80, 100].flatMap((dy) =>
        [-12, -40, -80].map((dx) => ({ x: early[0] + dx, y: early[1] + dy, anchor: 'end' as const })),
      ),
    });
  return labels;
}

export const gap: Figure = {
  name: 'gap',
  part: 'gap',
  height,

  claims: [
    {
      holds: hasNoBudget,
      claim: 'No budget, no gap.',
      rest: 'Both policies are the base model at every length.',
    },
    {
      holds: isConstant,
      claim: 'Nothing to gain, no gap.',
      rest: (shown) => `Every ${shown.unit ?? 'token'} earns the same, at every length.`,
    },
    {
      holds: isPastSaturation,
      claim: 'Past saturation.',
      rest: (shown) => {
        const unit = shown.unit ?? 'token';
        return `At ${perUnit(shown)} the optimal policy gives only the best ${unit}; best-of-N comes as near as N allows.`;
      },
    },
    {
      holds: (shown) => known(curveOf(shown).gap).every((v) => v <= least),
      claim: 'No gap to see.',
      rest: (shown) =>
        `At ${perUnit(shown)} best-of-N leaves less than can be told from nothing at any length that could be had.`,
    },
    {
      holds: ({ view }) => !view.report.limits,
      claim: 'A gap that may stay.',
      rest: (shown) =>
        `A sequence of this kind may stay in one of several parts for good, or its rewards share no lattice: no limit is known here. At ${perUnit(shown)} the curve shows what best-of-N leaves of what the whole budget buys, as far as it could be had.`,
    },
    {
      claim: 'The gap closes.',
      rest: (shown) =>
        `At ${perUnit(shown)}, with N growing to match, what best-of-N leaves of what the whole budget buys falls per ${shown.unit ?? 'token'} like log n over n in the end${known(curveOf(shown).gap_lower).length > 0 ? '. It is proved to lie in the shade; the thin line is the prediction' : ''}${curveOf(shown).gap.includes(null) ? '; where the curve breaks off it could not be had' : ''}.`,
    },
  ],

  draw(shown, width, tall, at) {
    const curve = curveOf(shown);
    const layout = layOut(shown, width, tall);
    const { x, y, low, exact, sharp, band, here, px, py } = layout;
    const unit = shown.unit ?? 'token';
    const bottom = tall - frame.bottom;
    const line: [number, number][] = [
      [px, frame.top],
      [px, bottom],
    ];
    const labels = [hereLabel(shown, layout, tall), ...curveLabels(layout)];
    const cursor = at === null ? undefined : curve.length[at];
    const value = at === null ? undefined : curve.gap[at];
    return svg`
      ${axes(
        { at: x, ticks: lengthTicks, format: lengthName, label: `${unit}s in the text` },
        {
          at: y,
          ticks: ticksOf(layout),
          format: (v) => (v >= 0.01 && v < 1e4 ? chosen(v, 3) : power(Math.round(Math.log10(v)))),
          label: `reward lost per ${unit}`,
        },
        width,
        tall,
        frame,
      )}
      <line class="budget" x1=${px} x2=${px} y1=${frame.top} y2=${bottom}></line>
      <path class="area" d=${path(band)}></path>
      <path class="curve thin sharp" d=${path(sharp)}></path>
      <path class="curve exact" d=${path(exact)}></path>
      ${cursor !== undefined && value != null && value > least ? svg`<circle class="cursor" cx=${x(cursor)} cy=${y(value)} r="4"></circle>` : ''}
      ${whisker(shown.simulated?.gap_per_token, 'best-of-n', px + 13, (v) => y(Math.max(v, low)))}
      ${here > least ? svg`<circle class="dot ink" cx=${px} cy=${py} r="5"></circle>` : ''}
      ${placeLabels(labels, [exact, sharp, line], { left: frame.left, right: width, bottom })}`;
  },

  handle: {
    control: 'length',
    at: (shown, width, tall) => ({
      x: scales(shown, width, tall).x(lengthOf(shown.scenario)),
      top: frame.top,
      bottom: tall - frame.bottom,
    }),
    value: (shown, width, tall, px) => scales(shown, width, tall).x.invert(px),
  },

  columns(shown) {
    const curve = curveOf(shown);
    const unit = shown.unit ?? 'token';
    return [
      { name: `${unit}s`, values: curve.length },
      { name: `reward lost per ${unit}`, values: curve.gap },
      { name: 'the same, predicted', values: curve.gap_sharp },
      { name: 'the same, first order', values: curve.gap_first_order },
      { name: 'the same, proved at least', values: curve.gap_lower },
      { name: 'the same, proved at most', values: curve.gap_upper },
      { name: `KL of best-of-N from KL-RL per ${unit} (nats)`, values: curve.kl_to_kl_rl },
      { name: 'the same, predicted', values: curve.kl_to_kl_rl_sharp },
    ];
  },

  positions: (shown) => curveOf(shown).length.length,
  nearest: (shown, width, tall, px) =>
    nearestIndex(curveOf(shown).length.map(Math.log), Math.log(scales(shown, width, tall).x.invert(px))),
  read(shown, at) {
    const curve = curveOf(shown);
    const sharp = curve.gap_sharp[at] ?? null;
    return html`${amount(curve.length[at] as number, shown.unit ?? 'token')}: ${number(curve.gap[at] ?? null, 4)} lost per
      ${shown.unit ?? 'token'}${sharp === null ? '' : html`, predicted ${number(sharp, 4)}`}; proved: ${number(curve.gap_lower[at] ?? null, 3)} to
      ${number(curve.gap_upper[at] ?? null, 3)}`;
  },
};
