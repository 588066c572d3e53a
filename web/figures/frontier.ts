import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { html, svg } from 'lit';
import { amount, chosen, drafts, nats, number, power, signed } from '../page/format.js';
import { lengthOf, type Shown } from '../page/store.js';
import { axes } from './axes.js';
import { type Figure, nearestIndex } from './figure.js';
import { type Label, placeLabels } from './labels.js';

const frame = { left: 44, right: 12, top: 30, bottom: 48 };
const height = (width: number) => (width > 560 ? 410 : 300);

/** "of 40 words", empty for a single draw. */
const ofLength = ({ scenario, unit }: Shown) => (unit ? ` of ${amount(lengthOf(scenario), unit)}` : '');

function scales({ view }: Shown, width: number) {
  const { frontier, report } = view;
  const rewards = [report.model.reward, report.kl_rl.reward, report.best_of_n.reward, ...frontier.kl_rl.reward];
  const low = Math.min(...rewards);
  const x = scaleLinear([0, frontier.kl_end], [frame.left, width - frame.right]);
  const y = scaleLinear(
    [Math.min(low, Math.max(0, low)), Math.max(...rewards, low + 1e-9)],
    [height(width) - frame.bottom, frame.top],
  );
  const [, top = 1] = y.domain();
  if (low > 0 && low < 0.3 * top) y.domain([0, top]);
  return { x, y };
}

const points = (xs: number[], ys: number[], x: (v: number) => number, y: (v: number) => number) =>
  xs.map((value, i): [number, number] => [x(value), y(ys[i] as number)]);

const path = (dots: [number, number][]) => line()(dots) ?? '';

