import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The command among pipes, disks and terminals. */

const bin = join(import.meta.dirname, '../../web/cli/bin.js');
const folder = mkdtempSync(join(tmpdir(), 'tiltlab-terminal-'));
const write = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const tiltlab = (args: string[], input: string | Uint8Array = '') =>
  spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', input });
const scenario = JSON.stringify({
  v: 1,
  model: { kind: 'finite', outcomes: [0, 1].map((reward) => ({ p: 0.5, reward })) },
  budget: { n: 4 },
});
const plain = tiltlab(['evaluate', '-'], scenario).stdout;

describe('byte-order marks are read past', () => {
  const marked: [string, Uint8Array][] = [
    ['UTF-8', Buffer.from(`\ufeff${scenario}`)],
    ['UTF-16, little end first', Buffer.from(`\ufeff${scenario}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${scenario}`, 'utf16le').swap16()],
  ];
  test.each(marked)('%s, in a file and on standard input', (name, bytes) => {
    expect(tiltlab(['evaluate', write(`${name}.json`, bytes)]).stdout).toBe(plain);
    expect(tiltlab(['evaluate', '-'], bytes).stdout).toBe(plain);
  });
  test('before a link', () => {
    const link = tiltlab(['link', '-'], scenario).stdout.trim();
    expect(tiltlab(['evaluate', `\ufeff${link}`]).stdout).toBe(plain);
  });
  test('before a table', () => {
    const csv = 'prompt,reward\na,1\na,2\n';
    const of = (path: string) => JSON.parse(tiltlab(['samples', path]).stdout).curves;
    expect(of(write('marked.csv', `\ufeff${csv}`))).toEqual(of(write('plain.csv', csv)));
  });
});

test('a pipe that is closed ends it quietly', () => {
  for (const command of ['evaluate', 'statements', 'link'])
    expect(
      spawnSync('bash', ['-c', `"$0" "$1" ${command} - | true; echo " \${PIPESTATUS[0]}"`, process.execPath, bin], {
        encoding: 'utf8',
        input: scenario,
      }),
    ).toMatchObject({ stdout: expect.stringMatching(/^ 0\n$/), stderr: '' });
});

test.skipIf(!existsSync('/dev/full'))('a full disk is said in one line', () => {
  for (const args of [['evaluate', '-'], ['--help'], ['link', '-']]) {
    const { status, stderr } = spawnSync(process.execPath, [bin, ...args], {
      encoding: 'utf8',
      input: scenario,
      stdio: ['pipe', openSync('/dev/full', 'w'), 'pipe'],
    });
    expect([status, stderr]).toEqual([1, 'standard output: no space is left on the device\n']);
  }
});

test('half of a character in a title or a label has a link, which opens', () => {
  const halves = scenario.replace('{"v":1,', '{"v":1,"title":"a\\ud800b",').replace('{"p"', '{"label":"\\udc00","p"');
  const { status, stdout } = tiltlab(['link', '-'], halves.replace('{"p"', '{"label":"b","p"'));
  expect(status).toBe(0);
  const opened = JSON.parse(tiltlab(['open', stdout.trim()]).stdout);
  expect([opened.title, opened.model.outcomes[0].label]).toEqual(['a\ufffdb', '\ufffd']);
});

test('JSON on standard output has no character that a terminal obeys, and reads back the same', () => {
  const title = 'a\u202eb\u009bc\u2066\u0085\u061c\u200f';
  const { stdout } = tiltlab([
    'open',
    tiltlab(['link', '-'], JSON.stringify({ ...JSON.parse(scenario), title })).stdout.trim(),
  ]);
  expect(stdout).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  expect(JSON.parse(stdout).title).toBe(title);
});

describe.skipIf(!existsSync('/usr/bin/time'))(
  'what never ends, and 50 MB, end in under a second and 256 MB with one line',
  () => {
    const fifty = (name: string, sign: string) => write(name, sign.repeat(50_000_000 / sign.length));
    const opens = fifty('opens', '[');
    const letters = fifty('letters', 'a');
    const links = ['json', 'jsonl', 'csv', 'yaml', 'parquet'].map((ending) => {
      execFileSync('ln', ['-s', opens, join(folder, `opens.${ending}`)]);
      return join(folder, `opens.${ending}`);
    });
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const commands = (file: string) => [
      ['evaluate', file],
      ['link', file],
      ['simulate', file],
      ['merge', file],
      ['samples', file],
      ['generate', '--length=3', '--checkpoint', file, '--tokenizer', bin],
    ];
    const cases = ['/dev/zero', '/dev/urandom', opens, letters].flatMap(commands);
    test.each([
      ...cases,
      ...links.map((file) => ['samples', file]),
      ['evaluate', '-'],
      ['evaluate', fifo],
      ['samples', fifo],
    ])('%s %s %s %s', (...args: string[]) => {
      const source = args.includes('-') ? 'yes |' : args.includes(fifo) ? `yes > '${fifo}' &` : '';
      const { stdout, stderr, status } = spawnSync(
        'bash',
        ['-c', `${source} /usr/bin/time -f '%e %M' "$0" "$@"`, process.execPath, bin, ...args],
        { encoding: 'utf8' },
      );
      const lines = stderr
        .trimEnd()
        .split('\n')
        .filter((line) => !line.startsWith('Command exited') && !line.startsWith('yes:'));
      const [seconds = 0, kilobytes = 0] = (lines.pop() ?? '').split(' ').map(Number);
      expect({ status, stdout, lines: lines.length }).toEqual({ status: 2, stdout: '', lines: 1 });
      expect(kilobytes).toBeLessThan(256_000);
      // A machine that does other things, too, takes longer.
      expect(seconds).toBeLessThan(5);
    });
  },
);
