import { scaleLinear } from 'd3-scale';
import { html, svg } from 'lit';
import { amount, chosen, drafts, nats, number, plural, power, signed } from '../words/format.js';
import { hasNoBudget, isBestOfNOptimal, isConstant, isGapUnknown, isPastSaturation } from '../words/holds.js';
import { lacking } from '../words/missing.js';
import { lengthOf, policyName, type Shown } from '../words/shown.js';
import { axes, roomFor, whisker } from './axes.js';
import { type Figure, type Frame, nearestIndex } from './figure.js';
import { around, type Box, type Label, placeLabels } from './labels.js';
import { known, path, pointsOf, tenth } from './path.js';

type Point = [number, number];

const height = (width: number) => (width > 560 ? 410 : 300);

const spent = (kl: number) => chosen(kl, 3);
const bestKl = ({ view }: Shown) => view.report.best_of_n.kl ?? 0;

/** What the tilt would do with the nats that best-of-N was allowed but leaves. */
function leftOver({ view: { report } }: Shown): string {
  const more = report.gap.reward;
  const allowed = spent(report.budget.kl);
  if (more === null || allowed === spent(report.best_of_n.kl ?? 0)) return '';
  return `. Of all ${allowed} that log N allows, the tilt would earn ${number(more, 3)} more`;
}

/** "of 40 words", empty for a single draw. */
const ofLength = ({ scenario, unit }: Shown) => (unit ? ` of ${amount(lengthOf(scenario), unit)}` : '');

const reward = (value: number) => chosen(value, 4);

function scales({ view }: Shown, width: number, tall: number) {
  const { frontier, report } = view;
  const rewards = known([
    report.model.reward,
    report.kl_rl.reward,
    report.best_of_n.reward,
    ...frontier.kl_rl.reward,
    ...(frontier.kl_rl.reward.length > 1 ? [] : frontier.best_of_n.reward),
  ]);
  if (rewards.length === 0) rewards.push(0, 1);
  const [low, high] = [Math.min(...rewards), Math.max(...rewards)];
  // A constant reward is a line half way up.
  if (high - low <= 1e-9 * Math.abs(low)) rewards.push(low - Math.abs(low || 1), low + Math.abs(low || 1));
  const y = scaleLinear([Math.min(...rewards), Math.max(...rewards)], [tall - 48, 30]);
  const [, top = 1] = y.domain();
  if (low > 0 && low < 0.3 * top) y.domain([0, top]);
  // Without a reward that a double holds, heights say nothing.
  const ticks =
    known([...frontier.kl_rl.reward, report.kl_rl.reward, report.best_of_n.reward]).length > 0 ? y.ticks(5) : [];
  const frame: Frame = { left: roomFor(ticks.map(reward)), right: 12, top: 30, bottom: 48 };
  const x = scaleLinear([0, frontier.kl_end], [frame.left, width - frame.right]);
  return { x, y, ticks, frame };
}

