import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OptimumReport } from '../../web/cli/optimum.js';
import { checkpoint, tokenizer } from './tiny.js';

/** KL-RL of a language model's drafts, by `tiltlab generate`. */

const bin = join(import.meta.dirname, '../../web/cli/bin.js');
const folder = mkdtempSync(join(tmpdir(), 'optimum-'));
const write = (name: string, bytes: Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const tiny = ['--checkpoint', write('model.bin', checkpoint(1)), '--tokenizer', write('words.bin', tokenizer())];
const run = (...args: string[]) => spawnSync(process.execPath, [bin, 'generate', ...args], { encoding: 'utf8' });
const ran = (...args: string[]) => {
  const { status, stdout, stderr } = run(...args);
  if (status !== 0) throw new Error(stderr);
  return { stdout, stderr };
};
const report = (...args: string[]): OptimumReport => JSON.parse(ran('--json', ...args).stdout);
const rowsIn = (text: string): { prompt: string; reward: number; text: string }[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** What is said beside how far the drafts are. */
const said = (stderr: string) => stderr.split('\n').filter((line) => line !== '' && !line.startsWith('['));

const short = ['--length', '2', '--reward', 'letter:e'];
const mean = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const value = ({ value }: OptimumReport['base']) => value ?? Number.NaN;

test('weights, rejection and all drafts that there can be tell of the same optimum', () => {
  const exact = report(...short, '--kl', '0.5', '--method', 'enumeration');
  expect(exact).toMatchObject({ method: 'enumeration', kl: 0.5, language_model: { model: expect.any(String) } });
  expect(exact.drafts).toBeGreaterThan(200_000);
  expect(Object.keys(exact.kl_rl)).toEqual(['value']);
  expect(value(exact.gap)).toBeCloseTo(value(exact.kl_rl) - value(exact.best_of_n), 12);

  const weighed = report(...short, '--kl', '0.5', '--n', '10000');
  expect(Object.keys(weighed).slice(0, 7)).toEqual([
    'engine',
    'method',
    'drafts',
    'kl',
    'n',
    'alpha',
    'effective_sample_size',
  ]);
  for (const field of ['base', 'kl_rl', 'best_of_n', 'gap', 'kl_to_kl_rl'] as const) {
    const { interval: [low, high] = [Number.NaN, Number.NaN] } = weighed[field];
    expect(low, field).toBeLessThan(value(weighed[field]));
    expect(high, field).toBeGreaterThan(value(weighed[field]));
    // Four deviations, so that no seed of the future is a surprise.
    expect(Math.abs(value(weighed[field]) - value(exact[field])), field).toBeLessThan(2 * (high - low));
  }
  expect(Math.abs((weighed.held_out?.kl ?? 0) - 0.5)).toBeLessThan(0.2);
  expect(weighed.held_out?.effective_sample_size).toBeLessThan(weighed.effective_sample_size ?? 0);

  const { stdout, stderr } = ran(...short, '--kl', '0.5', '--n', '10000', '--method', 'rejection', '--json');
  const { rate = 0, draws = 0 } = weighed.rejection ?? {};
  expect(rate * draws).toBeCloseTo(1, 12);
  const lines = said(stderr);
  expect(lines[0]).toBe(
    `rejection at alpha ${Number((weighed.alpha ?? 0).toPrecision(4))} keeps one draft in ${Number(draws.toPrecision(4))}: of 10000 about ${Math.round(10000 * rate)}`,
  );
  const kept = rowsIn(stdout);
  expect(lines[1]).toMatch(new RegExp(`^kept ${kept.length}; they earn 0\\.\\d+, 0\\.\\d+ to 0\\.\\d+$`));
  expect(Math.abs(mean(kept.map(({ reward }) => reward)) - value(exact.kl_rl))).toBeLessThan(0.06);
  // They are drafts of the model, some of those that it draws without a budget.
  const all = new Set(ran(...short, '--n', '10000', '--json').stdout.split('\n'));
  for (const line of stdout.trimEnd().split('\n')) expect(all.has(line)).toBe(true);
}, 60_000);

test('a beta is an alpha: the KL is what its tilt spends', () => {
  const exact = report(...short, '--beta', '0.2', '--method', 'enumeration');
  const weighed = report(...short, '--beta=0.2', '--n=4000');
  expect([exact.alpha, weighed.alpha]).toEqual([5, 5]);
  expect(weighed.kl).toBeCloseTo(exact.kl, 1);
  expect(weighed.n).toBeCloseTo(Math.exp(weighed.kl), 12);
  const { effective_sample_size: by_kl } = report(...short, '--kl', String(weighed.kl), '--n=4000');
  expect(by_kl).toBeCloseTo(weighed.effective_sample_size ?? 0, 3);
  // Rejection finds no alpha, and takes as few drafts as one likes.
  expect(said(ran(...short, '--beta', '1', '--n', '5', '--method', 'rejection').stderr)).toEqual([
    expect.stringMatching(/^rejection at alpha 1 keeps one draft in \d\.\d+: of 5 about \d$/),
    expect.stringMatching(/^kept \d$/),
  ]);
}, 30_000);

test('evaluate says the same of the scenario, from the same drafts', () => {
  const scenario = {
    model: { kind: 'language_model', length: 12, reward: { kind: 'letter', letter: 'e' } },
    budget: { kl: 0.5 },
    simulation: { seed: 4, replicates: 600 },
  };
  const { stdout } = spawnSync(process.execPath, [bin, 'evaluate', '-'], {
    input: JSON.stringify(scenario),
    encoding: 'utf8',
  });
  const { kl_rl, best_of_n, language_model } = JSON.parse(stdout);
  const mine = report('--length', '12', '--reward', 'letter:e', '--kl', '0.5', '--seed', '4', '--n', '600');
  const { drafts, ...model } = language_model;
  expect([drafts, model]).toEqual([mine.drafts, mine.language_model]);
  expect(mine.alpha).toBeCloseTo(kl_rl.alpha, 6);
  expect(value(mine.kl_rl)).toBeCloseTo(kl_rl.reward, 9);
  expect(value(mine.best_of_n)).toBeCloseTo(best_of_n.reward, 12);
  expect(mine.effective_sample_size).toBeCloseTo(kl_rl.effective_sample_size, 5);
}, 30_000);

test('in words: both policies, what tells of the doubt, and a draft of each', () => {
  const args = ['--length', '12', '--reward', 'letter:e', '--kl', '0.7', '--prompt', 'The'];
  const { stdout } = ran(...args);
  const { kl_rl, chosen, effective_sample_size } = report(...args);
  expect(stdout).toMatch(
    /^At 0\.7 nats, N = 2\.014, of 2000 drafts, with 95 % intervals:\n {2}base +0\.\d+ +0\.\d+ to 0\.\d+\n/,
  );
  expect(stdout).toMatch(new RegExp(`^ {2}KL-RL +${Number(value(kl_rl).toPrecision(4))} `, 'm'));
  expect(stdout).toContain(
    `\n${Number((effective_sample_size ?? 0).toPrecision(4))} effective drafts under the tilt\n`,
  );
  expect(stdout).toMatch(/^The tilt of one half of them, on the other: 0\.\d+ nats, reward 0\.\d+, \d/m);
  expect(stdout).toMatch(/^Rejection would keep one draft in \d/m);
  const { base, best_of_n, kl_rl: tilted } = chosen ?? {};
  expect(stdout).toContain(`\nbase\t${base?.reward}\tThe${base?.text}\nbest of 2\t${best_of_n?.reward}\tThe`);
  expect(stdout).toContain(`\nKL-RL\t${tilted?.reward}\tThe${tilted?.text}\n`);
  const exact = ran(...short, '--kl', '0.5', '--method', 'enumeration').stdout;
  expect(exact).toMatch(/^At 0\.5 nats, N = 1\.649, of all \d+ drafts, exactly:\n {2}base +0\.\d+\n/);
  expect(exact).not.toContain('effective');
}, 30_000);

test('any number of workers says the same, to the byte', () => {
  for (const how of [['--json'], ['--method', 'rejection'], ['--method', 'rejection', '--json', '--gold', 'length']]) {
    const of = (workers: string) =>
      ran('--length', '6', '--reward', 'vader', '--kl', '0.2', '--n', '700', ...how, '--workers', workers).stdout;
    expect(of('3')).toBe(of('1'));
  }
}, 60_000);

test('a budget beyond what drafts can spend has no alpha', () => {
  const { alpha, chosen, rejection } = report('--length', '12', '--reward', 'word:the', '--kl', '3');
  expect([alpha, rejection]).toEqual([null, null]);
  expect(chosen?.kl_rl).toBe(null);
  expect(run('--length', '12', '--reward', 'word:the', '--kl', '3').stdout).toMatch(/^alpha is infinite: /m);
}, 30_000);

test('rewards that are all the same are one level, by every method', () => {
  for (const method of ['weights', 'enumeration'])
    for (const budget of ['--kl', '--beta']) {
      const { kl_rl, gap } = report('--length', '2', '--reward', 'word:zzz', budget, '0.5', '--method', method);
      expect([kl_rl.value, gap.value]).toEqual([0, 0]);
    }
}, 30_000);

describe('refused with exit code 2 and one line', () => {
  const kl = ['--kl', '0.5'];
  test.each<[string, string[], RegExp]>([
    ['no reward', ['--length', '2', ...kl], /^--kl: "0\.5" is of no use without --reward$/],
    ['no number', [...short, '--kl', 'much'], /^--kl: "much" is not a number in 0 \.\. 700$/],
    ['less than nothing', [...short, '--kl=-1'], /^--kl: "-1" is not a number in 0 \.\. 700$/],
    ['no beta', [...short, '--beta', '0'], /^--beta: "0" is not a number above 0$/],
    ['two budgets', [...short, ...kl, '--beta', '1'], /^--beta: "1" stands beside --kl, and there is one budget$/],
    [
      'no method',
      [...short, ...kl, '--method', 'magic'],
      /^--method: "magic" is none of weights, rejection, enumeration$/,
    ],
    ['a method alone', [...short, '--method', 'weights'], /^--method: "weights" is of no use without --kl or --beta$/],
    ['greed', [...short, ...kl, '--greedy'], /^--kl: "0\.5" is of no use with --greedy, /],
    [
      'heat',
      [...short, ...kl, '--temperature', '0.7'],
      /^--temperature: "0\.7" is not 1, and a KL is one from the model itself$/,
    ],
    [
      'gold of no rows',
      [...short, ...kl, '--json', '--gold', 'length'],
      /^--gold: "length" stands in rows, which --method weights/,
    ],
    ['few drafts', [...short, ...kl, '--n', '99'], /^--n: "99" is not an integer in 100 \.\. 100000$/],
    ['many drafts', [...short, ...kl, '--n', '100001'], /^--n: "100001" is not an integer in 100 \.\. 100000$/],
    [
      'drafts that are not drawn',
      [...short, ...kl, '--n', '500', '--method', 'enumeration'],
      /^--n: "500" is of no use with --method/,
    ],
    [
      'too long a list',
      ['--length', '3', '--reward', 'length', ...kl, '--method=enumeration'],
      /^length: 3 of a vocabulary of 512 tokens /,
    ],
    [
      'few that carry the tilt',
      ['--length', '16', '--reward', 'vader_sum', '--kl', '3', '--n', '200'],
      /^--kl: "3" leaves \d\.\d+ effective drafts of 200, and fewer than 10 tell nothing: draw more \(--n\), or set --kl lower$/,
    ],
    [
      'few that carry a beta',
      ['--length', '16', '--reward', 'length', '--beta', '0.001', '--n', '200'],
      /^--beta: "0\.001" leaves \d(\.\d+)? effective drafts of 200, .* or set --beta higher$/,
    ],
    [
      'few for the N',
      ['--length', '4', '--reward', 'word:the', '--kl', '4', '--n', '500'],
      /^--kl: "4" is best-of-54\.6, and 500 drafts tell up to a tenth of them: /,
    ],
    [
      'a reward without an end',
      ['--length', '2', '--reward', 'vader_sum', ...kl, '--method', 'rejection'],
      /^--method: "rejection" needs a reward that nothing exceeds, and vader_sum has no such bound$/,
    ],
    [
      'no alpha',
      ['--length', '12', '--reward', 'word:the', '--kl', '3', '--method', 'rejection'],
      /^--kl: "3" is all that these drafts can spend: /,
    ],
    [
      'what the engine refuses',
      [...tiny, '--length', '49', '--reward', 'length', ...kl],
      /^length: 49 is not an integer in 1 \.\. 48$/,
    ],
  ])('%s', (_, args, line) => {
    const { status, stdout, stderr } = run(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(said(stderr)).toEqual([expect.stringMatching(line)]);
  });
});

test('its help names them, with examples', () => {
  const { stdout } = run('--help');
  expect(stdout).toMatch(/^ {6}--kl NATS \| --beta B /m);
  expect(stdout).toMatch(/^ {2}tiltlab generate .*--kl \d/m);
  expect(stdout).toMatch(/^ {2}tiltlab generate .*--method rejection/m);
});
