import { scaleLinear } from 'd3-scale';
import { html, type SVGTemplateResult, svg } from 'lit';
import { chosen, drafts, nats, plural, power, signed } from '../words/format.js';
import { lacking } from '../words/missing.js';
import { lengthOf, policyName, type Shown } from '../words/shown.js';
import { axes, roomFor, whisker } from './axes.js';
import { type Figure, type Frame, nearestIndex } from './figure.js';
import { around, type Box, type Label, placeLabels } from './labels.js';
import { known, path, pointsOf, tenth } from './path.js';

/** Both policies over the plane of KL and a measure: the reward, or what else they may be judged by. */

export type Point = [number, number];

const height = (width: number) => (width > 560 ? 410 : 300);

type Known = (number | null)[];

/** Both policies' paths by one measure, with the best of round numbers of drafts. */
export interface Curves {
  kl_rl: { kl: Known; value: Known };
  best_of_n: { log_n: number[]; kl: Known; value: Known };
  marks: { n: number[]; kl: Known; value: Known };
  /** What the vertical axis must hold. */
  within: Known;
}

/** What a measure adds to its paths: drawn under them and over them, with names, and lines that no name may cross. */
export interface Additions {
  under: SVGTemplateResult;
  over: SVGTemplateResult;
  labels: readonly Label[];
  lines: readonly Point[][];
}

/** What policies are judged by: what stands on the vertical axis. */
export interface Measure {
  /** Its field in reports and simulations. */
  name: 'reward' | 'win_rate' | 'gold';
  /** In the data. */
  word: string;
  axis(shown: Shown): string;
  tick(value: number): string;
  said(value: number | null, digits?: number): string;
  /** After a policy's name, where that is another text. */
  named?(value: number | null): string;
  curves(shown: Shown): Curves;
  /** What the tilt has more at best-of-N's own KL, where the figure shows that. */
  more?(shown: Shown): number | null;
  /** @param place pixel of a KL and a value; null of what is not known */
  adds?(shown: Shown, place: (kl: number | null, value: number | null) => Point | null): Additions;
}

function scales(shown: Shown, measure: Measure, width: number, tall: number) {
  const { frontier, report } = shown.view;
  const { kl_rl, within } = measure.curves(shown);
  const ends = [report.kl_rl[measure.name], report.best_of_n[measure.name]];
  const base = report.model[measure.name];
  // What pays to earn less than the base is seen to.
  const less = known((report.policies ?? []).map((policy) => policy[measure.name])).filter((x) => x < (base ?? x));
  const values = known([base, ...ends, ...within, ...less]);
  if (values.length === 0) values.push(0, 1);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // A constant is a line half way up.
  if (high - low <= 1e-9 * Math.abs(low)) values.push(low - Math.abs(low || 1), low + Math.abs(low || 1));
  const y = scaleLinear([Math.min(...values), Math.max(...values)], [tall - 48, measure.adds ? 48 : 30]);
  const [, top = 1] = y.domain();
  if (low > 0 && low < 0.3 * top) y.domain([0, top]);
  // Without a number that a double holds, heights say nothing.
  const ticks = known([...kl_rl.value, ...ends]).length > 0 ? y.ticks(5) : [];
  const frame: Frame = { left: roomFor(ticks.map(measure.tick)), right: 12, top: 30, bottom: 48 };
  const x = scaleLinear([0, frontier.kl_end], [frame.left, width - frame.right]);
  return { x, y, ticks, frame };
}

const points = (xs: Known, ys: Known, x: (v: number) => number, y: (v: number) => number) =>
  xs.map((value, i): [number, number] | null => {
    const height = ys[i] ?? null;
    return value === null || height === null ? null : [x(value), y(height)];
  });

/** Pixel of a curve at the point nearest to x; its points go to the right. */
function heightAt(curve: [number, number][], x: number): number {
  let low = 0;
  let high = curve.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((curve[middle] as [number, number])[0] <= x) low = middle;
    else high = middle;
  }
  const [left, right] = [curve[low], curve[high]];
  if (!left || !right) return 0;
  return right[0] - x < x - left[0] ? right[1] : left[1];
}

/** The marks that stand apart from their neighbours and from where the curves start. */
function apart(marks: ([number, number] | null)[], [sx, sy]: [number, number]) {
  let [px, py] = [sx, sy];
  return marks.flatMap((at, index) => {
    if (!at || Math.hypot(at[0] - px, at[1] - py) < 14) return [];
    [px, py] = at;
    return [{ index, at }];
  });
}

