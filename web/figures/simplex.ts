import { html, svg } from 'lit';
import type { SimplexPoints } from '../engine/statements.js';
import { kindOf } from '../models/registry.js';
import { chosen, number } from '../words/format.js';
import { hasNoBudget, isPastSaturation } from '../words/holds.js';
import { lengthOf, type Shown } from '../words/shown.js';
import { type Figure, nearestIndex } from './figure.js';
import { around, type Label, placeLabels, textWidth } from './labels.js';
import { path } from './path.js';

const of = ({ view }: Shown) => view.statements.simplex ?? null;
const height = (width: number) => Math.min(460, Math.round(width * 0.86) + 30);

/** The triangle with the largest reward on top. */
function triangle(width: number, tall: number) {
  const side = Math.min(width - 48, (tall - 76) / 0.866);
  const left = (width - side) / 2;
  const bottom = tall - 40;
  return {
    first: [left, bottom] as [number, number],
    second: [left + side, bottom] as [number, number],
    third: [left + side / 2, bottom - side * 0.866] as [number, number],
  };
}

function place(width: number, tall: number) {
  const c = triangle(width, tall);
  return (points: SimplexPoints): [number, number][] =>
    points.first.map((w1, i) => {
      const [w2, w3] = [points.second[i] as number, points.third[i] as number];
      return [0, 1].map(
        (k) => w1 * (c.first[k] as number) + w2 * (c.second[k] as number) + w3 * (c.third[k] as number),
      ) as [number, number];
    });
}

/** The name of a corner, where it stands. */
interface Corner {
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
  text: string;
}

/** A line through a corner's name, which other labels keep clear of. */
function across({ x, y, anchor, text }: Corner): [number, number][] {
  const width = textWidth(text, 12);
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return [
    [left, y - 4],
    [left + width, y - 4],
  ];
}

/** The three rewards with their names, increasing. */
function names({ scenario: { model } }: Shown): [string, string, string] {
  const rows = kindOf(model).rows?.(model) ?? [];
  const drawn = rows.filter(({ p }) => p > 0);
  const levels = [...new Set(drawn.map(({ reward }) => reward))].sort((a, b) => a - b);
  return levels.slice(0, 3).map((level) => {
    const labels = drawn.filter(({ reward, label }) => reward === level && label).map(({ label }) => label);
    return `${labels.length > 0 ? `${labels.join(', ')}: ` : 'reward '}${chosen(level, 4)}`;
  }) as [string, string, string];
}

/** What the dashes are; why of another length than the reader's, where they are. */
function follows(shown: Shown): string {
  const length = of(shown)?.length ?? 1;
  const own = length === lengthOf(shown.scenario);
  if (length === 1 && own) return 'best-of-N follows the dashes as N grows';
  const texts = length === 1 ? 'in sequences of one' : `in sequences of ${chosen(length, 3)}`;
  return `best-of-N’s shares of tokens ${texts} follow the dashes as N grows${own ? '' : ', for longer ones are too many to list'}`;
}

