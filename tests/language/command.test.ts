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

test('gold stands beside the reward, in rows and of scenarios', () => {
  const some = rows('--length', '12', '--n', '300', '--reward', 'length', '--gold', 'letter:a');
  expect(Object.keys(some[0] ?? {})).toEqual(['prompt', 'reward', 'gold', 'text', 'logprob']);
  const path = join(folder, 'gold.json');
  const model = {
    kind: 'language_model',
    length: 12,
    reward: { kind: 'length' },
    gold: { kind: 'letter', letter: 'a' },
  };
  const evaluate = (data: unknown) => {
    writeFileSync(path, JSON.stringify(data));
    return spawnSync(process.execPath, [bin, 'evaluate', path], { encoding: 'utf8' });
  };
  const { curves } = JSON.parse(evaluate({ model, simulation: { replicates: 300 } }).stdout);
  expect(curves.best_of_n[0].gold).toBeGreaterThan(0);
  expect(curves.ceiling.length).toBeGreaterThan(1);
  for (const [change, line] of [
    [{ gold: { kind: 'letter', letter: 'ab' } }, 'model.gold.letter: "ab" is not one letter'],
    [{ gold: { kind: 'love' } }, 'model.gold.kind: "love" is none of '],
    [{ reward: { kind: 'word', word: 'a b' } }, 'model.reward.word: "a b" is not one word: '],
    [{ checkpoint: join(folder, 'none'), tokenizer: words }, 'model.checkpoint: "'],
  ] as [object, string][]) {
    const { status, stderr } = evaluate({ model: { ...model, ...change } });
    expect([status, stderr.slice(0, line.length)]).toEqual([2, line]);
  }
});

test('texts follow their prompts', () => {
  const [{ text } = { text: '' }] = rows('--length', '10', '--greedy', '--prompt', 'ab');
  expect(run(...files, '--length', '10', '--greedy', '--prompt', 'ab').stdout).toBe(`ab${text}\n`);
});