/** An upright with a short bar at its top. */
const bracketPath = ([[x, top], [, bottom]]: [Point, Point]) =>
  `M${tenth(x - 4)} ${tenth(top)}h8m-4 0V${tenth(bottom)}`;

/** Where everything stands, in pixels. */
function layOut(shown: Shown, measure: Measure, width: number, tall: number) {
  const { report, frontier } = shown.view;
  const { name } = measure;
  const { kl_rl, best_of_n, marks } = measure.curves(shown);
  const scaled = scales(shown, measure, width, tall);
  const { x, y, frame } = scaled;
  const within = (kl: number) => x(Math.min(kl, frontier.kl_end));
  /** Where a policy stands; null where it is not known. */
  const place = (kl: number | null, earned: number | null): Point | null =>
    kl === null || earned === null ? null : [within(kl), y(earned)];
  const bestDot = place(report.best_of_n.kl, report.best_of_n[name]);
  // What the tilt earns more for the same KL, at the diamond.
  const more = measure.more?.(shown) ?? null;
  const sameKl = more === null ? null : place(report.best_of_n.kl, report.kl_rl_at_bon_kl[name]);
  const bracket: [Point, Point] | null =
    bestDot && sameKl && bestDot[1] - sameKl[1] > 8
      ? [
          [bestDot[0], sameKl[1]],
          [bestDot[0], bestDot[1]],
        ]
      : null;
  const tiltAt = points(kl_rl.kl, kl_rl.value, x, y);
  const bestAt = points(best_of_n.kl, best_of_n.value, x, y);
  return {
    ...scaled,
    bottom: tall - frame.bottom,
    budgetX: within(report.budget.kl),
    tiltAt,
    bestAt,
    tilt: pointsOf(tiltAt),
    best: pointsOf(bestAt),
    tiltDot: place(report.budget.kl, report.kl_rl[name]),
    bestDot,
    bracket,
    more,
    marks: apart(points(marks.kl, marks.value, x, y), [x(0), y(report.model[name] ?? 0)]),
    numbers: marks.n,
    adds: measure.adds?.(shown, place),
    others: (report.policies ?? []).flatMap((policy, i) => {
      const at = place(policy.kl, policy[name]);
      if (!at) return [];
      const asked = shown.scenario.policies?.[i];
      // At the edge, and said to spend more.
      const beyond = (policy.kl ?? 0) > frontier.kl_end;
      const spends = beyond && asked && !('kl' in asked) ? `, ${chosen(policy.kl ?? 0, 3)} nats` : '';
      return [{ text: policyName(asked) + spends, beyond, px: at[0], py: Math.max(at[1], frame.top) }];
    }),
  };
}

type Layout = ReturnType<typeof layOut>;

/** A label on the side of a point that `anchor` says. */
const placed = (x: number, y: number, anchor: 'start' | 'end') => ({ x, y, anchor });

function tiltLabel({ view: { report } }: Shown, measure: Measure, { tilt, tiltDot }: Layout): Label | null {
  if (!tiltDot) return null;
  const [px, py] = tiltDot;
  const earned = (measure.named ?? measure.said)(report.kl_rl[measure.name]);
  return {
    text: `KL-constrained RL ${earned}`,
    shorter: [`KL-RL ${earned}`, 'KL-RL'],
    className: 'strong kl-rl',
    size: 13.5,
    places: around(px, py, 1, -1),
    suits: (box: Box) => box.y1 < heightAt(tilt, box.x1),
    fallback: around(px, py, -1, 1),
  };
}

function bestLabel(
  { view: { report, derived } }: Shown,
  measure: Measure,
  { best, bestDot, budgetX }: Layout,
): Label | null {
  if (!bestDot) return null;
  const [px, py] = bestDot;
  const earned = (measure.named ?? measure.said)(report.best_of_n[measure.name]);
  return {
    text: `best of ${drafts(derived.n, derived.log10_n)} ${earned}`,
    shorter: [`best-of-N ${earned}`, 'best-of-N'],
    className: 'strong best-of-n',
    size: 13.5,
    places: [...(budgetX - px < 120 ? around(budgetX, py + 10, -1, 1) : []), ...around(px, py, -1, 1)],
    suits: (box: Box) => box.y0 > heightAt(best, box.x0),
    fallback: around(px, py, 1, -1),
  };
}

