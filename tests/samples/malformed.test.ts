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
    ['empty lines before the names', 'a.csv', `\n \n${good}`, [1, 2], {}],
    ['what Excel writes above', 'a.csv', `sep=;\r\n${good.replaceAll(',', ';')}`, [1, 2], {}],
    ['names of several words', 'a.csv', 'Prompt ID,Reward Score\n7,0.5\n7,0.75\n', [0.5, 0.75], {}],
    ['how far scores spread, before them', 'a.csv', 'prompt,std_reward,mean_reward\na,9,1\na,9,2\n', [1, 2], {}],
    ['settings before scores', 'a.csv', 'prompt,temperature,n,quality\na,0.7,8,1\na,0.7,8,2\n', [1, 2], {}],
    ['an identity beside named scores', 'a.csv', 'q,score_a\n7,1\n7,2\n', [1, 2], {}],
    ['an index without a name', 'a.csv', ',prompt,quality\n0,a,1\n1,a,2\n', [1, 2], {}],
    [
      'scores of the steps of a draft',
      'a.jsonl',
      '{"prompt":"a","completion":"x","scores":[0.5,1]}\n{"prompt":"a","completion":"y","scores":[2]}\n',
      [1, 2],
      {},
    ],
    [
      'rows under a name',
      'a.json',
      '{"model":"m","data":[{"prompt":"a","reward":1},{"prompt":"a","reward":2}]}',
      [1, 2],
      {},
    ],
    ["pandas' columns", 'a.json', '{"prompt":{"0":"a","1":"a"},"reward":{"0":1,"1":2}}', [1, 2], {}],
    ["pandas' index", 'a.json', '{"0":{"prompt":"a","reward":1},"1":{"prompt":"a","reward":2}}', [1, 2], {}],
    ["pandas' split", 'a.json', '{"columns":["prompt","reward"],"index":[0,1],"data":[["a",1],["a",2]]}', [1, 2], {}],
    ['two marks of byte order', 'a.json', '\ufeff\ufeff[{"prompt":"a","reward":1}]', [1], {}],
    ['many empty lines first', 'a.jsonl', `${'\n'.repeat(5e5)}{"prompt":"a","reward":1}\n`, [1], {}],
    ['YAML of several documents', 'a.yaml', 'prompt: a\nreward: 1\n---\nprompt: a\nreward: 2\n', [1, 2], {}],
    ['times and costs before scores', 'a.csv', 'prompt,latency,tokens_used,cost,quality\na,9,9,9,1\n', [1], {}],
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

