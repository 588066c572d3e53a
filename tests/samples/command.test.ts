import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BudgetedReport as SampleReport } from '../../web/samples/report.js';

const bin = join(import.meta.dirname, '../../web/cli/bin.js');
const run = (...args: string[]) =>
  spawnSync(process.execPath, [bin, 'evaluate', '--samples', ...args], { encoding: 'utf8' });
const report = (...args: string[]): SampleReport => {
  const { stdout, stderr, status } = run(...args);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as SampleReport;
};
const folder = mkdtempSync(join(tmpdir(), 'drafts-'));
const write = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const five = write('five.csv', 'prompt,score\n0,0.1\n0,0.4\n0,1\n0,0.4\n0,0.7\n');

test('rewards .1, .4, .4, .7, 1 give .52, .73, .85, .94, 1', () => {
  const { curves, rows, prompts, refused } = report(five);
  const found = curves.best_of_n.map(({ reward }) => reward);
  [0.52, 0.73, 0.85, 0.94, 1].forEach((right, i) => {
    expect(found[i]).toBeCloseTo(right, 12);
  });
  expect(curves.best_of_n[0]?.reward_interval).toBeNull();
  expect({ rows, prompts, refused }).toEqual({ rows: 5, prompts: 1, refused: {} });
});

test('the same files give the same bytes, with any seed where no answers are elected', () => {
  const many = write(
    'many.csv',
    `prompt,reward\n${Array.from({ length: 120 }, (_, i) => `${i % 12},${(i * 37) % 101}`).join('\n')}\n`,
  );
  const one = run(many).stdout;
  expect(run(many).stdout).toBe(one);
  expect(run(many, '--seed', '2').stdout).toBe(one);
});

test('columns and scores can be set; a budget has both policies', () => {
  const steps = write(
    'steps.jsonl',
    '{"q":"a","c":["x","y"],"s":[[0.5,0.25],[1,0.5]]}\n{"q":"b","c":["x","y"],"s":[[0.5,1],[1,0.5]]}\n',
  );
  const of = (how: string) => report(steps, '--prompt=q', '--reward', 's', '--scores', how).curves.best_of_n[1]?.reward;
  expect(of('last')).toBe(0.75);
  expect(of('min')).toBe(0.5);
  expect(of('product')).toBe(0.5);
  const at = report(five, '--n', '2');
  expect(at.best_of_n?.reward).toBeCloseTo(0.73, 12);
  expect(at.budget?.kl).toBeCloseTo(Math.log(2), 12);
});