/** What the tilt earns more at equal KL. */
function moreLabel({ bracket, more }: Layout): Label | null {
  if (!bracket || more === null) return null;
  const [[px, py]] = bracket;
  return {
    text: `${signed(more, 3)} at equal KL`,
    shorter: [signed(more, 3)],
    className: 'note',
    optional: true,
    places: [-12, -26, -42].flatMap((dy) => [placed(px - 10, py + dy, 'end'), placed(px - 34, py + dy, 'end')]),
  };
}

/** Why there are no curves. */
const emptyLabel = ({ view: { report } }: Shown, { tilt, best, budgetX }: Layout, tall: number): Label | null =>
  tilt.length + best.length > 0
    ? null
    : {
        text:
          report.kl_rl.reward === null
            ? `what is earned ${lacking(report, 'kl_rl.reward')}`
            : 'the curves could not be had',
        className: 'note',
        places: [placed(budgetX + 10, tall / 2, 'start'), placed(budgetX - 10, tall / 2, 'end')],
      };

const budgetLabel = ({ view: { report } }: Shown, { budgetX, bottom, frame }: Layout): Label => ({
  text: `budget ${chosen(report.budget.kl, 4)} ${plural(report.budget.kl, 'nat')}`,
  className: 'note',
  shorter: ['budget'],
  // Clear of the line's thumb.
  places: [bottom - 14, bottom - 32, frame.top + 9, frame.top + 26].flatMap((v) => [
    placed(budgetX + 6, v, 'start'),
    placed(budgetX - 6, v, 'end'),
  ]),
});

function baseLabel({ view: { report } }: Shown, measure: Measure, { x, y }: Layout): Label | null {
  const value = report.model[measure.name];
  if (value === null) return null;
  const [px, py] = [x(0), y(value)];
  return {
    text: `base ${measure.said(value, 3)}`,
    className: 'base',
    optional: true,
    places: [placed(px + 14, py - 6, 'start'), placed(px + 30, py - 6, 'start'), placed(px + 14, py + 16, 'start')],
  };
}

/** The numbers of drafts along best-of-N's curve. */
const markLabels = ({ marks, numbers }: Layout): Label[] =>
  marks.map(({ index, at: [mx, my] }): Label => {
    const count = numbers[index] as number;
    const name = count < 1e6 ? drafts(count, 0) : power(Math.round(Math.log10(count)));
    return {
      text: index === 0 ? `N = ${name}` : name,
      className: 'note',
      optional: true,
      places: [placed(mx + 6, my + 15, 'start'), placed(mx + 3, my + 24, 'start')],
    };
  });

/** All labels, clear of curves, lines and marks. */
function labels(shown: Shown, measure: Measure, layout: Layout, width: number, tall: number) {
  const { frame, bottom, budgetX, tilt, best, bracket, tiltDot, bestDot, others } = layout;
  const dotted: Point[] = [
    [budgetX, frame.top],
    [budgetX, bottom],
  ];
  const base: Point[] = [
    [frame.left, bottom],
    [width - frame.right, bottom],
  ];
  const dots = pointsOf([tiltDot, bestDot]).map(([cx, cy]): Point[] => [
    [cx - 7, cy],
    [cx + 7, cy],
  ]);
  const all = [
    tiltLabel(shown, measure, layout),
    bestLabel(shown, measure, layout),
    moreLabel(layout),
    ...(layout.adds?.labels ?? []),
    emptyLabel(shown, layout, tall),
    budgetLabel(shown, layout),
    baseLabel(shown, measure, layout),
    ...markLabels(layout),
    ...others.map(
      ({ text, px, py }): Label => ({ text, className: 'note', places: around(px, py, -1, 1), optional: true }),
    ),
  ];
  const obstacles = [tilt, best, dotted, base, ...(bracket ? [bracket] : []), ...dots, ...(layout.adds?.lines ?? [])];
  return placeLabels(
    all.filter((label) => label !== null),
    obstacles,
    { left: frame.left, right: width, bottom },
  );
}

/** What was drawn stands beside what is exact, a little to the right. */
const whiskers = ({ simulated }: Shown, { name }: Measure, { y, budgetX, bestDot }: Layout) =>
  (
    [
      ['kl_rl', 'kl-rl', budgetX],
      ['best_of_n', 'best-of-n', bestDot?.[0] ?? budgetX],
    ] as const
  ).map(([policy, className, at]) => whisker(simulated?.[policy][name], className, at + 13, y));

