import { scaleLinear, scaleLog } from 'd3-scale';
import { html, svg } from 'lit';
import type { LawCurve, LawCurves } from '../engine/types.js';
import { amount, chosen, number, power } from '../words/format.js';
import { hasNoBudget, isConstant } from '../words/holds.js';
import { lengthOf, type Shown } from '../words/shown.js';
import { axes } from './axes.js';
import { type Figure, nearestIndex } from './figure.js';
import { around, type Label, placeLabels } from './labels.js';
import { areaPath, path } from './path.js';

const frame = { left: 8, right: 12, top: 30, bottom: 48 };
const discreteFrame = { ...frame, left: 44 };
const height = (width: number) => (width > 560 ? 330 : 270);
/** A law taller than this many times the lower of the other two is drawn lower, and its label says so. */
const tallest = 6;
/** Under this factor, a taller law still fits. */
const fits = 9;
const order = ['base', 'best_of_n', 'kl_rl'] as const;
type Name = (typeof order)[number];
const names = { base: 'base', best_of_n: 'best of N', kl_rl: 'KL-RL' };
const classes = { base: 'base', best_of_n: 'best-of-n', kl_rl: 'kl-rl' };

const perUnit = ({ unit }: Shown) => (unit ? ` per ${unit}` : '');
const peak = (law: LawCurve) => Math.max(...law.density);
/**
 * Where one reward holds most of the base's probability, points are drawn one by one: a line between them would claim
 * what lies between. Their probabilities span decades, so that axis is logarithmic and ends at the least one shown.
 */
const isDiscrete = (shown: Shown) =>
  !isSmooth(of(shown).base) && alike(of(shown)) && Math.max(...of(shown).base.mass) > 0.6;
/** A density, which has no points of its own. */
const isSmooth = (law: LawCurve) => law.width === 0 && law.x.length > 1;
/** Drawn only where they are there. */
const of = ({ view }: Shown): LawCurves => view.laws as LawCurves;

/** Whether the laws stand on points equally far apart, so that their probabilities compare. */
const alike = (laws: LawCurves) => {
  if (order.some((name) => isSmooth(laws[name]))) return false;
  const widths = order.map((name) => laws[name].width).filter((width) => width > 0);
  return Math.max(...widths) <= Math.min(...widths) * (1 + 1e-9);
};
/** Whether one policy spreads clearly less than the other. */
function differs(shown: Shown, less: Name, more: Name): boolean {
  const [low, high] = [of(shown)[less].sd, of(shown)[more].sd];
  return low !== null && high !== null && low < 0.8 * high;
}

function spreads(shown: Shown): string {
  const { base, kl_rl, best_of_n } = of(shown);
  return `The reward${perUnit(shown)} has a standard deviation of ${number(best_of_n.sd, 3)} under best-of-N, ${number(kl_rl.sd, 3)} under KL-RL and ${number(base.sd, 3)} under the base model.`;
}

const leastMass = 1e-6;
const powers = [1, 1e-2, 1e-4, 1e-6];

/** Where the laws put a probability that a logarithmic axis shows. */
function attained(laws: LawCurves): [number, number] {
  const shown = order.flatMap((name) => laws[name].x.filter((_, i) => (laws[name].mass[i] as number) >= leastMass));
  return [Math.min(...shown), Math.max(...shown)];
}

/** Where the laws stand, but no further than five standard deviations from their means. */
function bulk(laws: LawCurves): [number, number] {
  const ends = order.map((name) => {
    const { x, mean, sd } = laws[name];
    const [from = 0, to = 1] = [x[0], x.at(-1)];
    if (mean === null || sd === null) return [from, to] as const;
    return [Math.max(from, mean - 5 * sd), Math.min(to, mean + 5 * sd)] as const;
  });
  return [Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high))];
}

