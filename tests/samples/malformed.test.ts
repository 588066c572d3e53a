import { describe, expect, test } from 'vitest';
import { type Imported, importDrafts, importDrafts as read, recognise } from '../../web/samples/import.js';
import { ReadError } from '../../web/samples/reading/batch.js';

/** Files that are not as they should be: each is read for what it holds, with a reason for what is left out, or refused in one line. */

const encode = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, isLittle: boolean) => {
  const bytes = [isLittle ? [0xff, 0xfe] : [0xfe, 0xff]].flat();
  for (const unit of [...text].map((letter) => letter.charCodeAt(0)))
    bytes.push(...(isLittle ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255]));
  return Uint8Array.from(bytes);
};

async function imported(name: string, ...parts: BlobPart[]): Promise<Imported> {
  const files = [{ name, blob: new Blob(parts) }];
  const { layout } = await recognise(files);
  return read(files, layout);
}

const good = 'prompt,reward\na,1\na,2\n';

const comma = 'reward is not a number: it has a comma, where decimals take a point and thousands nothing';

describe('read for what it holds', () => {
  test.each<[string, string, BlobPart, number[], Record<string, number>]>([
    ['a byte-order mark', 'a.csv', `\ufeff${good}`, [1, 2], {}],
    ['CRLF', 'a.csv', good.replaceAll('\n', '\r\n'), [1, 2], {}],
    ['no last newline', 'a.csv', good.trimEnd(), [1, 2], {}],
    ['empty lines', 'a.csv', 'prompt,reward\n\na,1\n\na,2\n\n', [1, 2], {}],
    ['quotes, commas and newlines in quotes', 'a.csv', 'prompt,reward\n"a, ""b""\nc",1\n"a, ""b""\nc",2\n', [1, 2], {}],
    ['tabs', 'a.tsv', good.replaceAll(',', '\t'), [1, 2], {}],
    ['semicolons', 'a.csv', good.replaceAll(',', ';'), [1, 2], {}],
    ['UTF-16, little end first', 'a.csv', utf16(good, true), [1, 2], {}],
    ['UTF-16, big end first', 'a.csv', utf16(good, false), [1, 2], {}],
    ['spaces about names and numbers', 'a.csv', ' prompt , reward \na, 1 \na, 2\n', [1, 2], {}],
    ['NaN', 'a.csv', `${good}a,NaN\na,nan\n`, [1, 2], { 'reward is not a number (NaN)': 2 }],
    ['infinity', 'a.csv', `${good}a,inf\na,-Infinity\n`, [1, 2], { 'reward is infinite': 2 }],
    ['text in numbers', 'a.csv', `${good}a,three\na,1.5 points\n`, [1, 2], { 'reward is not a number': 2 }],
    ['decimal commas', 'a.csv', 'prompt;reward\na;1\na;2\na;1,5\n', [1, 2], { [comma]: 1 }],
    ['nothing in a cell', 'a.csv', `${good}a,\n,3\n`, [1, 2], { 'reward is missing': 1, 'prompt is missing': 1 }],
    ['short rows', 'a.csv', `${good}a\n`, [1, 2], { 'reward is missing': 1 }],
    ['empty cells past the header', 'a.csv', `${good}a,3,,\n`, [1, 2, 3], {}],
    [
      'long rows, of which no cell is sure to stand where it belongs',
      'a.csv',
      `${good}a,1,500\n`,
      [1, 2],
      { 'a row with more cells than the first line has names': 1 },
    ],
    [
      'rewards whose powers are no doubles',
      'a.csv',
      `${good}a,1e300\na,-1e101\na,1e100\n`,
      [1, 2, 1e100],
      { 'reward is beyond 1e100': 2 },
    ],
    ['thousands parted', 'a.csv', `${good}a,"1,500"\n`, [1, 2], { [comma]: 1 }],
    ['line ends of old Macs', 'a.csv', good.replaceAll('\n', '\r'), [1, 2], {}],
    ['the same in JSON Lines', 'a.jsonl', '{"prompt":"a","reward":1}\r{"prompt":"a","reward":2}\r', [1, 2], {}],
    ['a byte-order mark within', 'a.csv', `${good}\ufeffa,3\n`, [1, 2, 3], {}],
    ['the same in JSON Lines', 'a.jsonl', '{"prompt":"a","reward":1}\n\ufeff{"prompt":"a","reward":2}\n', [1, 2], {}],
    [
      'names that every object has',
      'a.jsonl',
      '{"prompt":"a","constructor":1,"__proto__":3}\n{"prompt":"a","__proto__":2}\n',
      [1],
      { 'constructor is missing': 1 },
    ],
    [
      'a broken line among good ones',
      'a.jsonl',
      '{"prompt":"a","reward":1}\n{"prompt":"a","rew\n[1,2]\n{"prompt":"a","reward":2}\n',
      [1, 2],
      { 'a line that is not a JSON object': 2 },
    ],
    [
      "Python's NaN in JSON",
      'a.jsonl',
      '{"prompt":"a","reward":NaN}\n{"prompt":"a","reward":1}\n{"prompt":"a","reward":-Infinity}\n',
      [1],
      { 'reward is not a number (NaN)': 1, 'reward is infinite': 1 },
    ],
    [
      'null rewards',
      'a.jsonl',
      '{"prompt":"a","reward":1}\n{"prompt":"a","reward":null}\n{"prompt":"a"}\n',
      [1],
      { 'reward is missing': 2 },
    ],
    [
      'ragged lists',
      'a.jsonl',
      '{"prompt":"a","responses":["x","y"],"rewards":[1,2]}\n{"prompt":"b","responses":["x"],"rewards":[1,2]}\n',
      [1, 2],
      { 'responses and rewards are lists of different lengths': 1 },
    ],
    [
      'empty lists',
      'a.jsonl',
      '{"prompt":"a","rewards":[1,2]}\n{"prompt":"b","rewards":[]}\n',
      [1, 2],
      { 'rewards is an empty list': 1 },
    ],
    [
      'a number where lists are',
      'a.jsonl',
      '{"prompt":"a","rewards":[1,2]}\n{"prompt":"b","rewards":7}\n',
      [1, 2],
      { 'rewards is no list': 1 },
    ],
    ['one draft a prompt', 'a.csv', 'prompt,reward\na,1\nb,2\nc,3\n', [1, 2, 3], {}],
    ['lines without a prompt column', 'a.csv', 'reward,gold\n1,0\n2,1\n', [1, 2], {}],
    ['names in capitals', 'a.csv', good.replace('prompt,reward', 'Prompt,Reward'), [1, 2], {}],
    ['lines of JSON called .json', 'a.json', '{"prompt":"a","reward":1}\n{"prompt":"a","reward":2}\n', [1, 2], {}],
    ['no suffix', 'drafts', good, [1, 2], {}],
    ['a lone surrogate', 'a.jsonl', '{"prompt":"\\ud800","reward":1}\n{"prompt":"\\ud800","reward":2}\n', [1, 2], {}],
    ['the name __proto__', 'a.jsonl', '{"__proto__":"a","prompt":"a","reward":1}\n', [1], {}],
    ['a prompt called constructor', 'a.csv', 'prompt,reward\nconstructor,1\n__proto__,2\n', [1, 2], {}],
  ])('%s', async (_, name, text, rewards, refused) => {
    const { table, refused: found } = await imported(name, text);
    expect([...table.reward]).toEqual(rewards);
    expect(Object.fromEntries(found.map(({ reason, count }) => [reason, count]))).toEqual(refused);
  });

  test('each reason names where it stands first', async () => {
    const { refused } = await imported('a.csv', 'prompt,reward\na,1\n"b\nc",x\na,y\n');
    expect(refused).toEqual([{ reason: 'reward is not a number', count: 2, first: 'a.csv:3' }]);
  });

  test('what numbered columns add up to stays beside them', async () => {
    const { table } = await imported('a.csv', 'prompt,reward,reward_0,reward_1\np,0.75,0.5,0.25\np,1,0.25,0.75\n');
    expect([...table.reward]).toEqual([0.75, 1]);
  });

  test('rows of thousands of columns take hardly longer than JSON.parse of them', async () => {
    const keys = Array.from({ length: 5000 }, (_, i) => [`k${i}x`, i]);
    const lines = Array.from({ length: 300 }, (_, i) =>
      JSON.stringify({ prompt: `p${i % 30}`, reward: i, ...Object.fromEntries(keys) }),
    );
    const files = [{ name: 'a.jsonl', blob: new Blob([lines.join('\n')]) }];
    const { layout } = await recognise(files);
    const took = async (work: () => unknown) => {
      const start = performance.now();
      await work();
      return performance.now() - start;
    };
    // Others use the machine as well: of five pairs the one that was least disturbed.
    const ratios: number[] = [];
    for (let i = 0; i < 5; i++) {
      const plain = await took(() => lines.map((line) => JSON.parse(line)));
      ratios.push((await took(() => read(files, layout))) / plain);
    }
    expect(Math.min(...ratios)).toBeLessThan(2);
  });

  test('a million prompts of one draft', async () => {
    let text = 'prompt,reward\n';
    const parts: string[] = [];
    for (let i = 0; i < 1_000_000; i++) {
      text += `p${i},${i % 97}\n`;
      if (text.length > 1e6) {
        parts.push(text);
        text = '';
      }
    }
    const { table } = await imported('a.csv', ...parts, text);
    expect(table.reward.length).toBe(1_000_000);
    expect(table.prompts.length).toBe(1_000_000);
  });
});