describe('what is in a file decides, not its name', () => {
  const rows = [
    { prompt: 'a, or so', reward: 1 },
    { prompt: 'a, or so', reward: 2 },
  ];
  const list = JSON.stringify(rows);
  const pretty = JSON.stringify(rows, null, 2);
  const lines = rows.map((row) => JSON.stringify(row)).join('\n');
  const columns = { prompt: rows.map(({ prompt }) => prompt), reward: [1, 2] };
  const csv = 'prompt,reward\n"a, or so",1\n"a, or so",2\n';
  const yaml = '- prompt: a, or so\n  reward: 1\n- prompt: a, or so\n  reward: 2\n';
  const turns = [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'a' },
  ];
  const names = ['csv', 'tsv', 'json', 'jsonl', 'ndjson', 'yaml', 'yml', 'txt', 'parquet'].map((end) => `a.${end}`);
  test.each<[string, string]>([
    ['a list in one line', list],
    ['a list that begins with an empty line', `\n${list}\n`],
    ['a list over several lines', pretty],
    ['a list with a row a line', `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`],
    ['a list whose first row stands beside its bracket', `[${rows.map((row) => JSON.stringify(row)).join(',\n ')}]`],
    ['columns in one line', JSON.stringify(columns)],
    ['columns over several lines', JSON.stringify(columns, null, 1)],
    ['instances over several lines', JSON.stringify({ type: 'text_only', instances: rows }, null, 4)],
    ['a prompt with its drafts', JSON.stringify({ prompt: 'a, or so', responses: ['x', 'y'], rewards: [1, 2] })],
    ['the same over several lines', JSON.stringify({ prompt: 'a, or so', rewards: [1, 2] }, null, 2)],
    ['JSON Lines', lines],
    ['JSON Lines of old Macs', lines.replace('\n', '\r')],
    ['commas', csv],
    ['tabs', 'prompt\treward\na, or so\t1\na, or so\t2\n'],
    ['bars', 'prompt|reward\na, or so|1\na, or so|2\n'],
    ['YAML', yaml],
    ['YAML with keys', 'prompt: a, or so\nsamples:\n- x\n- y\nrewards:\n- 1\n- 2\n'],
  ])('%s', async (_, text) => {
    for (const name of names) {
      const { table, refused } = await imported(name, text);
      expect([name, ...table.reward, ...table.prompts]).toEqual([name, 1, 2, 'a, or so']);
      expect(refused).toEqual([]);
    }
  });

  test.each<[string, string, number[]]>([
    [
      'values over several lines, one after another',
      rows.map((row) => JSON.stringify(row, null, 2)).join('\n'),
      [1, 2],
    ],
    ['lists one after another', `${pretty}\n${pretty}\n`, [1, 2, 1, 2]],
    [
      'a prompt of turns, as many as its drafts',
      JSON.stringify({ prompt: turns, responses: ['x', 'y'], rewards: [1, 2] }),
      [1, 2],
    ],
    [
      'a line longer than what is looked at',
      `${JSON.stringify({ prompt: 'a'.repeat(2e5), reward: 1 })}\n${lines}`,
      [1, 1, 2],
    ],
    ['a list in one long line', JSON.stringify([{ prompt: 'a'.repeat(2e5), reward: 1 }, ...rows]), [1, 1, 2]],
  ])('%s', async (_, text, rewards) => {
    for (const name of ['a.json', 'a.jsonl', 'a.txt']) {
      const { table } = await imported(name, text);
      expect([name, ...table.reward]).toEqual([name, ...rewards]);
      expect(table.prompts.filter((prompt) => prompt.length < 1000).length).toBe(1);
    }
  });

  test('a first line that is broken is one of many', async () => {
    for (const broken of [
      '{"prompt":"a","rew',
      '{"prompt":"a",',
      '{"prompt":"a","rewards":[1,2',
      '[1,2]',
      'oops',
      '{"a":[1',
    ])
      for (const name of ['a.jsonl', ...(broken === 'oops' ? [] : ['a.json'])]) {
        const { table, refused } = await imported(name, `${broken}\n${lines}`);
        expect([name, broken, ...table.reward]).toEqual([name, broken, 1, 2]);
        expect(refused).toEqual([{ reason: 'a line that is not a JSON object', count: 1, first: `${name}:1` }]);
      }
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
    [
      'a table on its side',
      'a.csv',
      'prompt,a,a,b\nreward,1,2,3\ngold,0,1,0\n',
      /the column "prompt" holds names of columns \(reward, gold\): a row must be a draft; transpose the table$/,
    ],
    ['the same of different prompts', 'a.csv', 'prompt,a,b,c\nreward,1,2,3\n', /"prompt" holds .*; transpose/],
    [
      'the same with numbers above',
      'a.csv',
      ',0,1\nprompt,a,b\nreward,1,2\n',
      /a column without a name holds .*prompt/,
    ],
    ['the same with drafts above', 'a.tsv', 'field\tdraft_1\tdraft_2\nmodel\tm\tm\nreward\t1\t2\n', /"field" holds/],
    [
      'the same in JSON',
      'a.json',
      '[{"of":"prompt","0":"a","1":"b"},{"of":"reward","0":1,"1":2}]',
      /"of" holds .*transpose/,
    ],
    [
      'a row a value',
      'a.csv',
      'id,variable,value\n0,reward,0.3\n0,gold,1\n1,reward,0.5\n1,gold,0\n',
      /the column "variable" holds names of columns \(reward, gold\): a row must be a draft; pivot the table$/,
    ],
    ['a column a draft', 'a.csv', 'prompt,1,2\np,0.5,0.25\nq,1,2\n', /no column of numbers to choose by/],
    ['a first row without names', 'a.csv', 'what is it,0.5\nwhat is it,1\n', /no column of numbers to choose by/],
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
    ['lists without names', 'a.json', '[["a",1],["a",2]]', /has no entry that is an object/],
    ['text after a quote', 'a.csv', 'prompt,reward\na,1\n"a" b,2\n', /a quote is opened and never closed \(row 3\)/],
    ['no object on any line', 'a.jsonl', '1\n2\n', /no line that is a JSON object/],
    ['parquet cut short', 'a.parquet', 'PAR1abcdefgh', /no whole parquet file/],
    ['parquet that is none', 'a.parquet', 'hello', /no parquet file/],
    ['YAML cut short', 'a.yaml', 'prompt: "a\nsamples: [', /is not YAML/],
    ['YAML that multiplies', 'a.yaml', bomb, /is not YAML/],
    ['YAML that nests without end', 'a.yaml', '['.repeat(5000), /nests deeper than 200$/],
    ['YAML that stands in itself', 'a.yaml', 'a: &a [*a]\nreward: 1\n', /nests deeper than 200$/],
    ['YAML with a key twice', 'a.yaml', 'prompt: a\nreward: 1\nreward: 2\n', /two keys are called "reward"/],
    [
      'YAML with a hundred thousand keys',
      'a.yaml',
      `${wide('c')
        .map((name) => `${name}x: 1`)
        .join('\n')}\n`,
      /has 100000 columns; at most 10000 are read/,
    ],
    ['JSON with remarks', 'a.json', '// mine\n[{"prompt":"a","reward":1}]', /is not JSON/],
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
    ['one value broken off over several lines', 'a.jsonl', '[\n{"prompt":"a"', /is not JSON/],
    ['gzip', 'a.jsonl', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0), /is compressed by gzip: unpack it first/],
    ['zstd', 'a.jsonl', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 4), /is compressed by zstd/],
    ['a spreadsheet', 'a.csv', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0), /is a ZIP archive or a spreadsheet/],
    ['Arrow', 'a.parquet', 'ARROW1\0\0', /is an Arrow file: write it as parquet or CSV/],
    [
      'a pointer',
      'a.parquet',
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n',
      /is a pointer of Git LFS/,
    ],
    ['a web page', 'a.json', '<!DOCTYPE html>\n<html><body>404, sorry</body></html>', /is a web page \(HTML\)/],
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
