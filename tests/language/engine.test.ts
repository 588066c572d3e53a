import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LanguageModule } from '../../web/engine/module.js';
import { makeLanguageEngine } from '../../web/language/engine.js';
import { checkpoint, tokenizer } from './tiny.js';

/** The module as it is built. */
async function instance(): Promise<LanguageModule & Record<string, unknown>> {
  const file = (ending: string) => new URL(`../../build/wasm/tiltlab_language.${ending}`, import.meta.url);
  const { default: create } = await import(file('mjs').href);
  return create({ wasmBinary: readFileSync(file('wasm')) });
}

const engine = makeLanguageEngine(await instance());

test('nothing is drawn before a model is read', async () => {
  const empty = makeLanguageEngine(await instance());
  expect(() => empty.generate({ length: 3 })).toThrow('checkpoint: none was read');
  expect(() => empty.encode('a')).toThrow('checkpoint: none was read');
});

test('the declarations list exactly what the module exports', async () => {
  const core = await instance();
  const emscripten = ['asm', 'inspect', 'run', 'ready', 'count_emval_handles', 'get_first_emval'];
  const exported = Object.keys(core).filter(
    (key) => /^[a-z]+(_[a-z]+)*$/.test(key) && typeof core[key] === 'function' && !emscripten.includes(key),
  );
  const declared = readFileSync(new URL('../../web/engine/module.d.ts', import.meta.url), 'utf8');
  const [, body = ''] = /interface LanguageModule \{([\s\S]*?)\n\}/.exec(declared) ?? [];
  expect(exported.sort()).toEqual([...body.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name).sort());
});

describe.each([0, 1, 2] as const)('a small model of version %i', (version) => {
  const read = () => engine.read(checkpoint(version), tokenizer());

  test('has its shape and its tokens', () => {
    expect(read()).toEqual({
      dim: 24,
      hidden_dim: 20,
      n_layers: 2,
      n_heads: 4,
      n_kv_heads: 2,
      vocab_size: 270,
      seq_len: 48,
    });
    expect(Array.from(engine.encode('ab'))).toEqual([1, 265]);
  });

  test('draws the same drafts alone, together and in shares', () => {
    read();
    const settings = { prompt: 'abc', length: 20, seed: 3 };
    const all = engine.generate({ ...settings, n: 70 });
    expect(all).toHaveLength(70);
    expect(new Set(all.map(({ text }) => text)).size).toBeGreaterThan(60);
    expect(engine.generate({ ...settings, first: 65, n: 5 })).toEqual(all.slice(65));
    expect(engine.generate({ ...settings, first: 7 })).toEqual(all.slice(7, 8));
    for (const { tokens, ended, logprob } of all) {
      expect(ended).toBe([1, 2].includes(tokens.at(-1) as number));
      expect(logprob).toBeLessThan(0);
    }
  });

  test('is refused where it is cut off, with a byte too many, and by other numbers of tokens', () => {
    const file = checkpoint(version);
    expect(() => engine.read(file.subarray(0, -1), tokenizer())).toThrow(
      /^checkpoint\.size: \d+ bytes are not the \d+/,
    );
    const [cut, ...rest] = [file.length - 5, 270, 100, 30, 10, 0];
    for (const length of [cut, ...rest])
      expect(() => engine.read(file.subarray(0, length), tokenizer())).toThrow(/^checkpoint\./);
    expect(() => engine.read(file, tokenizer().subarray(0, -1))).toThrow(/^tokenizer\.tokens\[269\]: the file ends/);
    expect(() => engine.read(file, new Uint8Array(0))).toThrow(/^tokenizer\.max_token_length: the file ends/);
    // What was refused leaves none behind.
    expect(() => engine.generate({ length: 3 })).toThrow('checkpoint: none was read');
  });
});

test('versions 0 and 1 of the same weights draw the same', () => {
  const of = (version: 0 | 1) => {
    engine.read(checkpoint(version), tokenizer());
    return engine.generate({ length: 30, n: 4 });
  };
  expect(of(0)).toEqual(of(1));
});

test('a file of more than 256 MB is refused by its size alone', () => {
  expect(() => engine.read(new Uint8Array(2 ** 28 + 1), tokenizer())).toThrow(
    'checkpoint.size: 268435457 bytes are more than 268435456',
  );
});

test('texts need not be characters', () => {
  engine.read(checkpoint(1), tokenizer());
  const texts = engine.generate({ length: 40, n: 50, temperature: 5 }).map(({ text }) => text);
  expect(texts.join('')).toContain('\ufffd');
});

test.each<[string, object, RegExp]>([
  ['length', { length: 0 }, /^length: 0 is not an integer in 1 \.\. 48$/],
  [
    'prompt',
    { length: 48, prompt: 'a' },
    /^length: 48 after a prompt of 2 tokens is more than the model's 48 positions/,
  ],
  ['n', { n: 0 }, /^count: 0 is not an integer in 1 \.\. 100000$/],
  ['first', { first: -1 }, /^first: -1 is not an integer/],
  ['temperature', { temperature: 0 }, /^temperature: 0 is not in 0\.01 \.\. 100$/],
  ['seed', { seed: 0.5 }, /^seed: 0\.5 is not an integer/],
])('a setting is refused by name, value and rule: %s', (_, settings, line) => {
  engine.read(checkpoint(0), tokenizer());
  expect(() => engine.generate({ length: 5, ...settings })).toThrow(line);
});

const shared = process.env.TILTLAB_SHARED;
const folder = shared && join(shared, 'data/stories260K');
test.skipIf(!folder || !existsSync(folder))('the public checkpoint writes its text (set TILTLAB_SHARED)', () => {
  const bytes = (name: string) => new Uint8Array(readFileSync(join(folder as string, name)));
  expect(engine.read(bytes('stories260K.bin'), bytes('tok512.bin'))).toMatchObject({ dim: 64, vocab_size: 512 });
  const [greedy] = engine.generate({ length: 200, greedy: true });
  // Source: A. Karpathy, "llama2.c", test_all.py.
  expect(greedy?.text).toBe(
    `Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball. She wanted to play with it, but it was too high.
Lily's mom said, "Lily, let's go to the park." Lily was sad and didn't know what to do. She said, "I want to play with your ball, but I can't find it."
Lily was sad and didn't know what to do. She said, "I'm sorry, Lily. I didn't know what to do."
Lily didn't want to help her mom, so she`,
  );
  // As the native build has it, to the last bit.
  expect(greedy?.logprob).toBe(-94.683555071634956);
  const drafts = engine.generate({ length: 60, n: 8, prompt: 'One day, ' });
  expect(engine.generate({ length: 60, first: 5, prompt: 'One day, ' })).toEqual([drafts[5]]);
});