describe('refused in one line that names the file', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
    .split('')
    .map((name, i) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[i]}`).join(',')}]`)
    .join('\n')}\n`;
  const ownKeys = Array.from({ length: 30_000 }, (_, i) => `{"k${i}":1}`).join('\n');
  const wide = (stem: string) => Array.from({ length: 100_000 }, (_, i) => `${stem}${i}`);
  test.each<[string, string, BlobPart, RegExp]>([
    ['empty', 'a.csv', '', /is empty/],
    ['a header alone', 'a.csv', 'prompt,reward\n', /has no rows|no row is left/],
    ['no header', 'a.csv', '1,2\n3,4\n', /no names of columns/],
    ['two columns of one name', 'a.csv', 'prompt,reward,reward\na,1,2\n', /two columns are called "reward"/],
    ['binary', 'a.csv', Uint8Array.from({ length: 600 }, (_, i) => i & 255), /is not text/],
    [
      'Latin-1',
      'a.csv',
      Uint8Array.from([...encode('prompt,reward\n'), 0xe9, 0x2c, 0x31, 0x0a]),
      /is not text in UTF-8/,
    ],
    ['a quote never closed', 'a.csv', 'prompt,reward\n"a,1\na,2\n', /a quote is opened and never closed/],
    ['JSON cut short', 'a.json', '[{"prompt":"a","reward":1},{"prom', /is not JSON/],
    ['a JSON number', 'a.json', '7', /is not JSON|not rows|no column/],
    ['an empty list', 'a.json', '[]', /is empty/],
    ['no object on any line', 'a.jsonl', '1\n2\n', /no line that is a JSON object/],
    ['parquet cut short', 'a.parquet', 'PAR1abcdefgh', /no whole parquet file/],
    ['parquet that is none', 'a.parquet', 'hello', /no parquet file/],
    ['YAML cut short', 'a.yaml', 'prompt: "a\nsamples: [', /is not YAML/],
    ['YAML that multiplies', 'a.yaml', bomb, /is not YAML/],
    ['YAML that nests without end', 'a.yaml', '['.repeat(5000), /nests deeper than 200$/],
    ['YAML that nests under keys', 'a.yaml', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, /nests deeper than 200$/],
    ['no column of numbers', 'a.csv', 'prompt,reply\na,b\nc,d\n', /no column of numbers/],
    [
      'no number in its column',
      'a.csv',
      'prompt,reward\na,x\nb,y\n',
      /no row is left: reward is not a number \(a\.csv:2, 2 rows\)/,
    ],
    ['decimal commas', 'a.csv', 'prompt;reward\na;1,5\nb;2,5\n', /reward is not a number: it has a comma/],
    ['keys of its own on every line', 'a.jsonl', ownKeys, /no column of numbers/],
    ['a hundred thousand columns', 'a.csv', `${wide('c').join()}\n`, /has 100000 columns; at most 10000 are read/],
    [
      'as many keys',
      'a.json',
      JSON.stringify(Object.fromEntries(wide('c').map((name) => [`${name}x`, 1]))),
      /has 100000 columns/,
    ],
    ['zero bytes', 'a.jsonl', '{"prompt":"a"}\u0000\u0000', /is not text/],
  ])('%s', async (_, name, text, reason) => {
    const failure = await imported(name, text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ReadError);
    const { message } = failure as ReadError;
    expect(message).toMatch(reason);
    expect(message).toMatch(new RegExp(`^${name.replace('.', '\\.')}: `));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not reach a terminal
    expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  test('reading ends when it is cancelled', async () => {
    const files = [{ name: 'a.csv', blob: new Blob([good]) }];
    const { layout } = await recognise(files);
    const stop = new AbortController();
    stop.abort();
    await expect(importDrafts(files, layout, { signal: stop.signal })).rejects.toThrow(/abort/i);
  });
});