test('any number of workers prints the same bytes, in the same order', () => {
  const printed = (...args: string[]) => {
    const { stdout, stderr, status } = run('--length', '16', '--n', '700', '--seed', '3', ...args);
    expect(status).toBe(0);
    // How far it is, where that takes a while.
    expect(stderr).toMatch(/^(\[[#.]{28}\] \d+ of 700 drafts, .*\n)*$/);
    return stdout;
  };
  for (const how of [
    ['--reward', 'vader', '--json'],
    ['--prompt', 'The whale', '--reward', 'letter:e'],
  ]) {
    const alone = printed(...how, '--workers', '1');
    expect(printed(...how)).toBe(alone);
    for (const workers of ['2', '5']) expect(printed(...how, '--workers', workers)).toBe(alone);
  }
  const own = [...files, '--length', '12', '--n', '300'];
  expect(run(...own, '--workers=3').stdout).toBe(run(...own, '--workers=1').stdout);
}, 60_000);

test('what workers refuse is one line, and nobody reading on ends them', () => {
  const refused = run(...files, '--length', '49', '--n', '500', '--workers', '2');
  expect([refused.status, refused.stdout, refused.stderr]).toEqual([
    2,
    '',
    'length: 49 is not an integer in 1 .. 48\n',
  ]);
  const script = `"${process.execPath}" "${bin}" generate --length 16 --n 100000 --workers 2 | head -n 3`;
  const { stdout, stderr, status } = spawnSync('sh', ['-c', script], { encoding: 'utf8', timeout: 20_000 });
  expect([status, stderr, stdout.split('\n').length]).toEqual([0, '', 4]);
}, 30_000);

test('its help names the workers, with an example', () => {
  const { stdout } = run('--help');
  expect(stdout).toMatch(/^ {6}--workers W /m);
  expect(stdout).toMatch(/^ {2}tiltlab generate .*--workers \d/m);
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
  // Without a prompt, from the model of the package.
  const shipped = { kind: 'language_model', length: 8, reward: { kind: 'length' } };
  const bare = evaluate({ model: shipped, simulation: { replicates: 100 } });
  expect([bare.status, bare.stderr]).toEqual([0, '']);
  expect(JSON.parse(bare.stdout)).toMatchObject({ rows: 100, prompts: 1, language_model: { drafts: 100 } });
  const refused = evaluate({ ...scenario, model: { ...scenario.model, length: 1000 } });
  expect([refused.status, refused.stdout, refused.stderr]).toEqual([
    2,
    '',
    'model.length: 1000 is not an integer in 1 .. 48\n',
  ]);
});

describe('links of drafts', () => {
  const command = (args: string[], input = '') =>
    spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', input });
  const model = {
    kind: 'language_model',
    prompt: 'The whale',
    length: 32,
    words: 8,
    reward: { kind: 'words', words: [{ word: 'the', weight: 1.5 }] },
  };
  const scenario = { v: 1, model, budget: { kl: 0.4 }, simulation: { seed: 5, replicates: 300 } };

  test('a scenario becomes one, and back; its drafts are those that it states', () => {
    const { stdout, status } = command(['link', '-'], JSON.stringify(scenario));
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^transformer\.html#v=1&reward=words%3Athe%3D1\.5&words=8&kl_per_word=0\.05&drafts=300&seed=5&/,
    );
    const link = stdout.trimEnd();
    expect(JSON.parse(command(['open', link]).stdout)).toEqual(scenario);
    const report = command(['evaluate', link]);
    expect(report.status).toBe(0);
    const { language_model, ...rest } = JSON.parse(report.stdout);
    expect(language_model).toMatchObject({ drafts: 300, reproduced: true });
    const alone = JSON.parse(command(['evaluate', '-'], JSON.stringify(scenario)).stdout);
    expect(alone).toMatchObject(rest);
    const other = JSON.parse(command(['evaluate', link.replace(/&d=\w+/, '&d=0000000000000000')]).stdout);
    expect(other.language_model.reproduced).toBe(false);
    expect(JSON.parse(command(['evaluate', link.replace(/&d=\w+/, '')]).stdout).language_model.reproduced).toBe(null);
  }, 30_000);

  test.each([
    ['words', { model: { ...model, words: undefined } }, 'model.words: nothing is not there, and a link counts words'],
    [
      'a length',
      { model: { ...model, length: 40 } },
      'model.length: 40 is not the 32 tokens that a link has for 8 words',
    ],
    ['gold', { model: { ...model, gold: { kind: 'length' } } }, 'model.gold: "gold" is carried by no link'],
    ['another budget', { budget: { n: 4 } }, 'budget.kl: nothing is not there, and a link has no other budget'],
    ['a budget', { budget: { kl: 1000 } }, "budget.kl: 1000 is not in a link's 0.008 .. 40"],
    ['few drafts', { simulation: { replicates: 5 } }, "simulation.replicates: 5 is not in a link's 100 .. 10000"],
  ])('what no link carries is refused: %s', (_, change, line) => {
    const { status, stdout, stderr } = command(['link', '-'], JSON.stringify({ ...scenario, ...change }));
    expect([status, stdout, stderr]).toEqual([2, '', `${line}\n`]);
  });

  test.each([
    ['transformer.html#v=1&drafts=3', 'link: drafts: "3" is not an integer in 100 .. 10000'],
    ['transformer.html#v=2', 'link: v: the link is of no version that this page reads'],
    ['#v=1&kl_per_word=0.1&reward=love', 'link: reward: "love" begins with none of '],
    ['#v=1&kl_per_word=0.1&model=0123', 'link.model: "0123" is not the package\'s, '],
    ['#v=1&kl_per_word=0.1&reward=letter:ab', 'model.reward.letter: "ab" is not one letter'],
  ])('%s is refused', (link, line) => {
    for (const name of ['open', 'evaluate']) {
      const { status, stdout, stderr } = command([name, link]);
      expect([status, stdout, stderr.slice(0, line.length)]).toEqual([2, '', line]);
      expect(stderr.trimEnd()).not.toContain('\n');
    }
  });
});

describe('what takes a law alone says in one line what takes drafts', () => {
  const scenarios = {
    samples: { kind: 'samples', rows: [{ reward: 1 }, { reward: 2 }] },
    language_model: { kind: 'language_model', length: 4, reward: { kind: 'length' } },
  };
  const command = (...args: string[]) => spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });
  test.each(
    Object.entries(scenarios).flatMap(([kind, model]) =>
      ['statements', 'simulate', ...(kind === 'samples' ? ['link'] : [])].map((name) => [name, kind, model] as const),
    ),
  )('%s of %s', (name, kind, model) => {
    const path = join(folder, `${kind}.json`);
    writeFileSync(path, JSON.stringify({ model }));
    const { status, stdout, stderr } = command(name, path);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(`^model\\.kind: "${kind}" has no (law|link) .*; [^\n]*\n$`));
  });

  test.each([
    ['#v=1&reward=vader&words=8&kl_per_word=0.1&drafts=300&seed=1', 'transformer.html'],
    ['https://tilt.example/transformer.html#v=1&seed=3', 'transformer.html'],
    ['#v=1&name=a.csv&reward=score&table=0123456789abcdef', 'samples.html'],
    ['./samples.html#v=1', 'samples.html'],
  ])('a link of another page: %s', (link, page) => {
    for (const name of [...(page === 'samples.html' ? ['evaluate', 'open'] : []), 'simulate', 'statements']) {
      const { status, stdout, stderr } = command(name, link);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`is one of ${page}, which opens it; `);
      expect(stderr.trimEnd()).not.toContain('\n');
    }
  });
});