function scales(shown: Shown, width: number, height: number) {
  const laws = of(shown);
  const discrete = isDiscrete(shown);
  const [low, high] = discrete ? attained(laws) : bulk(laws);
  const pad = (high - low || 1) * 0.03;
  const box = discrete ? discreteFrame : frame;
  const x = scaleLinear([low - pad, high + pad], [box.left, width - box.right]).clamp(true);
  // A law on a single point has no density: its stem takes the whole height.
  const spread = order.filter((name) => laws[name].x.length > 1).map((name) => peak(laws[name]));
  const highest = Math.max(...spread);
  const top = highest < fits * Math.min(...spread) ? highest : tallest * Math.min(...spread);
  const bottom = height - frame.bottom;
  const reach = bottom - frame.top - 18;
  const isDrawnToScale = (name: Name) => discrete || laws[name].x.length === 1;
  const lowered = order.map((name) => (isDrawnToScale(name) ? 1 : Math.max(1, peak(laws[name]) / top)));
  const logarithmic = scaleLog([leastMass, 1], [bottom, frame.top]);
  const y = (name: Name, value: number) => {
    if (discrete) return logarithmic(value);
    return isDrawnToScale(name)
      ? bottom - reach
      : bottom - (reach * value) / top / (lowered[order.indexOf(name)] as number);
  };
  return { x, y, lowered, discrete, bottom, box };
}

const mark = (value: number) => (value >= 0.01 ? chosen(value, 2) : power(Math.round(Math.log10(value))));

/** Three shapes, so that the laws are told apart without their colours. */
const point = (name: Name, x: number, y: number) =>
  name === 'kl_rl'
    ? svg`<circle class="fill kl-rl" cx=${x} cy=${y} r="2.4"></circle>`
    : name === 'best_of_n'
      ? svg`<path class="fill best-of-n" d="M${x} ${y - 3.2}l3.2 3.2l-3.2 3.2l-3.2 -3.2z"></path>`
      : svg`<rect class="fill base" x=${x - 2.2} y=${y - 2.2} width="4.4" height="4.4"></rect>`;

/** The laws as they are drawn, in pixels. */
const curvesOf = (all: LawCurves, { x, y, discrete }: ReturnType<typeof scales>) =>
  order.map((name) => {
    const law = all[name];
    const heights = discrete ? law.mass : law.density;
    return law.x
      .map((value, i): [number, number] => [value, heights[i] as number])
      .filter(([, value]) => !discrete || value >= leastMass)
      .map(([value, mass]): [number, number] => [x(value), y(name, mass)]);
  });

/** A law's name at its peak, or at a point that the others leave free. */
function labelOf(name: Name, dots: [number, number][], share: number, discrete: boolean): Label {
  const ends: Record<Name, number> = { base: 0, best_of_n: Math.floor(0.8 * dots.length), kl_rl: -1 };
  const [px, py] = discrete
    ? (dots.at(ends[name]) as [number, number])
    : dots.reduce((a, b) => (b[1] < a[1] ? b : a), dots[0] as [number, number]);
  const text = share > 1.05 ? `${names[name]}, drawn ${number(share, 2)} times lower` : names[name];
  const dy = [4, -8, 20, -22, 40, 60, 90];
  return {
    text,
    className: `strong ${classes[name]}`,
    size: 13.5,
    ...(discrete ? { fallback: [...around(px, py, 1, -1), ...around(px, py, -1, 1)] } : {}),
    places: dy.flatMap((d) =>
      [12, 30, 60, 110].flatMap((gap) => [
        { x: px + gap, y: Math.max(frame.top + 4, py + d), anchor: 'start' as const },
        { x: px - gap, y: Math.max(frame.top + 4, py + d), anchor: 'end' as const },
      ]),
    ),
  };
}

/** Points, a stem, or a curve with what lies below it. */
function shapeOf(name: Name, points: [number, number][], { discrete, bottom }: ReturnType<typeof scales>) {
  if (discrete) return points.map(([px, py]) => point(name, px, py));
  if (points.length === 1)
    return points.map(([px, py]) => {
      const shifted = px + (order.indexOf(name) - 1) * 4;
      return svg`<line class="stem ${classes[name]}" x1=${shifted} x2=${shifted} y1=${bottom} y2=${py}></line>`;
    });
  return svg`
        <path class="area ${classes[name]}" d=${areaPath(points, bottom)}></path>
        <path class="curve thin ${classes[name]} ${name === 'best_of_n' ? 'dashed' : ''}" d=${path(points)}></path>`;
}