function drawn(shown: Shown, measure: Measure, width: number, tall: number, at: number | null) {
  const layout = layOut(shown, measure, width, tall);
  const { x, y, ticks, frame, bottom, budgetX, tilt, best, tiltAt, bestAt, tiltDot, bestDot, bracket } = layout;
  const cursor = at === null ? [] : pointsOf([tiltAt[at] ?? null, bestAt[at] ?? null]);
  return svg`
    ${axes(
      {
        at: x,
        ticks: x.ticks(width > 560 ? 5 : 4),
        format: (v) => chosen(v, 3),
        label: 'KL from the base model (nats)',
      },
      { at: y, ticks, format: measure.tick, label: measure.axis(shown) },
      width,
      tall,
      frame,
    )}
    <line class="budget" x1=${budgetX} x2=${budgetX} y1=${frame.top} y2=${bottom}></line>
    ${layout.adds?.under ?? ''}
    <path class="curve kl-rl" d=${path(tilt)}></path>
    <path class="curve best-of-n dashed" d=${path(best)}></path>
    ${layout.marks.map(({ at: [mx, my] }) => svg`<circle class="fill best-of-n" cx=${mx} cy=${my} r="2.5"></circle>`)}
    ${cursor.map(([cx, cy]) => svg`<circle class="cursor" cx=${cx} cy=${cy} r="4"></circle>`)}
    ${tiltDot ? svg`<circle class="dot kl-rl" cx=${tiltDot[0]} cy=${tiltDot[1]} r="6"></circle>` : ''}
    ${layout.others.map(({ beyond, px, py }) =>
      beyond
        ? svg`<path class="cursor" d="M${tenth(px - 5)} ${tenth(py - 5)}l9 5l-9 5z"></path>`
        : svg`<circle class="cursor" cx=${px} cy=${py} r="4.5"></circle>`,
    )}
    ${whiskers(shown, measure, layout)}
    ${layout.adds?.over ?? ''}
    ${bracket ? svg`<path class="bracket" d=${bracketPath(bracket)}></path>` : ''}
    ${bestDot ? svg`<path class="dot best-of-n" d="M${bestDot[0]} ${bestDot[1] - 7}l7 7l-7 7l-7 -7z"></path>` : ''}
    ${labels(shown, measure, layout, width, tall)}`;
}

/** What a figure is over the plane of KL and one measure, but for its name and what it says. */
export const planeOf = (measure: Measure): Omit<Figure, 'name' | 'claims'> => ({
  height,

  draw: (shown, width, tall, at) => drawn(shown, measure, width, tall, at),

  handle: {
    control: 'rate',
    at(shown, width, tall) {
      const { x, frame } = scales(shown, measure, width, tall);
      const { report, frontier } = shown.view;
      return { x: x(Math.min(report.budget.kl, frontier.kl_end)), top: frame.top, bottom: tall - frame.bottom };
    },
    value: (shown, width, tall, px) =>
      Math.min(Math.max(0, scales(shown, measure, width, tall).x.invert(px)), shown.view.frontier.kl_end) /
      lengthOf(shown.scenario),
  },

  columns(shown) {
    const { kl_rl, best_of_n } = measure.curves(shown);
    return [
      { name: 'KL of KL-RL (nats)', values: kl_rl.kl },
      { name: `${measure.word} of KL-RL`, values: kl_rl.value },
      { name: 'log N', values: best_of_n.log_n },
      { name: 'KL of best-of-N (nats)', values: best_of_n.kl },
      { name: `${measure.word} of best-of-N`, values: best_of_n.value },
    ];
  },

  positions: (shown) => measure.curves(shown).kl_rl.kl.length,
  nearest: (shown, width, tall, px) =>
    nearestIndex(known(measure.curves(shown).kl_rl.kl), scales(shown, measure, width, tall).x.invert(px)),
  read(shown, at) {
    const { kl_rl, best_of_n } = measure.curves(shown);
    return html`At ${nats(kl_rl.kl[at] ?? null)} nats: <span class="kl-rl">KL-RL ${measure.said(kl_rl.value[at] ?? null, 5)}</span>,
      <span class="best-of-n">best-of-N ${measure.said(best_of_n.value[at] ?? null, 5)}</span>
      spending ${nats(best_of_n.kl[at] ?? null)}`;
  },
});
