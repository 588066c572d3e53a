import { expect, test } from 'vitest';
import { frontier } from '../../web/figures/frontier.js';
import { placeLabels } from '../../web/figures/labels.js';
import { extent, linesFigure, rounded } from '../../web/figures/lines.js';
import { areaPath, path } from '../../web/figures/path.js';
import { markup } from '../../web/still/markup.js';
import { type Shown, unitOf } from '../../web/words/shown.js';
import { engine, type Scenario } from '../engine/engine.js';

test('an axis holds its numbers and ends at most a fifth beyond them', () => {
  for (let k = -6; k < 7; k++)
    for (const [a, b] of [
      [0, 0.731],
      [-1.17, 2.9],
      [3.3, 3.4],
    ] as const) {
      const [low, high] = [a * 10 ** k, b * 10 ** k];
      for (const [from, to] of [rounded([low, high]), extent([high, null, low])]) {
        expect(from).toBeLessThanOrEqual(low);
        expect(to).toBeGreaterThanOrEqual(high);
        expect(to - from).toBeLessThanOrEqual(1.4 * (high - low));
      }
    }
  expect(extent([5, 5])[1]).toBeGreaterThan(5);
  expect(extent([null])).toEqual([0, 1]);
});

test('an axis holds still while its numbers change a little', () => {
  const ends = new Set(Array.from({ length: 101 }, (_, i) => rounded([0, 0.7 + i / 1000]).join()));
  expect(ends.size).toBe(2);
});

test('paths: to a hundredth of a pixel, a dot for one point, an area down to its bottom', () => {
  expect(path([])).toBe('');
  expect(path([[1.234567, 2]])).toBe('M1.23,2Z');
  expect(
    path([
      [0, 0.005],
      [10, 1e-9],
    ]),
  ).toBe('M0,0.01L10,0');
  expect(
    areaPath(
      [
        [1, 2],
        [3, 4],
      ],
      9,
    ),
  ).toBe('M1,9L1,2L3,4L3,9Z');
});

test('a label stands clear of a line wherever that runs, and is left out where there is no room', () => {
  const bounds = { left: 0, right: 400, bottom: 300 };
  const places = Array.from({ length: 12 }, (_, i) => ({ x: 100, y: 40 + 20 * i, anchor: 'start' as const }));
  const label = { text: 'word', className: 'note', places, optional: true };
  const stands = (lines: [number, number][][]) => {
    const [made] = placeLabels([label], lines, bounds);
    return made === '' ? null : String((made as { values: unknown[] }).values[1]);
  };
  expect(stands([])).toBe('translate(100 40)');
  // A horizontal through the first places, then one that is steeper.
  const level = (y: number): [number, number][] => [
    [0, y],
    [400, y],
  ];
  expect(stands([level(38), level(58)])).toBe('translate(100 80)');
  expect(
    stands([
      [
        [110, 0],
        [110, 300],
      ],
    ]),
  ).toBe(null);
});

/** The paths of a figure of one series over the axes 0 to 10, on a plot of 100 by 100 pixels. */
function drawn(points: [number, number | null][], marks = false): string[] {
  const figure = linesFigure({
    name: 'one',
    claims: [{ claim: '', rest: '' }],
    plot: () => ({
      x: { domain: [0, 10], label: '', ticks: [] },
      y: { domain: [0, 10], label: '', ticks: [] },
      series: [{ name: 'one', className: 'ink', x: points.map(([x]) => x), y: points.map(([, y]) => y), marks }],
    }),
    columns: () => [],
    read: () => '',
  });
  const found: string[] = [];
  const look = (part: unknown): void => {
    if (Array.isArray(part)) for (const each of part) look(each);
    else if (typeof part === 'object' && part !== null && 'values' in part && 'strings' in part) {
      const { strings, values } = part as { strings: string[]; values: unknown[] };
      values.forEach((value, i) => {
        if (/class="(curve|fill)/.test(strings[0] ?? '') && strings[i]?.endsWith(' d=')) found.push(String(value));
        look(value);
      });
    }
  };
  look(figure.draw({} as Shown, 30 + 100 + 14, 30 + 100 + 48, null));
  return found;
}

test('a curve is cut where it crosses the edge of its plot', () => {
  expect(
    drawn([
      [0, 0],
      [10, 10],
    ]),
  ).toEqual(['M30,130L130,30']);
  // Out at the top half way, and in again.
  expect(
    drawn([
      [0, 5],
      [4, 15],
      [8, 5],
    ]),
  ).toEqual(['M30,80L50,30', 'M90,30L110,80']);
  // Through the plot from outside to outside, past it, and where it is not defined.
  expect(
    drawn([
      [-5, -5],
      [15, 15],
    ]),
  ).toEqual(['M30,130L130,30']);
  expect(
    drawn([
      [0, 12],
      [10, 11],
    ]),
  ).toEqual([]);
  expect(
    drawn([
      [0, 5],
      [5, null],
      [10, 5],
    ]),
  ).toEqual(['M30,80Z', 'M130,80Z']);
});

test('a mark outside of the plot is not drawn at its edge', () => {
  const one = drawn([[5, 5]], true);
  expect(
    drawn(
      [
        [5, 5],
        [6, 11],
      ],
      true,
    ),
  ).toEqual(one);
});

test('a policy that spends more than the axis holds is an arrow at its end, and says how much', () => {
  const scenario: Scenario = {
    v: 1,
    model: {
      kind: 'memoryless',
      length: 40,
      tokens: [
        { p: 0.5, reward: 0 },
        { p: 0.3, reward: 1 },
        { p: 0.2, reward: 3 },
      ],
    },
    budget: { kl: 1 },
    policies: [{ kind: 'top_quantile', tau: 0.005 }],
  };
  const drawnTo = (klEnd: number) => {
    const view = engine.view(scenario, { klEnd });
    const shown: Shown = { scenario, view, unit: unitOf(scenario), simulated: null };
    return markup(frontier.draw(shown, 764, frontier.height(764), null));
  };
  expect(drawnTo(2)).toMatch(/<path class="cursor" d="M747 25l[^"]*z">/);
  expect(drawnTo(2)).toMatch(/>top[^<]*, 5\.\d+ nats</);
  expect(drawnTo(8)).toContain('<circle class="cursor"');
  expect(drawnTo(8)).not.toMatch(/<path class="cursor"|, 5\.\d+ nats</);
});