/** All policies of one token with three rewards. */
export const simplex: Figure = {
  name: 'simplex',
  part: 'simplex',
  height,
  claims: [
    {
      holds: hasNoBudget,
      claim: 'Nothing is spent yet.',
      rest: 'The ball of policies within the budget is the base alone.',
    },
    {
      holds: isPastSaturation,
      claim: 'The whole simplex is within the budget.',
      rest: (shown) => `The optimum is its corner of the highest reward; ${follows(shown)}.`,
    },
    {
      claim: 'The farthest point of the ball.',
      rest: (shown) =>
        `Of all policies within the budget (the shaded ball) the optimum touches the highest line of equal reward; ${follows(shown)}.`,
    },
  ],
  draw(shown, width, tall, at) {
    const data = of(shown);
    if (!data) return svg``;
    const { first, second, third } = triangle(width, tall);
    const at2 = place(width, tall);
    const [p] = at2(data.base) as [[number, number]];
    const [phi] = at2(data.optimum) as [[number, number]];
    const [q] = at2(data.reward_model) as [[number, number]];
    const tilts = at2(data.tilts);
    const best = at2(data.best_of_n);
    const here = best.at(-1) as [number, number];
    const bestPath = best.slice(0, -1);
    const ball = at2(data.ball);
    const ends = at2(data.level_lines);
    const lines = data.level_rewards.map(
      (_, i) => [ends[2 * i], ends[2 * i + 1]] as [[number, number], [number, number]],
    );
    const [low, mid, high] = names(shown);
    const labels: Label[] = [
      { text: 'KL-RL', className: 'strong kl-rl', size: 13.5, places: around(phi[0], phi[1], 1, -1) },
      { text: 'best of N', className: 'strong best-of-n', size: 13.5, places: around(here[0], here[1], 1, 1) },
      { text: 'base p', className: 'strong base', size: 13.5, places: around(p[0], p[1], -1, -1) },
      {
        text: 'q, softmax of the reward',
        shorter: ['q'],
        className: 'note',
        places: around(q[0], q[1], -1, 1),
        optional: true,
      },
    ];
    const cursor = at === null ? undefined : tilts[at];
    const corners: Corner[] = [
      { x: Math.max(0, first[0] - 16), y: first[1] + 22, anchor: 'start', text: low },
      { x: Math.min(width, second[0] + 16), y: second[1] + 22, anchor: 'end', text: mid },
      { x: third[0], y: third[1] - 12, anchor: 'middle', text: high },
    ];
    return svg`
      <path class="area ball" d="${path(ball)}Z"></path>
      <path class="grid-line" d="${path([first, second, third])}Z"></path>
      ${lines.map((l, i) => svg`<path class="curve thin ${i === 0 ? 'kl-rl' : 'sharp'}" d=${path(l)}></path>`)}
      <path class="curve kl-rl" d=${path(tilts)}></path>
      <path class="curve best-of-n dashed" d=${path(bestPath)}></path>
      ${cursor ? svg`<circle class="cursor" cx=${cursor[0]} cy=${cursor[1]} r="4"></circle>` : ''}
      <circle class="fill base" cx=${p[0]} cy=${p[1]} r="4.5"></circle>
      <circle class="cursor" cx=${q[0]} cy=${q[1]} r="3"></circle>
      <circle class="dot kl-rl" cx=${phi[0]} cy=${phi[1]} r="6"></circle>
      <path class="dot best-of-n" d="M${here[0]} ${here[1] - 6.5}l6.5 6.5l-6.5 6.5l-6.5 -6.5z"></path>
      ${corners.map(({ x, y, anchor, text }) => svg`<text class="tick" x=${x} y=${y} text-anchor=${anchor}>${text}</text>`)}
      ${placeLabels(labels, [tilts, bestPath, ...lines, ball, ...corners.map(across)], { left: 0, right: width, bottom: tall - 24 })}`;
  },
  columns(shown) {
    const data = of(shown);
    const [low, mid, high] = names(shown);
    const block = (title: string, points: SimplexPoints | undefined) => [
      { name: `${title}, ${low}`, values: points?.first ?? [] },
      { name: `${title}, ${mid}`, values: points?.second ?? [] },
      { name: `${title}, ${high}`, values: points?.third ?? [] },
    ];
    return [
      ...block('tilt', data?.tilts),
      { name: 'log N', values: data?.best_of_n_log_n ?? [] },
      ...block('best of N', data?.best_of_n),
      ...block('ball', data?.ball),
    ];
  },
  positions: (shown) => of(shown)?.tilts.first.length ?? 0,
  nearest(shown, width, tall, px) {
    const data = of(shown);
    return data
      ? nearestIndex(
          place(width, tall)(data.tilts).map(([x]) => x),
          px,
        )
      : 0;
  },
  read(shown, at) {
    const data = of(shown);
    if (!data) return '';
    return html`tilt <span class="kl-rl">${number(data.tilts.first[at] as number, 3)}, ${number(data.tilts.second[at] as number, 3)}, ${number(data.tilts.third[at] as number, 3)}</span>;
      best of N at log N = ${number(data.best_of_n_log_n[at] ?? 0, 3)}: <span class="best-of-n">${number(data.best_of_n.first[at] as number, 3)}, ${number(data.best_of_n.second[at] as number, 3)}, ${number(data.best_of_n.third[at] as number, 3)}</span>`;
  },
};
