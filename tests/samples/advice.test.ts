import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Advice, adviceOf, judgedOf } from '../../web/samples/advice.js';
import { makeSampleEngine, type SampleEngine } from '../../web/samples/engine.js';
import { overKl, overN } from '../../web/samples/page/charts.js';
import type { BestOfNRow, Judged } from '../../web/samples/types.js';
import { number, whole } from '../../web/words/format.js';

/** What is said of drafts is held against their numbers, over tables of every sort. */

let engine: SampleEngine;
beforeAll(async () => {
  const file = (ending: string) => new URL(`../../build/wasm/tiltlab_samples.${ending}`, import.meta.url);
  const { default: create } = await import(file('mjs').href);
  engine = makeSampleEngine(await create({ wasmBinary: readFileSync(file('wasm')) }));
});

function random(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Sort {
  name: string;
  prompts: number;
  drafts: number;
  /** Gold of a draft whose reward is x; null for a table without. */
  gold: ((x: number, next: () => number) => number) | null;
}

const sorts: Sort[] = [
  { name: 'rising', prompts: 40, drafts: 24, gold: (x, next) => (next() < x ? 1 : 0) },
  { name: 'fooled at the top', prompts: 120, drafts: 40, gold: (x, next) => (next() < (x > 0.8 ? 0.1 : x) ? 1 : 0) },
  { name: 'noise', prompts: 30, drafts: 20, gold: (_, next) => next() },
  { name: 'against', prompts: 60, drafts: 20, gold: (x, next) => (next() < 1 - x ? 1 : 0) },
  { name: 'constant gold', prompts: 12, drafts: 10, gold: () => 1 },
  { name: 'no gold', prompts: 20, drafts: 16, gold: null },
  { name: 'one prompt', prompts: 1, drafts: 300, gold: (x, next) => (next() < x ? 1 : 0) },
  { name: 'few drafts of one prompt', prompts: 1, drafts: 5, gold: (x, next) => (next() < x ? 1 : 0) },
  { name: 'one draft a prompt', prompts: 25, drafts: 1, gold: (_, next) => next() },
  { name: 'three prompts', prompts: 3, drafts: 30, gold: (x, next) => (next() < x ? 1 : 0) },
];

function judgedBy({ prompts, drafts, gold }: Sort, seed: number): Judged {
  const next = random(seed);
  const rows = prompts * drafts;
  const reward = Float64Array.from({ length: rows }, () => Math.round(next() * 12) / 12);
  engine.read({
    prompt: Uint32Array.from({ length: rows }, (_, i) => Math.floor(i / drafts)),
    reward,
    gold: gold ? reward.map((x) => gold(x, next)) : new Float64Array(),
    logprob: new Float64Array(),
    length: reward.map(() => Math.floor(next() * 900)),
    answer: Uint32Array.from({ length: rows }, () => Math.floor(next() * 4)),
  });
  return engine.judge({ price: 0.01 });
}

test('names with an article are said with one, and begin a sentence as one does', () => {
  for (const sort of sorts) {
    const judged = judgedBy(sort, 1);
    const said = { reward: 'the proxy', gold: sort.gold ? 'the share solved' : null, unit: 'the share solved' };
    const chart = overN(judged, said, sort.gold ? 'gold' : 'reward');
    const words = adviceOf(judged, { ...said, hasLogprob: false, refused: 0 }).map(({ words: line }) => line);
    for (const line of [...words, chart.claim, chart.rest, overKl(judged, said).rest]) {
      expect(line).not.toMatch(/\bthe the\b|highest the|[.] the /);
      expect(line).toMatch(/^[A-Z0-9]/);
    }
    expect(chart.y.label).not.toMatch(/^the /);
  }
});

const of = (advice: readonly Advice[], about: Advice['about']) => advice.find((each) => each.about === about);
const three = (x: number) => number(x, 3);

describe.each(sorts)('$name', (sort) => {
  test.each([1, 2, 3])('what is said is what the numbers are, seed %i', (seed) => {
    const judged = judgedBy(sort, seed);
    const said = { reward: 'score', gold: sort.gold ? 'truth' : null, unit: 'truth' };
    const words = adviceOf(judged, { ...said, hasLogprob: false, refused: 0 });
    const { advice } = judged;
    const row = (n: number) => judged.curves.best_of_n.find((each) => each.n === n) as BestOfNRow;
    const value = (n: number) => judgedOf(row(n)).value;
    for (const { words: line } of words) expect(line).toMatch(/^[A-Z0-9].*[.]$/);
    expect(words.map(({ words: line }) => line).join(' ')).not.toMatch(/NaN|undefined|null|Infinity/);

    // The best is the best of what every prompt has drafts for.
    const all = judged.curves.best_of_n.filter(({ n }) => n <= advice.largest).map(({ n }) => value(n));
    expect(value(advice.best)).toBe(Math.max(...all));
    expect(of(words, 'n')?.words).toContain(three(value(advice.best)));

    // A turn is claimed where the paired interval leaves no doubt, and only there.
    const turn = of(words, 'turn');
    const told = advice.lost_interval !== null && advice.lost_interval[0] > 0;
    expect(/falls while/.test(turn?.words ?? '')).toBe(sort.gold !== null && told && advice.best < advice.largest);
    const chart = overN(judged, said, sort.gold ? 'gold' : 'reward');
    expect(/worse drafts/.test(chart.claim)).toBe(sort.gold !== null && told && advice.best > 1);

    // What cannot be told from the best is a run around it.
    expect(advice.from).toBeLessThanOrEqual(advice.best);
    expect(advice.to).toBeGreaterThanOrEqual(advice.best);
    const range = of(words, 'range');
    expect(range !== undefined).toBe(advice.from < advice.to && advice.gain_interval !== null);
    expect(chart.stretch !== null).toBe(range !== undefined);

    // At the price the next draft pays before the stop and not after it.
    const stop = advice.stop as number;
    for (let n = 1; n < Math.min(stop, 128); n++) expect(value(n + 1) - value(n)).toBeGreaterThan(0.01);
    if (stop < advice.largest) expect(value(stop + 1) - value(stop)).toBeLessThanOrEqual(0.01);
    expect(of(words, 'price')?.words).toContain(`N = ${whole(stop)}.`);

    // What is not there is said.
    const unknown = words.filter(({ about }) => about === 'unknown').map(({ words: line }) => line);
    expect(unknown.some((line) => /no gold column/.test(line))).toBe(sort.gold === null);
    expect(unknown.some((line) => /^One prompt/.test(line))).toBe(sort.prompts === 1);
    expect(unknown.some((line) => /prompts are few/.test(line))).toBe(sort.prompts > 1 && sort.prompts < 8);
    expect(unknown.some((line) => /Too few drafts a prompt for KL-RL/.test(line))).toBe(
      judged.curves.kl_rl.length === 0,
    );

    // Charts place numbers of the report, and end where the drafts do.
    expect(chart.curves[0]?.y[0]).toBe(value(1));
    for (const { x, y, band } of chart.curves) {
      expect(y.length).toBe(x.length);
      expect(band.length).toBe(x.length);
      expect([...x, ...y].every(Number.isFinite)).toBe(true);
    }
    expect(overKl(judged, said).curves[0]?.x.length).toBeGreaterThan(0);
  });
});

describe('rewards that are all equal', () => {
  const told = (drafts: readonly (readonly [prompt: number, reward: number, gold?: number])[], refused = 0) => {
    const hasGold = drafts[0]?.[2] !== undefined;
    engine.read({
      prompt: Uint32Array.from(drafts, ([prompt]) => prompt),
      reward: Float64Array.from(drafts, ([, reward]) => reward),
      gold: hasGold ? Float64Array.from(drafts, ([, , gold]) => gold ?? 0) : new Float64Array(),
      logprob: new Float64Array(),
      length: new Float64Array(),
      answer: new Uint32Array(),
    });
    const judged = engine.judge({ price: 0.01 });
    const said = { reward: 'the score', gold: hasGold ? 'truth' : null, hasLogprob: true, refused };
    return adviceOf(judged, said).map(({ words }) => words);
  };
  const table = <T>(prompts: number, drafts: number, draft: (prompt: number, k: number) => T): T[] =>
    Array.from({ length: prompts * drafts }, (_, i) => draft(Math.floor(i / drafts), i % drafts));

  test('in the whole table', () => {
    const nothing = 'All 70 drafts have score 0.250: there is nothing to choose by.';
    expect(told(table(7, 10, (prompt) => [prompt, 0.25]))).toEqual([nothing]);
    expect(told(table(1, 70, () => [0, 0.25]))).toEqual([nothing]);
    expect(told(table(70, 1, (prompt) => [prompt, 0.25]))).toEqual([nothing]);
    expect(
      told(
        table(7, 10, (prompt) => [prompt, 0.25]),
        3,
      ),
    ).toEqual([nothing, '3 rows were left out.']);
  });

  test('in each prompt', () => {
    const [line, ...more] = told(table(7, 10, (prompt) => [prompt, prompt / 7]));
    expect(line).toBe(
      'All drafts of a prompt have the same score, in the mean 0.429 [0.143, 0.714]: there is nothing to choose by.',
    );
    expect(more).toEqual([]);
    // Prompts of one draft beside others are as much the same.
    const ragged = table(7, 7, (prompt, k) => [prompt, prompt, k] as const).filter(([prompt, , k]) => k <= prompt);
    expect(told(ragged.map(([prompt, reward]) => [prompt, reward]))[0]).toMatch(
      /^All drafts of a prompt have the same/,
    );
  });

  test('with gold, which is then what it is', () => {
    expect(told(table(40, 10, (prompt, k) => [prompt, 0.5, (k + prompt) % 3 === 0 ? 1 : 0]))).toEqual([
      'All 400 drafts have score 0.500: choosing by it leaves truth at 0.335 [0.320, 0.352], whatever N.',
    ]);
  });

  test('but for one draft: there is something to choose', () => {
    const lines = told(table(20, 30, (prompt, k) => [prompt, prompt === 3 && k === 5 ? 1 : 0]));
    expect(lines.join(' ')).toMatch(/^Best-of-30 has the highest score/);
    expect(told(table(20, 1, (prompt) => [prompt, prompt]))[0]).toMatch(/^One draft has the highest score/);
    expect(told([[0, 2]])[0]).toMatch(/^One draft has/);
  });
});

describe('past the drafts', () => {
  /** Scores of `step` 0 have no ties. */
  const foretold = (prompts: number, drafts: number, step: number) => {
    const next = random(5);
    const rows = prompts * drafts;
    const score = () => -Math.log(1 - next());
    engine.read({
      prompt: Uint32Array.from({ length: rows }, (_, i) => Math.floor(i / drafts)),
      reward: Float64Array.from({ length: rows }, () => (step ? Math.round(score() / step) * step : score())),
      gold: new Float64Array(),
      logprob: new Float64Array(),
      length: new Float64Array(),
      answer: new Uint32Array(),
    });
    const judged = engine.judge({});
    return { judged, said: adviceOf(judged, { reward: 'score', gold: null, hasLogprob: false, refused: 0 }) };
  };

  test('continuous scores go on along their tail, with its index in words', () => {
    const { judged, said } = foretold(150, 32, 0);
    const further = said.find(({ about }) => about === 'further');
    expect(further?.words).toMatch(
      /^The best of 64 drafts would have score .* \[.*\], if scores go on as the best of these do \(tail index .* \[.*\]\)\.$/,
    );
    expect(further?.interval).not.toBeNull();
    expect(judged.not_extrapolated).toBe('');
    // Drawn as far as it is told.
    const drawn = overN(judged, { reward: 'score', gold: null, answer: null } as never, 'reward');
    expect(drawn.x.domain[1]).toBe(128);
  });

  test.each([
    [150, 32, 1, 'ties', 'the best drafts tie, and tied scores have no tail'],
    [20, 32, 0, 'few_prompts', 'the tail of scores takes 100 prompts'],
    [150, 16, 0, 'few_drafts', 'the tail of scores takes 32 drafts a prompt'],
  ])('%i prompts of %i drafts in steps of %f: %s', (prompts, drafts, step, reason, words) => {
    const { judged, said } = foretold(prompts, drafts, step);
    expect(judged.not_extrapolated).toBe(reason);
    expect(said.map((each) => each.words)).toContain(`Past N = ${drafts} nothing is told: ${words}.`);
    expect(said.some(({ about }) => about === 'further')).toBe(false);
  });
});