describe('refused with exit code 2 and one line', () => {
  const bad = write('bad.csv', 'prompt,reward\na,1\na,x\na,y\na,2\n');
  test.each<[string, string[], RegExp]>([
    ['rows that are no drafts', [bad], /^bad\.csv:3: reward is not a number \(2 such rows; --drop leaves them out\)$/],
    ['no file', [join(folder, 'none.csv')], /none\.csv: no such file$/],
    ['nothing', [], /^--samples: nothing is not a file$/],
    ['no such column', [five, '--gold', 'truth'], /^--gold: "truth" is no column; there are prompt, score$/],
    ['no such aggregation', [five, '--scores', 'mean'], /^--scores: "mean" is not one of last, min, product$/],
    ['no number', [five, '--price', 'cheap'], /^--price: "cheap" is not a number of at least 0$/],
    [
      'no curve',
      [five, '--compare', 'best,best_of_n'],
      /^--compare: "best,best_of_n" is not two of best_of_n, ceiling,/,
    ],
    ['no measure', [five, '--compare', 'kl_rl,best_of_n,fun'], /^--compare: .* does not end in one of reward, gold,/],
    ['no gold', [five, '--compare', 'ceiling,best_of_n'], /^samples\.difference: the drafts have no gold$/],
    ['no option', [five, '--colour', 'red'], /^--colour: "red" is no option of --samples$/],
  ])('%s', (_, args, line) => {
    const { status, stdout, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trimEnd()).toMatch(line);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  test('two curves are compared, paired by prompt', () => {
    const rows = Array.from({ length: 240 }, (_, i) => `q${i % 12},${(i * 7) % 11},${(i * 5) % 3 === 0 ? 1 : 0}`);
    const file = write('pairs.csv', ['prompt,reward,gold', ...rows].join('\n'));
    const { differences, curves } = report(file, '--compare', 'ceiling,best_of_n');
    expect(differences).toMatchObject({ first: 'ceiling', second: 'best_of_n', of: 'gold' });
    for (const { n, difference } of differences?.rows ?? []) {
      const at = <R extends { n: number }>(list: R[]) => list.find((row) => row.n === n) as R;
      expect(difference).toBeCloseTo(at(curves.ceiling).gold - (at(curves.best_of_n).gold ?? 0), 13);
      expect(difference).toBeGreaterThanOrEqual(0);
    }
    expect(differences?.rows.length).toBeGreaterThan(5);
    const other = report(file, '--compare', 'best_of_n,kl_rl,reward').differences?.rows ?? [];
    expect(other[0]).toEqual({ n: 1, difference: 0, difference_interval: null });
  });

  test('what is dropped is counted', () => {
    const { refused, rows, curves } = report(bad, '--drop');
    expect(refused).toEqual({ 'reward is not a number': 2 });
    expect(rows).toBe(4);
    const unbiased = curves.best_of_n.filter(({ estimator }) => estimator === 'unbiased');
    expect(unbiased.map(({ reward }) => reward)).toEqual([1.5, 2]);
  });
});

describe('a scenario whose model is drafts', () => {
  const tiltlab = (scenario: unknown) =>
    spawnSync(process.execPath, [bin, 'evaluate', '-'], { encoding: 'utf8', input: JSON.stringify(scenario) });
  const rows = [0.1, 0.4, 1, 0.4, 0.7].map((reward, i) => ({ prompt: '0', reward, gold: i % 2 }));

  test('has the report of its rows', () => {
    const found = JSON.parse(
      tiltlab({ v: 1, model: { kind: 'samples', rows }, budget: { n: 3 } }).stdout,
    ) as SampleReport;
    expect(found.best_of_n?.reward).toBeCloseTo(0.85, 12);
    expect(found.best_of_n?.n).toBe(3);
    expect(found.rows).toBe(5);
    expect(found.curves.ceiling[1]?.gold).toBeCloseTo(0.7, 12);
  });

  test.each<[string, unknown, string]>([
    ['no rows', { model: { kind: 'samples', rows: [] } }, 'model.rows: an object is no list of at least one draft'],
    [
      'a reward that is text',
      { model: { kind: 'samples', rows: [...rows, { prompt: '0', reward: 'x', gold: 1 }] } },
      'model.rows[5].reward: "x" is not a finite number',
    ],
    [
      'a field that is not known',
      { model: { kind: 'samples', rows: [{ reward: 1, score: 2 }] } },
      'model.rows[0].score: 2 is not known',
    ],
    [
      'a field that one row lacks',
      { model: { kind: 'samples', rows: [...rows, { prompt: '0', reward: 1 }] } },
      'model.rows[5].gold: nothing is there, where other rows have it',
    ],
    [
      'a budget per token',
      { model: { kind: 'samples', rows }, budget: { kl_per_token: 1 } },
      'budget: "kl_per_token" is not exactly one of n, log_n, kl, beta',
    ],
    ['a budget below', { model: { kind: 'samples', rows }, budget: { n: 0.5 } }, 'budget.n: 0.5 is not at least 1'],
    ['another field', { model: { kind: 'samples', rows }, policies: [] }, 'policies: an object is not known'],
  ])('%s is refused', (_, scenario, line) => {
    const { status, stderr, stdout } = tiltlab(scenario);
    expect(stderr.trimEnd()).toBe(line);
    expect(status).toBe(2);
    expect(stdout).toBe('');
  });
});

describe('shares of files', () => {
  // Prompts that several files have, a file a seed, and answers.
  const files = Array.from({ length: 7 }, (_, seed) =>
    write(
      `output-rs${seed}.jsonl`,
      Array.from({ length: 10 }, (__, k) =>
        JSON.stringify({
          problem: `p${k}`,
          predicted_answer: String((k * seed) % 3),
          symbolic_correct: (k * seed) % 3 === 1,
          score: ((k + 1) * (seed + 3) * 7) % 11,
        }),
      ).join('\n'),
    ),
  );
  const tiltlab = (...args: string[]) => spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });
  const shards = [1, 2, 3].map((i) =>
    write(`shard-${i}.json`, tiltlab('samples', ...files, '--shard', `${i}/3`, '--price', '.01').stdout),
  );

  test('merge to the very bytes of one run, in any order', () => {
    const whole = tiltlab('samples', ...files, '--price', '.01').stdout;
    expect((JSON.parse(whole) as SampleReport).curves.majority.length).toBe(7);
    expect(tiltlab('merge', ...shards).stdout).toBe(whole);
    expect(tiltlab('merge', shards[2] as string, shards[0] as string, shards[1] as string).stdout).toBe(whole);
  });

  const text = (i: number) => readFileSync(shards[i] as string, 'utf8');
  test.each<[string, () => string[], RegExp]>([
    ['a share that is missing', () => shards.slice(0, 2), /^merge: share 3 of 3 is in none of the files$/],
    ['one that is there twice', () => [...shards, shards[0] as string], /share 1 of 3 is there twice$/],
    [
      'a number that changed',
      () => [write('changed.json', text(0).replace(/"rows": 30/, '"rows": 31')), ...shards.slice(1)],
      /changed\.json: is damaged/,
    ],
    [
      'one that was cut',
      () => [...shards.slice(1), write('cut.json', text(0).slice(0, 900))],
      /cut\.json: cannot be read/,
    ],
    [
      'one of other settings',
      () => [
        ...shards.slice(0, 2),
        write('other.json', tiltlab('samples', ...files, '--shard', '3/3', '--seed', '5').stdout),
      ],
      /other\.json: is a share of something else/,
    ],
    ['a share of a simulation or anything else', () => [...shards.slice(0, 2), five], /five\.csv: cannot be read/],
  ])('%s is refused by name', (_, given, line) => {
    const { status, stdout, stderr } = tiltlab('merge', ...given());
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trimEnd()).toMatch(line);
  });

  test.each(['0/3', '4/3', 'a/b', '1'])('--shard %s is refused', (share) => {
    expect(tiltlab('samples', ...files, '--shard', share).stderr).toMatch(
      /^--shard: .* is not i\/k with i from 1 to k/,
    );
  });
});

