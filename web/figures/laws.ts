import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { html, svg } from 'lit';
import type { LawCurve } from '../engine/types.js';
import { amount, chosen, number } from '../page/format.js';
import { lengthOf, type Shown } from '../page/store.js';
import { axes } from './axes.js';
import { type Figure, nearestIndex } from './figure.js';
import { type Label, placeLabels } from './labels.js';

const frame = { left: 8, right: 12, top: 30, bottom: 48 };
const height = (width: number) => (width > 560 ? 330 : 270);
/** A law taller than this many times the lower of the other two is drawn lower, and its label says so. */
const tallest = 6;
const order = ['base', 'best_of_n', 'kl_rl'] as const;
const names = { base: 'base', best_of_n: 'best of N', kl_rl: 'KL-RL' };
const classes = { base: 'base', best_of_n: 'best-of-n', kl_rl: 'kl-rl' };

const perUnit = ({ unit }: Shown) => (unit ? ` per ${unit}` : '');
const peak = (law: LawCurve) => Math.max(...law.density);
/** Few points are drawn one by one: a line between them would claim what lies between. */
const isDiscrete = ({ view }: Shown) =>
  order.every((name) => view.laws[name].x.length <= 60) && view.laws.base.x.length <= 60;

function scales(shown: Shown, width: number) {
  const { laws } = shown.view;
  const all = order.flatMap((name) => [laws[name].x[0] as number, laws[name].x.at(-1) as number]);
  const visible = order.flatMap((name) => {
    const { mean, sd } = laws[name];
    return [mean - 5 * sd, mean + 5 * sd];
  });
  const low = Math.max(Math.min(...all), Math.min(...visible));
  const high = Math.min(Math.max(...all), Math.max(...visible));
  const pad = (high - low || 1) * 0.03;
  const x = scaleLinear([low - pad, high + pad], [frame.left, width - frame.right]).clamp(true);
  const discrete = isDiscrete(shown);
  const tops = order.map((name) => (discrete ? Math.max(...laws[name].mass) : peak(laws[name]) || 1));
  const limit = tallest * Math.min(...tops);
  const top = discrete ? Math.max(...tops) : Math.min(limit, Math.max(...tops));
  const bottom = height(width) - frame.bottom;
  const reach = bottom - frame.top - 18;
  const lowered = order.map((_, i) => (discrete ? 1 : Math.max(1, (tops[i] as number) / top)));
  const y = (name: (typeof order)[number], value: number) =>
    bottom - (reach * value) / top / (lowered[order.indexOf(name)] as number);
  return { x, y, lowered, discrete, bottom };
}

export const laws: Figure = {
  name: 'laws',
  height,

  caption(shown) {
    const { base, kl_rl, best_of_n } = shown.view.laws;
    const per = perUnit(shown);
    if (best_of_n.sd === 0 && kl_rl.sd === 0 && base.sd > 0)
      return { claim: 'Only the best is left.', rest: 'Both policies give the highest reward every time.' };
    if (best_of_n.sd < 0.8 * kl_rl.sd)
      return {
        claim: 'Best-of-N is narrow, the tilt is wide.',
        rest: `Reward${per} spreads by ${number(best_of_n.sd, 3)} under best-of-N, by ${number(kl_rl.sd, 3)} under KL-RL and by ${number(base.sd, 3)} under the base model.`,
      };
    return {
      claim: 'Three laws of one reward.',
      rest: `Its mean${per} is ${number(base.mean, 3)} under the base model, ${number(best_of_n.mean, 3)} under best-of-N and ${number(kl_rl.mean, 3)} under KL-RL.`,
    };
  },

  draw(shown, width, at) {
    const { laws: all } = shown.view;
    const { x, y, lowered, discrete, bottom } = scales(shown, width);
    const tall = height(width);
    const curves = order.map((name) => {
      const law = all[name];
      return law.x.map((value, i): [number, number] => [
        x(value),
        y(name, (discrete ? law.mass : law.density)[i] as number),
      ]);
    });
    const labels = order.map((name, i): Label => {
      const dots = curves[i] as [number, number][];
      const [px, py] = dots.reduce((a, b) => (b[1] < a[1] ? b : a), dots[0] as [number, number]);
      const share = lowered[i] as number;
      const text = share > 1.05 ? `${names[name]}, drawn ${number(share, 2)} times lower` : names[name];
      const dy = [4, -8, 20, -22, 40, 60, 90];
      return {
        text,
        className: `strong ${classes[name]}`,
        size: 13.5,
        places: dy.flatMap((d) =>
          [12, 30, 60, 110].flatMap((gap) => [
            { x: px + gap, y: Math.max(frame.top + 4, py + d), anchor: 'start' as const },
            { x: px - gap, y: Math.max(frame.top + 4, py + d), anchor: 'end' as const },
          ]),
        ),
      };
    });
    const dots = (at === null ? [] : order).map((name, i) => {
      const law = all[name];
      const k = nearestIndex(law.x, all.base.x[at as number] ?? law.mean);
      const [cx, cy] = (curves[i] as [number, number][])[k] as [number, number];
      return svg`<circle class="cursor" cx=${cx} cy=${cy} r="4"></circle>`;
    });
    const shapes = order.map((name, i) => {
      const points = curves[i] as [number, number][];
      if (discrete || points.length === 1)
        return points.map(([px, py]) => {
          const shifted = px + (i - 1) * 4;
          return svg`<line class="stem ${classes[name]}" x1=${shifted} x2=${shifted} y1=${bottom} y2=${py}></line>`;
        });
      return svg`
        <path class="area ${classes[name]}" d=${
          area<[number, number]>()
            .x((d) => d[0])
            .y0(bottom)
            .y1((d) => d[1])(points) ?? ''
        }></path>
        <path class="curve thin ${classes[name]} ${name === 'best_of_n' ? 'dashed' : ''}" d=${line()(points) ?? ''}></path>`;
    });
    return svg`
      ${axes(
        { at: x, ticks: x.ticks(width > 420 ? 6 : 4), format: (v) => chosen(v, 4), label: `reward${perUnit(shown)}` },
        { label: discrete ? 'probability' : 'probability density' },
        width,
        tall,
        frame,
      )}
      ${shapes}${dots}
      ${placeLabels(labels, curves, width, tall - frame.bottom)}`;
  },

  columns: ({ view }) =>
    order.flatMap((name) => [
      { name: `reward, ${names[name]}`, values: view.laws[name].x },
      { name: `probability, ${names[name]}`, values: view.laws[name].mass },
    ]),

  positions: ({ view }) => view.laws.base.x.length,
  nearest: (shown, width, px) => nearestIndex(shown.view.laws.base.x, scales(shown, width).x.invert(px)),
  read(shown, at) {
    const { laws: all } = shown.view;
    const x = all.base.x[at] as number;
    const mass = (name: (typeof order)[number]) => {
      const law = all[name];
      const k = nearestIndex(law.x, x);
      return Math.abs((law.x[k] as number) - x) <= law.width / 2
        ? number(law.mass[k] as number, 3)
        : 'under a billionth';
    };
    const length = shown.unit ? ` over ${amount(lengthOf(shown.scenario), shown.unit)}` : '';
    return html`Near ${number(x, 4)}${perUnit(shown)}${length}: <span class="muted">base ${mass('base')}</span>,
      <span class="best-of-n">best-of-N ${mass('best_of_n')}</span>, <span class="kl-rl">KL-RL ${mass('kl_rl')}</span>`;
  },
};