export const laws: Figure = {
  name: 'laws',
  part: 'laws',
  height,

  claims: [
    {
      holds: (shown) => isConstant(shown),
      claim: 'One reward, three times.',
      rest: 'Every draft earns the same under each of the three.',
    },
    {
      holds: (shown) => hasNoBudget(shown),
      claim: 'One law, three times.',
      rest: 'Without a budget both policies are the base model.',
    },
    {
      holds: (shown) => of(shown).best_of_n.sd === 0 && of(shown).kl_rl.sd === 0,
      claim: 'Only the best is left.',
      rest: 'Both policies give the highest reward every time.',
    },
    {
      holds: (shown) => differs(shown, 'best_of_n', 'kl_rl'),
      claim: 'Best-of-N is narrower than the tilt.',
      rest: spreads,
    },
    {
      holds: (shown) => differs(shown, 'kl_rl', 'best_of_n'),
      claim: 'Best-of-N is wider than the tilt.',
      rest: spreads,
    },
    {
      claim: 'Three laws of one reward.',
      rest: (shown) => {
        const { base, kl_rl, best_of_n } = of(shown);
        return `Its mean${perUnit(shown)} is ${number(base.mean, 3)} under the base model, ${number(best_of_n.mean, 3)} under best-of-N and ${number(kl_rl.mean, 3)} under KL-RL.`;
      },
    },
  ],

  draw(shown, width, tall, at) {
    const all = of(shown);
    const scaled = scales(shown, width, tall);
    const { x, y, lowered, discrete, bottom, box } = scaled;
    const curves = curvesOf(all, scaled);
    const each = order.map((name, i) => ({ name, points: curves[i] as [number, number][] }));
    const labels = each.map(({ name, points }, i) => labelOf(name, points, lowered[i] as number, discrete));
    const dots = (at === null ? [] : each).map(({ name, points }) => {
      const k = nearestIndex(
        points.map(([px]) => px),
        x(all.base.x[at as number] ?? all[name].mean ?? 0),
      );
      const [cx, cy] = points[k] as [number, number];
      return svg`<circle class="cursor" cx=${cx} cy=${cy} r="4"></circle>`;
    });
    return svg`
      ${axes(
        { at: x, ticks: x.ticks(width > 420 ? 6 : 4), format: (v) => chosen(v, 4), label: `reward${perUnit(shown)}` },
        discrete
          ? { at: (v) => y('base', v), ticks: powers, format: mark, label: 'probability, logarithmic' }
          : { label: 'probability density' },
        width,
        tall,
        box,
      )}
      ${each.map(({ name, points }) => shapeOf(name, points, scaled))}${dots}
      ${placeLabels(labels, curves, { left: box.left, right: width, bottom })}`;
  },

  columns: (shown) =>
    order.flatMap((name) => [
      { name: `reward, ${names[name]}`, values: of(shown)[name].x },
      { name: `probability, ${names[name]}`, values: of(shown)[name].mass },
      { name: `density, ${names[name]}`, values: of(shown)[name].density },
    ]),

  positions: (shown) => of(shown).base.x.length,
  nearest: (shown, width, tall, px) => nearestIndex(of(shown).base.x, scales(shown, width, tall).x.invert(px)),
  read(shown, at) {
    const all = of(shown);
    const x = all.base.x[at] as number;
    const comparable = alike(all);
    const height = (name: Name) => {
      const law = all[name];
      const k = nearestIndex(law.x, x);
      if (isSmooth(law))
        return x >= (law.x[0] as number) && x <= (law.x.at(-1) as number)
          ? number(law.density[k] as number, 3)
          : 'next to nothing';
      if (Math.abs((law.x[k] as number) - x) > law.width / 2) return 'next to nothing';
      return number((comparable ? law.mass : law.density)[k] as number, 3);
    };
    const length = shown.unit ? ` over ${amount(lengthOf(shown.scenario), shown.unit)}` : '';
    return html`${comparable ? 'Probability of' : 'Density at'} ${number(x, 4)}${perUnit(shown)}${length}: <span class="muted">base ${height('base')}</span>,
      <span class="best-of-n">best-of-N ${height('best_of_n')}</span>, <span class="kl-rl">KL-RL ${height('kl_rl')}</span>`;
  },
};
