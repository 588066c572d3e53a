import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeLanguageEngine } from '../../web/language/engine.js';
import { refusedOfList, wordListIn } from '../../web/language/word-list.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const two = [
  { word: 'sea', weight: 1.5 },
  { word: 'death', weight: -2 },
];

test.each([
  ['CSV', 'sea,1.5\ndeath,-2\n'],
  ['CSV with names and quotes', '"word","weight"\r\n"sea","1.5"\r\n"death",-2\r\n'],
  ['TSV', 'term\tvalue\nsea\t1.5\ndeath\t-2'],
  ['semicolons', '\ufeffsea;1.5\ndeath;-2;\n'],
  ['plain text', '\n  sea   1.5\n\ndeath −2e0\r'],
])('words with weights are read from %s', (_, text) => {
  expect(wordListIn('list', bytes(text)).words).toEqual(two);
});

test('UTF-16 is read by its mark, and lines are counted as they stand', () => {
  const text = '\ufeffword,weight\n\nsea,1.5\ndeath,-2';
  const wide = new Uint8Array(Uint16Array.from(text, (c) => c.charCodeAt(0)).buffer);
  expect(wordListIn('list', wide)).toEqual({ words: two, lines: [3, 4] });
});

test.each([
  ['three cells', 'sea,1\nsea,the,1', 'list.csv, line 2: "sea,the,1" is not one word and its weight'],
  ['no weight', 'sea 1\nwhale', 'list.csv, line 2: "whale" is not one word and its weight'],
  ['no number', 'sea,1\nwhale,many', 'list.csv, line 2, weight: "many" is not a number'],
  ['a comma', 'sea;1\nwhale;1,5', 'list.csv, line 2, weight: "1,5" is not a number'],
  ['hexadecimal', 'sea 0x10', 'list.csv, line 1, weight: "0x10" is not a number'],
  ['names twice', 'word,weight\nword,weight', 'list.csv, line 2, weight: "weight" is not a number'],
  ['nothing', 'word,weight\n', 'list.csv: holds no word with a weight'],
  ['no text', 'sea\0 1', 'list.csv: is not text in UTF-8'],
  ['a long line', 'x'.repeat(200), `list.csv, line 1: "${'x'.repeat(60)}…" is not one word and its weight`],
])('refused with its line: %s', (_, text, message) => {
  expect(() => wordListIn('list.csv', bytes(text))).toThrow(message);
});

test('what is no text, and what is too long, is refused', () => {
  expect(() => wordListIn('a', Uint8Array.of(0xff, 0x80, 7))).toThrow('a: is not text in UTF-8');
  expect(() => wordListIn('a', new Uint8Array(2 ** 20 + 1))).toThrow('a: 1048577 bytes are more than 1048576');
});

test('what the engine refuses of a list is told by its line', async () => {
  const file = (ending: string) => new URL(`../../build/wasm/tiltlab_language.${ending}`, import.meta.url);
  const { default: create } = await import(file('mjs').href);
  const engine = makeLanguageEngine(await create({ wasmBinary: readFileSync(file('wasm')) }));
  const refusal = (text: string) => {
    const { words, lines } = wordListIn('list', bytes(text));
    try {
      engine.rewards({ kind: 'words', words }, []);
      return '';
    } catch (error) {
      return refusedOfList((error as Error).message, 'list', lines);
    }
  };
  expect(refusal('word,weight\nsea,1\n\nwhite whale,2')).toMatch(
    /^list, line 4, word: "white whale" is not one word: /,
  );
  expect(refusal('sea,1\nSea,2')).toBe('list, line 2, word: "Sea" was listed before');
  expect(refusal('sea,1e7')).toBe('list, line 1, weight: 10000000 is not in [-1000000, 1000000]');
  const many = Array.from(
    { length: 10001 },
    (_, i) => `${i.toString(26).replace(/\d/g, (d) => 'qrstuvwxyz'[Number(d)] as string)}a 1`,
  );
  expect(refusal(many.join('\n'))).toMatch(/^list: 10001 words are not 1 to 10000$/);
});