export const frontier: Figure = {
  name: 'frontier',
  height,

  caption(shown) {
    const { report } = shown.view;
    const left = report.gap.reward;
    if (report.budget.kl === 0)
      return { claim: 'Nothing is spent yet.', rest: 'Both policies are the base model itself.' };
    if (report.kl_rl.alpha === null)
      return {
        claim: 'There is nothing more to buy.',
        rest: `Beyond ${nats(report.model.kl_max)} nats the optimal policy gives only the best there is.`,
      };
    return {
      claim: 'Two ways to spend one budget.',
      rest: `The optimal policy is worth ${number(left, 3)} more than the best of ${drafts(shown.view.derived.n, shown.view.derived.log10_n)}; no policy lies above its curve.`,
    };
  },

  draw(shown, width, at) {
    const { view } = shown;
    const { x, y } = scales(shown, width);
    const { report, derived } = view;
    const tall = height(width);
    const tilt = points(view.frontier.kl_rl.kl, view.frontier.kl_rl.reward, x, y);
    const best = points(view.frontier.best_of_n.kl, view.frontier.best_of_n.reward, x, y);
    const marks = points(view.frontier.marks.kl, view.frontier.marks.reward, x, y);
    const budget = Math.min(report.budget.kl, view.frontier.kl_end);
    const [bx, by] = [x(budget), y(report.kl_rl.reward)];
    const [dx, dy] = [x(Math.min(report.best_of_n.kl, view.frontier.kl_end)), y(report.best_of_n.reward)];
    const n = drafts(derived.n, derived.log10_n);
    const dotted: [number, number][] = [
      [bx, frame.top],
      [bx, tall - frame.bottom],
    ];
    const around = (px: number, py: number, above: boolean): Label['places'] => {
      const left = { x: px - 10, anchor: 'end' as const };
      const right = { x: px + 10, anchor: 'start' as const };
      const up = [-10, -18, -28, -42, -60].map((d) => py + d);
      const down = [22, 32, 44, 60, 80, 110].map((d) => py + d);
      const places = (ys: number[], sides: (typeof left | typeof right)[]) =>
        ys.flatMap((v) => sides.map((side) => ({ ...side, y: v })));
      return above
        ? [...places(up, [left, right]), ...places(down, [right, left])]
        : [...places(down, [right, left]), ...places(up, [left, right])];
    };
    const labels: Label[] = [
      {
        text: `KL-constrained RL ${signed(report.kl_rl.reward)}`,
        short: `KL-RL ${signed(report.kl_rl.reward)}`,
        className: 'strong kl-rl',
        size: 13.5,
        places: around(bx, by, true),
      },
      {
        text: `best of ${n} ${signed(report.best_of_n.reward)}`,
        className: 'strong best-of-n',
        size: 13.5,
        places: around(Math.max(dx, bx - 2), dy + 10, false),
      },
      {
        text: `budget ${chosen(report.budget.kl, 4)} nats`,
        className: 'note',
        places: [8, 26].flatMap((up) => [
          { x: bx + 6, y: tall - frame.bottom - up, anchor: 'start' as const },
          { x: bx - 6, y: tall - frame.bottom - up, anchor: 'end' as const },
        ]),
      },
      ...view.frontier.marks.n.map((count, i): Label => {
        const [mx, my] = marks[i] as [number, number];
        const name = count < 1e6 ? drafts(count, 0) : power(Math.round(Math.log10(count)));
        return {
          text: i === 0 ? `N = ${name}` : name,
          className: 'note',
          optional: true,
          places: [
            { x: mx + 6, y: my + 15, anchor: 'start' },
            { x: mx + 3, y: my + 24, anchor: 'start' },
          ],
        };
      }),
    ];
    const base: [number, number][] = [
      [frame.left, tall - frame.bottom],
      [width - frame.right, tall - frame.bottom],
    ];
    const cursor = at === null ? null : ([tilt[at], best[at]] as [[number, number], [number, number]]);
    return svg`
      ${axes(
        {
          at: x,
          ticks: x.ticks(width > 560 ? 5 : 4),
          format: (v) => chosen(v, 3),
          label: 'KL from the base model (nats)',
        },
        { at: y, ticks: y.ticks(5), format: (v) => chosen(v, 4), label: `expected reward${ofLength(shown)}` },
        width,
        tall,
        frame,
      )}
      <line class="budget" x1=${bx} x2=${bx} y1=${frame.top} y2=${tall - frame.bottom}></line>
      <path class="curve kl-rl" d=${path(tilt)}></path>
      <path class="curve best-of-n dashed" d=${path(best)}></path>
      ${marks.map(([mx, my]) => svg`<circle class="fill best-of-n" cx=${mx} cy=${my} r="2.5"></circle>`)}
      ${cursor?.map(([cx, cy]) => svg`<circle class="cursor" cx=${cx} cy=${cy} r="4"></circle>`)}
      <circle class="dot kl-rl" cx=${bx} cy=${by} r="6"></circle>
      <path class="dot best-of-n" d="M${dx} ${dy - 7}l7 7l-7 7l-7 -7z"></path>
      ${placeLabels(labels, [tilt, best, dotted, base], width, tall - frame.bottom)}`;
  },

  columns: ({ view }) => [
    { name: 'KL of KL-RL (nats)', values: view.frontier.kl_rl.kl },
    { name: 'reward of KL-RL', values: view.frontier.kl_rl.reward },
    { name: 'log N', values: view.frontier.best_of_n.log_n },
    { name: 'KL of best-of-N (nats)', values: view.frontier.best_of_n.kl },
    { name: 'reward of best-of-N', values: view.frontier.best_of_n.reward },
  ],

  positions: ({ view }) => view.frontier.kl_rl.kl.length,
  nearest: (shown, width, px) => nearestIndex(shown.view.frontier.kl_rl.kl, scales(shown, width).x.invert(px)),
  read({ view }, at) {
    const { kl_rl, best_of_n } = view.frontier;
    return html`At ${nats(kl_rl.kl[at] as number)} nats: <span class="kl-rl">KL-RL ${signed(kl_rl.reward[at] as number, 5)}</span>,
      <span class="best-of-n">best-of-N ${signed(best_of_n.reward[at] as number, 5)}</span>
      spending ${nats(best_of_n.kl[at] as number)}`;
  },
};