test('a table of counts, as a dataframe engine sums rows up, is the table of its rows', () => {
  const rows = write('rows.csv', `prompt,reward,gold\n${'a,0.5,1\n'.repeat(3)}${'a,1,0\n'.repeat(2)}b,1,1\nb,0,0\n`);
  const counted = write('counted.csv', 'prompt,reward,gold,drafts\na,0.5,1,3\na,1,0,2\nb,1,1,1\nb,0,0,1\n');
  const [one, other] = [report(rows), report(counted)];
  expect(other.curves).toEqual(one.curves);
  expect(other.layout.columns.count).toBe('drafts');
  const bad = write('bad-count.csv', 'prompt,reward,drafts\na,0.5,1.5\na,1,2\n');
  expect(run(bad).stderr).toMatch(/^bad-count\.csv:2: drafts is not a count/);
});

const shared = process.env.TILTLAB_SHARED;
const table = shared && join(shared, 'data/humaneval_codegen16b/bon_table.csv');
test.skipIf(!table || !existsSync(table))('HumanEval: gold rises, turns and falls (set TILTLAB_SHARED)', () => {
  const { curves, advice, prompts } = report(table as string, '--price', '.005');
  expect(prompts).toBe(151);
  const gold = (n: number) => curves.best_of_n.find((row) => row.n === n)?.gold;
  const right: [number, number][] = [
    [1, 0.2117],
    [2, 0.2699],
    [3, 0.2916],
    [4, 0.2995],
    [5, 0.3011],
    [6, 0.2998],
    [7, 0.2971],
    [8, 0.2937],
    [16, 0.2687],
    [32, 0.2437],
    [100, 0.2087],
  ];
  for (const [n, value] of right) expect(gold(n)).toBeCloseTo(value, 4);
  expect(curves.ceiling[4]?.gold).toBeCloseTo(0.41, 3);
  expect(curves.ceiling[99]?.gold).toBeCloseTo(0.742, 3);
  const kl = [2, 4, 8, 16, 32, 64, 100].map((n) => curves.best_of_n.find((row) => row.n === n)?.kl_plug_in);
  [0.14, 0.48, 0.9, 1.36, 1.82, 2.28, 2.55].forEach((value, i) => {
    expect(kl[i]).toBeCloseTo(value, 2);
  });
  const about = (what: string) => advice.find((each) => each.about === what);
  expect(about('n')).toMatchObject({ n: 5 });
  expect(about('range')).toMatchObject({ n: 4, value: 8 });
  expect(about('price')).toMatchObject({ n: 4 });
  expect(about('gain')?.value).toBeCloseTo(0.0894, 4);
  expect(about('turn')?.value).toBeCloseTo(0.0924, 4);
  // Intervals by other resamples than the reference's.
  expect(about('gain')?.interval?.[0]).toBeCloseTo(0.0677, 2);
  expect(about('turn')?.interval?.[1]).toBeCloseTo(0.1384, 2);
});