const listed = (name: string, text: string) => write(name, new TextEncoder().encode(text));

test('words with their weights come from a file as from the line', () => {
  const file = listed('weights.tsv', 'word\tweight\nthe\t1\nwhale\t−2.5\n');
  const args = ['--length', '20', '--n', '5', '--seed', '4', '--json', '--gold', 'length', '--reward'];
  const { stdout, status } = run(...args, `words:@${file}`);
  expect(status).toBe(0);
  expect(stdout).toBe(run(...args, 'words:the=1,whale=-2.5').stdout);
});

describe('refused with exit code 2 and one line', () => {
  const cut = write('cut.bin', checkpoint(1).subarray(0, 1000));
  test.each<[string, string[], RegExp]>([
    ['no checkpoint', ['--tokenizer', words, '--length', '3'], /^--checkpoint: nothing is not a file$/],
    ['no reward', ['--length', '3', '--reward', 'love'], /^--reward: "love" begins with none of vader_sum, /],
    ['no word', ['--length', '3', '--reward', 'word:a b'], /^reward\.word: "a b" is not one word/],
    ['no length', files, /^--length: nothing is not a number$/],
    ['no number', [...files, '--length', 'long'], /^--length: "long" is not a number$/],
    ['a half draft', [...files, '--length', '3', '--n', '1.5'], /^--n: "1\.5" is not an integer in 1 \.\. 100000000$/],
    ['no worker', [...files, '--length', '3', '--workers', '0'], /^--workers: "0" is not an integer in \[1, 256\]$/],
    ['half a worker', [...files, '--length', '3', '--workers=1.5'], /^--workers: "1.5" is not an integer/],
    ['too many drafts', [...files, '--length', '3', '--n', '1e9'], /^--n: "1000000000" is not an integer in 1 \.\. /],
    [
      'two weights',
      ['--length', '3', '--reward', 'words:a=1=2'],
      /^--reward: "words:a=1=2" gives "a" a weight that is no /,
    ],
    [
      'a list with a bad row',
      ['--length', '3', '--reward', `words:@${listed('bad.csv', 'word,weight\nsea,2\nshore,much\n')}`],
      /bad\.csv, line 3, weight: "much" is not a number$/,
    ],
    [
      'a list with what is no word',
      ['--length', '3', '--reward', 'length', '--json', '--gold', `words:@${listed('odd.csv', 'sea 2\n" " 1\n')}`],
      /odd\.csv, line 2: /,
    ],
    [
      'a list of one word twice',
      ['--length', '3', '--reward', `words:@${listed('twice.csv', 'sea 2\nland 1\nsea 3\n')}`],
      /twice\.csv, line 3, word: /,
    ],
    ['no list', ['--length', '3', '--reward', 'words:@none.csv'], /^--reward: "none\.csv" is no file$/],
    ['gold alone', [...files, '--length', '3', '--gold', 'length'], /^--gold: "length" stands in rows beside a reward/],
    ['a gold', ['--length', '3', '--json', '--reward', 'length', '--gold', 'letter:ab'], /^gold\.letter: "ab" is not/],
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