const points = (xs: number[], ys: (number | null)[], x: (v: number) => number, y: (v: number) => number) =>
  xs.map((value, i): [number, number] | null => {
    const height = ys[i] ?? null;
    return height === null ? null : [x(value), y(height)];
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
function layOut(shown: Shown, width: number, tall: number) {
  const { report, frontier } = shown.view;
  const scaled = scales(shown, width, tall);
  const { x, y, frame } = scaled;
  const within = (kl: number) => x(Math.min(kl, frontier.kl_end));
  /** Where a policy stands; null where it is not known. */
  const place = (kl: number | null, earned: number | null): Point | null =>
    kl === null || earned === null ? null : [within(kl), y(earned)];
  const bestDot = place(report.best_of_n.kl, report.best_of_n.reward);
  // What the tilt earns more for the same KL, at the diamond.
  const sameKl = isBestOfNOptimal(shown) ? null : place(report.best_of_n.kl, report.kl_rl_at_bon_kl.reward);
  const bracket: [Point, Point] | null =
    bestDot && sameKl && bestDot[1] - sameKl[1] > 8
      ? [
          [bestDot[0], sameKl[1]],
          [bestDot[0], bestDot[1]],
        ]
      : null;
  const tiltAt = points(frontier.kl_rl.kl, frontier.kl_rl.reward, x, y);
  const bestAt = points(frontier.best_of_n.kl, frontier.best_of_n.reward, x, y);
  return {
    ...scaled,
    bottom: tall - frame.bottom,
    budgetX: within(report.budget.kl),
    tiltAt,
    bestAt,
    tilt: pointsOf(tiltAt),
    best: pointsOf(bestAt),
    tiltDot: place(report.budget.kl, report.kl_rl.reward),
    bestDot,
    bracket,
    marks: apart(points(frontier.marks.kl, frontier.marks.reward, x, y), [x(0), y(report.model.reward ?? 0)]),
    others: (report.policies ?? []).flatMap(({ kl, reward }, i) => {
      const at = place(kl, reward);
      return at ? [{ name: policyName(shown.scenario.policies?.[i]), px: at[0], py: at[1] }] : [];
    }),
  };
}

type Layout = ReturnType<typeof layOut>;

/** A label on the side of a point that `anchor` says. */
const placed = (x: number, y: number, anchor: 'start' | 'end') => ({ x, y, anchor });

function tiltLabel({ view: { report } }: Shown, { tilt, tiltDot }: Layout): Label | null {
  if (!tiltDot) return null;
  const [px, py] = tiltDot;
  const earned = signed(report.kl_rl.reward);
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

function bestLabel({ view: { report, derived } }: Shown, { best, bestDot, budgetX }: Layout): Label | null {
  if (!bestDot) return null;
  const [px, py] = bestDot;
  const earned = signed(report.best_of_n.reward);
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
function moreLabel({ view: { report } }: Shown, { bracket }: Layout): Label | null {
  const more = report.gap.reward_at_bon_kl;
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

function baseLabel({ view: { report } }: Shown, { x, y }: Layout): Label | null {
  const { reward } = report.model;
  if (reward === null) return null;
  const [px, py] = [x(0), y(reward)];
  return {
    text: `base ${signed(reward, 3)}`,
    className: 'base',
    optional: true,
    places: [placed(px + 14, py - 6, 'start'), placed(px + 30, py - 6, 'start'), placed(px + 14, py + 16, 'start')],
  };
}

/** The numbers of drafts along best-of-N's curve. */
const markLabels = ({ view: { frontier } }: Shown, { marks }: Layout): Label[] =>
  marks.map(({ index, at: [mx, my] }): Label => {
    const count = frontier.marks.n[index] as number;
    const name = count < 1e6 ? drafts(count, 0) : power(Math.round(Math.log10(count)));
    return {
      text: index === 0 ? `N = ${name}` : name,
      className: 'note',
      optional: true,
      places: [placed(mx + 6, my + 15, 'start'), placed(mx + 3, my + 24, 'start')],
    };
  });

/** All labels, clear of curves, lines and marks. */
function labels(shown: Shown, layout: Layout, width: number, tall: number) {
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
    tiltLabel(shown, layout),
    bestLabel(shown, layout),
    moreLabel(shown, layout),
    emptyLabel(shown, layout, tall),
    budgetLabel(shown, layout),
    baseLabel(shown, layout),
    ...markLabels(shown, layout),
    ...others.map(
      ({ name, px, py }): Label => ({ text: name, className: 'note', places: around(px, py, -1, 1), optional: true }),
    ),
  ];
  const obstacles = [tilt, best, dotted, base, ...(bracket ? [bracket] : []), ...dots];
  return placeLabels(
    all.filter((label) => label !== null),
    obstacles,
    { left: frame.left, right: width, bottom },
  );
}

/** What was drawn stands beside what is exact, a little to the right. */
const whiskers = ({ simulated }: Shown, { y, budgetX, bestDot }: Layout) =>
  (
    [
      ['kl_rl', 'kl-rl', budgetX],
      ['best_of_n', 'best-of-n', bestDot?.[0] ?? budgetX],
    ] as const
  ).map(([policy, className, at]) => whisker(simulated?.[policy].reward, className, at + 13, y));

export const frontier: Figure = {
  name: 'frontier',
  height,

  claims: [
    {
      holds: hasNoBudget,
      claim: 'Nothing is spent yet.',
      rest: 'Both policies are the base model itself.',
    },
    {
      holds: isConstant,
      claim: 'There is nothing to buy.',
      rest: 'Every draft earns the same, whatever is spent.',
    },
    {
      holds: isPastSaturation,
      claim: 'There is nothing more to buy.',
      rest: ({ view: { report } }) =>
        `Beyond ${nats(report.model.kl_max ?? report.budget.kl)} nats the optimal policy gives only the best there is${
          report.best_of_n.kl === null ? '' : `; best-of-N spends ${spent(report.best_of_n.kl)}`
        }.`,
    },
    {
      holds: isBestOfNOptimal,
      claim: 'Here best-of-N is itself a tilt.',
      rest: (shown) => `No policy earns more for the ${spent(bestKl(shown))} nats that it spends${leftOver(shown)}.`,
    },
    {
      holds: isGapUnknown,
      claim: 'Two ways to spend one budget.',
      rest: ({ view: { report } }) =>
        `What the tilt earns more at equal KL ${
          report.gap.reward_at_bon_kl === null
            ? lacking(report, 'gap.reward_at_bon_kl')
            : 'is too little to be told from nothing'
        }; no policy lies above its curve.`,
    },
    {
      claim: 'At equal KL the tilt earns more.',
      rest: (shown) =>
        `For the ${spent(bestKl(shown))} nats that best-of-N spends it earns ${number(shown.view.report.gap.reward_at_bon_kl, 3)} more, and no policy earns more than it${leftOver(shown)}.`,
    },
  ],

  draw(shown, width, tall, at) {
    const layout = layOut(shown, width, tall);
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
        { at: y, ticks, format: reward, label: `expected reward${ofLength(shown)}` },
        width,
        tall,
        frame,
      )}
      <line class="budget" x1=${budgetX} x2=${budgetX} y1=${frame.top} y2=${bottom}></line>
      <path class="curve kl-rl" d=${path(tilt)}></path>
      <path class="curve best-of-n dashed" d=${path(best)}></path>
      ${layout.marks.map(({ at: [mx, my] }) => svg`<circle class="fill best-of-n" cx=${mx} cy=${my} r="2.5"></circle>`)}
      ${cursor.map(([cx, cy]) => svg`<circle class="cursor" cx=${cx} cy=${cy} r="4"></circle>`)}
      ${tiltDot ? svg`<circle class="dot kl-rl" cx=${tiltDot[0]} cy=${tiltDot[1]} r="6"></circle>` : ''}
      ${layout.others.map(({ px, py }) => svg`<circle class="cursor" cx=${px} cy=${py} r="4.5"></circle>`)}
      ${whiskers(shown, layout)}
      ${bracket ? svg`<path class="bracket" d=${bracketPath(bracket)}></path>` : ''}
      ${bestDot ? svg`<path class="dot best-of-n" d="M${bestDot[0]} ${bestDot[1] - 7}l7 7l-7 7l-7 -7z"></path>` : ''}
      ${labels(shown, layout, width, tall)}`;
  },

  handle: {
    control: 'rate',
    at(shown, width, tall) {
      const { x, frame } = scales(shown, width, tall);
      const { report, frontier } = shown.view;
      return { x: x(Math.min(report.budget.kl, frontier.kl_end)), top: frame.top, bottom: tall - frame.bottom };
    },
    value: (shown, width, tall, px) =>
      Math.min(Math.max(0, scales(shown, width, tall).x.invert(px)), shown.view.frontier.kl_end) /
      lengthOf(shown.scenario),
  },

  columns: ({ view }) => [
    { name: 'KL of KL-RL (nats)', values: view.frontier.kl_rl.kl },
    { name: 'reward of KL-RL', values: view.frontier.kl_rl.reward },
    { name: 'log N', values: view.frontier.best_of_n.log_n },
    { name: 'KL of best-of-N (nats)', values: view.frontier.best_of_n.kl },
    { name: 'reward of best-of-N', values: view.frontier.best_of_n.reward },
  ],

  positions: ({ view }) => view.frontier.kl_rl.kl.length,
  nearest: (shown, width, tall, px) =>
    nearestIndex(shown.view.frontier.kl_rl.kl, scales(shown, width, tall).x.invert(px)),
  read({ view }, at) {
    const { kl_rl, best_of_n } = view.frontier;
    return html`At ${nats(kl_rl.kl[at] as number)} nats: <span class="kl-rl">KL-RL ${signed(kl_rl.reward[at] ?? null, 5)}</span>,
      <span class="best-of-n">best-of-N ${signed(best_of_n.reward[at] ?? null, 5)}</span>
      spending ${nats(best_of_n.kl[at] ?? null)}`;
  },
};
