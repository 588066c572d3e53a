import { expect, test } from 'vitest';
import {
  DraftsDigest,
  decodeLanguageLink,
  encodeLanguageLink,
  type LanguageLink,
  modelDigest,
  shippedSetting,
} from '../../web/language/language-link.js';

const link: LanguageLink = {
  reward: { kind: 'words', words: [{ word: "whale's", weight: 1.5 }] },
  words: 12,
  klPerWord: 0.1,
  drafts: 4000,
  seed: 2 ** 53 - 1,
  prompt: 'Call me & “it”',
  model: 'a5ef9de2ff4a',
  engine: '0.6.0',
  digest: '0123456789abcdef',
};

test('a link says all that is drawn, and opens as it was', () => {
  expect(decodeLanguageLink(encodeLanguageLink(link))).toEqual({ link, problems: [] });
  expect(encodeLanguageLink({ ...shippedSetting, model: 'a', engine: '0.6.0', digest: 'd' }).length).toBeLessThan(300);
  expect(decodeLanguageLink('')).toEqual({ link: null, problems: [] });
});

// Opens forever.
test('the first links', () => {
  expect(
    decodeLanguageLink(
      '#v=1&reward=vader&words=20&kl_per_word=0.05&drafts=600&seed=2&prompt=The+whale&model=a5ef9de2ff4a&engine=0.6.0&d=55b2d0ed13f48916',
    ).link,
  ).toEqual({
    reward: { kind: 'vader' },
    words: 20,
    klPerWord: 0.05,
    drafts: 600,
    seed: 2,
    prompt: 'The whale',
    model: 'a5ef9de2ff4a',
    engine: '0.6.0',
    digest: '55b2d0ed13f48916',
  });
});

test.each([
  ['#v=1&words=65', 'words: "65" is not an integer in 1 .. 64.'],
  ['#v=1&drafts=1e9', 'drafts: "1e9" is not an integer in 100 .. 10000.'],
  ['#v=1&seed=-1', 'seed: "-1" is not an integer in 0 .. 9007199254740991.'],
  ['#v=1&kl_per_word=NaN', 'kl_per_word: "NaN" is not in 0.001 .. 5.'],
  ['#v=1&reward=hate', 'reward: "hate" begins with none of'],
  [`#v=1&prompt=${'a'.repeat(501)}`, 'prompt: 501 characters are more than 500.'],
  ['#v=2', 'v: the link is of no version that this page reads.'],
  [`#v=1&x=${'a'.repeat(5000)}`, 'The link is longer than 4,000 characters.'],
])('%.30s is said, and what ships is used', (hash, problem) => {
  const { link: opened, problems } = decodeLanguageLink(hash);
  expect(problems).toEqual([expect.stringContaining(problem)]);
  if (opened) expect({ ...shippedSetting, ...opened }).toMatchObject(shippedSetting);
});

test('a digest tells drafts by every token, end and bit', () => {
  const of = (tokens: number[], ends: number[], logs: number[]) => {
    const digest = new DraftsDigest();
    digest.add(Uint32Array.from(tokens), Uint32Array.from(ends), Float64Array.from(logs));
    return digest.value;
  };
  const base = of([1, 2, 3], [1, 3], [-1, -2]);
  expect(of([1, 2, 3], [1, 3], [-1, -2])).toBe(base);
  for (const other of [
    of([1, 2, 4], [1, 3], [-1, -2]),
    of([1, 2, 3], [2, 3], [-1, -2]),
    of([1, 2, 3], [1, 3], [-1, -2 - 2 ** -50]),
  ])
    expect(other).not.toBe(base);
});

test('a digest is the same in whatever parts drafts come', () => {
  const parts = new DraftsDigest();
  parts.add(Uint32Array.of(1), Uint32Array.of(1), Float64Array.of(-1));
  parts.add(Uint32Array.of(2, 3), Uint32Array.of(2), Float64Array.of(-2));
  const all = new DraftsDigest();
  all.add(Uint32Array.of(1, 2, 3), Uint32Array.of(1, 3), Float64Array.of(-1, -2));
  expect(parts.value).toBe(all.value);
});

test('models are told by their checkpoints', async () => {
  expect(await modelDigest(new Uint8Array(0))).toBe('e3b0c44298fc');
});
