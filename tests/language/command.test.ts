import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkpoint, tokenizer } from './tiny.js';

const bin = join(import.meta.dirname, '../../web/cli/bin.js');
const folder = mkdtempSync(join(tmpdir(), 'language-'));
const write = (name: string, bytes: Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const model = write('model.bin', checkpoint(1));
const words = write('words.bin', tokenizer());
const files = ['--checkpoint', model, '--tokenizer', words];

const run = (...args: string[]) => spawnSync(process.execPath, [bin, 'generate', ...args], { encoding: 'utf8' });
const rows = (...args: string[]): { prompt: string; text: string; logprob: number }[] => {
  const { stdout, stderr, status } = run(...files, '--json', ...args);
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
};

test('rows have prompt, text and logprob; a draft is the same among others', () => {
  const some = rows('--length', '12', '--n', '5', '--prompt', 'ab');
  expect(some).toHaveLength(5);
  for (const row of some) {
    expect(Object.keys(row)).toEqual(['prompt', 'text', 'logprob']);
    expect(row.prompt).toBe('ab');
    expect(row.logprob).toBeLessThan(0);
  }
  expect(rows('--length=12', '--prompt=ab', '--n=2')).toEqual(some.slice(0, 2));
  expect(rows('--length=12', '--prompt=ab', '--n=2', '--seed=2')).not.toEqual(some.slice(0, 2));
});

test('texts follow their prompts', () => {
  const [{ text } = { text: '' }] = rows('--length', '10', '--greedy', '--prompt', 'ab');
  expect(run(...files, '--length', '10', '--greedy', '--prompt', 'ab').stdout).toBe(`ab${text}\n`);
});

test('more drafts than one call of the engine draws are as many calls', () => {
  const many = rows('--length', '2', '--n', '1500');
  expect(many).toHaveLength(1500);
  expect(many.slice(1024, 1124)).not.toEqual(many.slice(0, 100));
});

test('the model of the package draws without files, and rewards are told', () => {
  const { stdout, status } = run('--length', '20', '--n', '3', '--reward', 'letter:e', '--json');
  expect(status).toBe(0);
  const drawn = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(drawn).toHaveLength(3);
  for (const { reward, text } of drawn) {
    const letters = text.match(/\p{L}/gu) ?? [];
    expect(reward).toBeCloseTo(letters.filter((letter: string) => /e/i.test(letter)).length / letters.length, 12);
  }
  expect(run('--length', '20', '--n', '3', '--reward', 'letter:e').stdout).toBe(
    drawn.map(({ reward, text }) => `${reward}\t${text}\n`).join(''),
  );
});

test('a scenario of a language model is evaluated by its drafts', () => {
  const scenario = {
    v: 1,
    model: {
      kind: 'language_model',
      checkpoint: model,
      tokenizer: words,
      prompt: 'ab',
      length: 12,
      reward: { kind: 'letter', letter: 'a' },
    },
    budget: { kl: 0.5 },
    simulation: { seed: 2, replicates: 400 },
  };
  const evaluate = (data: unknown) => {
    const path = join(folder, 'scenario.json');
    writeFileSync(path, JSON.stringify(data));
    return spawnSync(process.execPath, [bin, 'evaluate', path], { encoding: 'utf8' });
  };
  const { stdout, status } = evaluate(scenario);
  expect(status).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.rows).toBe(400);
  expect(report.budget).toEqual({ kl: 0.5, log_n: 0.5 });
  expect(report.best_of_n.reward).toBeGreaterThan(report.curves.best_of_n[0].reward);
  expect(report.language_model).toEqual({
    model: expect.stringMatching(/^[0-9a-f]{12}$/),
    drafts: 400,
    digest: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(evaluate(scenario).stdout).toBe(stdout);
  const refused = evaluate({ ...scenario, model: { ...scenario.model, length: 1000 } });
  expect([refused.status, refused.stdout, refused.stderr]).toEqual([
    2,
    '',
    'length: 1000 is not an integer in 1 .. 48\n',
  ]);
});

describe('refused with exit code 2 and one line', () => {
  const cut = write('cut.bin', checkpoint(1).subarray(0, 1000));
  test.each<[string, string[], RegExp]>([
    ['no checkpoint', ['--tokenizer', words, '--length', '3'], /^--checkpoint: nothing is not a file$/],
    ['no reward', ['--length', '3', '--reward', 'love'], /^--reward: "love" begins with none of vader_sum, /],
    ['no word', ['--length', '3', '--reward', 'word:a b'], /^reward\.word: "a b" is not one word/],
    ['no length', files, /^--length: nothing is not a number$/],
    ['no number', [...files, '--length', 'long'], /^--length: "long" is not a number$/],
    ['a half draft', [...files, '--length', '3', '--n', '1.5'], /^--n: "1\.5" is not an integer of at least 1$/],
    ['no option', [...files, '--length', '3', '--colour', 'red'], /^--colour: nothing is no option of generate$/],
    ['a lost word', [...files, 'text'], /^text: nothing is no option of generate$/],
    ['no such file', ['--checkpoint', join(folder, 'none'), '--tokenizer', words, '--length=3'], /none" is no file$/],
    ['a folder', ['--checkpoint', folder, '--tokenizer', words, '--length=3'], /is a folder$/],
    [
      'a file cut off',
      ['--checkpoint', cut, '--tokenizer', words, '--length=3'],
      /^checkpoint\.size: 1000 bytes are not/,
    ],
    ['the files in the wrong places', ['--checkpoint', words, '--tokenizer', model, '--length=3'], /^checkpoint\./],
    ['a foreign tokenizer', ['--checkpoint', model, '--tokenizer', model, '--length=3'], /^tokenizer\./],
    ['too long', [...files, '--length', '49'], /^length: 49 is not an integer in 1 \.\. 48$/],
    ['cold', [...files, '--length', '3', '--temperature', '0'], /^temperature: 0 is not in 0\.01 \.\. 100$/],
    ['greedy and warm', [...files, '--length', '3', '--greedy', '--temperature', '1'], /is of no use with --greedy$/],
  ])('%s', (_, args, line) => {
    const { status, stdout, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trimEnd()).toMatch(line);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
