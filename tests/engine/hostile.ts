import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Inputs to the command that are each wrong in some way, the same for the same seed: whoever finds another kind adds a line here. */

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Hostile {
  /** What is wrong with it. */
  what: string;
  args: string[];
}

/** What terminals obey, what turns or hides the text around it, and what is no text. */
const signs = [
  '\u001b[2J',
  '\u001b]0;title\u0007',
  '\u001b',
  '\u009b31m',
  '\u0085',
  '\r',
  '\n',
  '\b',
  '\t',
  '\u007f',
  '\u202e',
  '\u202a',
  '\u2066',
  '\u2069',
  '\u200e',
  '\u200f',
  '\u061c',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ud800',
  '\udfff',
  '\u{e0041}',
  '\u200b',
  '😀',
  'é',
  'x',
  ' ',
  '"',
  '\\',
  '%',
];

export function hostileInputs(folder: string, seed: number, count: number): Hostile[] {
  mkdirSync(folder, { recursive: true });
  const random = randomOf(seed);
  const below = (n: number) => Math.floor(random() * n);
  const of = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  /** A short text with something in it that is not to reach a terminal. */
  const nasty = () => `n${Array.from({ length: 1 + below(4) }, () => of(signs) + of(['a', '', '1', '='])).join('')}`;
  /** The same where arguments of a process hold it, and names of files. */
  const name = () =>
    nasty()
      .replaceAll(/[\0/]/g, '')
      .replaceAll(/\p{Cs}/gu, 's');
  let made = 0;
  const file = (content: string | Uint8Array, ending = 'json') => {
    const path = join(folder, `${made++}.${ending}`);
    writeFileSync(path, content);
    return path;
  };

  const finite = () => ({
    v: 1 as unknown,
    model: {
      kind: 'finite',
      outcomes: [
        { label: 'a', p: 0.5, reward: 0 },
        { p: 0.5, reward: 1 },
      ],
    } as Record<string, unknown>,
    budget: { kl: 1 } as Record<string, unknown>,
    simulation: { replicates: 4 } as Record<string, unknown>,
  });
  const wrongs = () => of<unknown>([nasty(), -1, -1e308, null, true, [nasty()], { [nasty()]: nasty() }, '']);
  const reading = () => of(['evaluate', 'statements', 'simulate', 'link']);
  const mark = () => of(['', '\ufeff']);

  const kinds: Record<string, () => string[]> = {
    'no command': () => [nasty(), ...(below(2) ? [nasty()] : [])],
    'no such file': () => [of(['evaluate', 'statements', 'simulate', 'link', 'merge']), join(folder, name())],
    'too many arguments': () => [reading(), name(), name()],
    'no argument': () => [of(['evaluate', 'statements', 'simulate', 'link', 'open', 'merge', 'samples', 'generate'])],
    'a folder': () => [of([reading(), 'merge']), folder],
    'an unknown key': () => {
      const scenario = finite();
      const place = of([scenario, scenario.model, scenario.budget, scenario.simulation] as Record<string, unknown>[]);
      place[nasty()] = wrongs();
      return [reading(), file(mark() + JSON.stringify(scenario))];
    },
    'a wrong value': () => {
      const scenario = finite();
      const [where, key] = of<[Record<string, unknown>, string]>([
        [scenario, 'model'],
        [scenario, 'budget'],
        [scenario, 'v'],
        [scenario.model, 'kind'],
        [scenario.model, 'outcomes'],
        [scenario.budget, 'kl'],
      ]);
      where[key] = wrongs();
      return [reading(), file(mark() + JSON.stringify(scenario))];
    },
    'a wrong row': () => {
      const rows: Record<string, unknown>[] = [
        { p: 0.5, reward: 0 },
        { p: 0.5, reward: 1 },
      ];
      (rows[below(2)] as Record<string, unknown>)[of(['p', 'reward', nasty()])] = of([nasty(), null, [], {}, true]);
      return [reading(), file(JSON.stringify({ ...finite(), model: { kind: 'finite', outcomes: rows } }))];
    },
    'sums that are not 1': () => {
      const p = of([0, 1e-300, 0.3, 0.9999, 1.1e-5]);
      const outcomes = [
        { label: nasty(), p, reward: 0 },
        { p: 0.5 + below(2) * 1e-3, reward: 1 },
      ];
      return [reading(), file(JSON.stringify({ ...finite(), model: { kind: 'finite', outcomes } }))];
    },
    'cut short': () => {
      const text = JSON.stringify({ title: nasty(), ...finite() });
      return [of([reading(), 'merge']), file(text.slice(0, 1 + below(text.length - 2)))];
    },
    'no JSON': () => [
      of([reading(), 'merge']),
      file(mark() + of(['', '{', nasty(), `{"${nasty()}`, 'NaN', `[${nasty()}]`, '7', '[]', 'null'])),
    ],
    'bytes that are no text': () => [
      of([reading(), 'merge']),
      file(Uint8Array.from({ length: 1 + below(5000) }, () => below(256))),
    ],
    'nested deeply': () => {
      const open = of(['[', '{"a":', '[[', '[{"model":']);
      return [of([reading(), 'merge']), file(open.repeat(1000 * (1 + below(100))))];
    },
    'very long': () => [of([reading(), 'merge']), file(of(['a', '1,', '"', ' ', '{}', nasty()]).repeat(50_000))],
    'a long key or value': () => {
      const long = nasty().repeat(5000);
      return [reading(), file(JSON.stringify(below(2) ? { ...finite(), [long]: 1 } : { ...finite(), title: long }))];
    },
    'a link of unknown fields': () => [
      of(['open', 'evaluate', 'link', 'simulate']),
      `#v=1&${Array.from({ length: 1 + below(50) }, () => `${name()}q=${name()}`).join('&')}`,
    ],
    'a link of wrong values': () => [
      of(['open', 'evaluate', 'link', 'statements']),
      `#v=1&${of(['length', 'kl', 'n', 'seed', 'order', 'model', 'method', 'policies', 'transform', 'replicates'])}=${name().replaceAll(/[&#]/g, '')}!`,
    ],
    'a link of no version': () => [
      'open',
      of(['#', `#${name()}`, `#v=${name()}!`, '#v=2', `https://example.org/#${name()}`]),
    ],
    'a link of broken data': () => {
      const data = of(['!!!', 'AAAA', name(), 'S0nMSQUA', 'q1YqUrKqVsrNTFGyMtRRKlayio7VUSpRsoLyakFyANEeCkE']);
      return ['open', `#v=1&model=${of(['finite', 'memoryless', 'markov', 'prompts'])}&data=${data}&length=2`];
    },
    'a link percent-encoded wrongly': () => ['open', `#v=1&title=${of(['%', '%E0%A4%A', '%ff', '%zz'])}${name()}%`],
    'a link of labels that are no text': () => [
      of(['open', 'evaluate', 'link']),
      `#v=1&model=finite&p=0.5,0.5&r=0,1&labels=a,${of(['%', '%E0%A4%A', '%ff'])}&kl=1`,
    ],
    'an unknown option': () => [
      of(['simulate', 'samples', 'generate', 'evaluate']),
      '--samples',
      `--${name()}q`,
      name(),
    ],
    'a wrong option': () => [
      'simulate',
      '#v=1',
      of(['--seed', '--replicates', '--method', '--workers', '--shard']),
      of([name(), '-1', '1e3', '', '0/5', '6/5', '1/0', '9'.repeat(400)]),
    ],
    'a wrong option of drafts': () => [
      'samples',
      file('prompt,reward\na,1\na,2\n', 'csv'),
      of([
        '--n',
        '--kl',
        '--beta',
        '--price',
        '--seed',
        '--shard',
        '--scores',
        '--reward',
        '--gold',
        '--prompt',
        '--answer',
      ]),
      `${name()}q`,
    ],
    'drafts that are none': () => {
      const text = of([
        '',
        `prompt,${name()}\n`,
        `prompt,reward\n${name()},x\n`,
        `prompt,reward\na,${name()}\nb,1\n`,
        `"${name()}`,
        '1,2\n3,4\n',
        `${name()},${name()}\n${name()},${name()}\n`,
        `q${'\u001b[31m'},q${'\u001b[31m'}\n1,2\n`,
      ]);
      return ['samples', file(mark() + text, 'csv')];
    },
    'drafts in JSON that are none': () => [
      of(['samples', 'samples']),
      file(
        of([
          '7',
          '[]',
          '{}',
          nasty(),
          `{"${'a'.repeat(20)}`,
          JSON.stringify([{ [nasty()]: nasty() }]),
          JSON.stringify({ prompt: 'a', reward: nasty() }),
          `${'['.repeat(5000)}`,
          `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`,
        ]),
        of(['json', 'jsonl', 'yaml']),
      ),
    ],
    'drafts in a scenario that are none': () => [
      'evaluate',
      file(
        JSON.stringify(
          of<unknown>([
            { model: { kind: 'samples', rows: [] } },
            { model: { kind: 'samples', rows: [{ reward: nasty() }] } },
            { model: { kind: 'samples', rows: [{ reward: 1, [nasty()]: 1 }] } },
            { model: { kind: 'samples', [nasty()]: 1 } },
            { model: { kind: 'samples', rows: [{ reward: 1 }] }, budget: { [nasty()]: 1 } },
            { model: { kind: 'samples', rows: [{ reward: 1 }] }, [nasty()]: 1 },
            { model: { kind: 'samples', rows: [{ reward: 1 }, { reward: 1, prompt: nasty() }] } },
          ]),
        ),
      ),
    ],
    'files of drafts that are not there': () => ['samples', join(folder, `${name()}.csv`)],
    'parquet that is none': () => [
      'samples',
      file(of([`PAR1${nasty()}`, 'PAR1', `PAR1${'a'.repeat(below(400))}PAR1`, nasty()]), 'parquet'),
    ],
    'shares that are none': () => [
      'merge',
      file(
        of([
          JSON.stringify({ tiltlab: nasty(), sum: nasty() }),
          JSON.stringify({ tiltlab: 'shard', engine: nasty() }),
          JSON.stringify({ tiltlab: 'shard', engine: nasty(), sum: nasty(), blocks: [], scenario: finite() }),
          JSON.stringify({ tiltlab: 'drafts', engine: nasty(), sum: nasty() }),
          JSON.stringify({ tiltlab: 'drafts' }),
          JSON.stringify([nasty()]),
        ]),
      ),
    ],
    'a language model that is none': () => [
      'generate',
      '--checkpoint',
      of([
        folder,
        join(folder, name()),
        file(
          Uint8Array.from({ length: below(600) }, () => below(256)),
          'bin',
        ),
      ]),
      '--tokenizer',
      file(nasty(), 'bin'),
      of(['--length=3', `--length=${name()}q`, '--length', '--n=0', `--${name()}q`]),
    ],
  };
  const names = Object.keys(kinds);
  // Each kind as often as the others.
  return Array.from({ length: count }, (_, k) => {
    const what = names[k % names.length] as string;
    return { what, args: (kinds[what] as () => string[])() };
  });
}
