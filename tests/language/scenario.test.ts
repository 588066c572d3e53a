import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeLanguageEngine } from '../../web/language/engine.js';
import {
  drawScenario,
  isLanguageScenario,
  type LanguageScenario,
  parseLanguageScenario,
} from '../../web/language/scenario.js';

const model = { kind: 'language_model', length: 12, reward: { kind: 'letter', letter: 'e' } } as const;
const scenario: LanguageScenario = { v: 1, model, budget: { kl: 1 }, simulation: { seed: 3, replicates: 700 } };

async function engineOfOurs() {
  const file = (ending: string) => new URL(`../../build/wasm/tiltlab_language.${ending}`, import.meta.url);
  const { default: create } = await import(file('mjs').href);
  const engine = makeLanguageEngine(await create({ wasmBinary: readFileSync(file('wasm')) }));
  const data = (name: string) => readFileSync(new URL(`../../web/data/${name}`, import.meta.url));
  engine.read(data('moby-dick-model.bin'), data('moby-dick-tokenizer.bin'));
  return engine;
}

test('a scenario is drawn as rows, the same each time, and another seed draws others', async () => {
  const engine = await engineOfOurs();
  const drawn = drawScenario(engine, parseLanguageScenario(scenario));
  expect(drawn.rows).toHaveLength(700);
  expect(Object.keys(drawn.rows[0] ?? {})).toEqual(['reward', 'logprob', 'text']);
  expect(drawScenario(engine, scenario)).toEqual(drawn);
  expect(drawScenario(engine, { ...scenario, simulation: { seed: 4, replicates: 700 } }).digest).not.toBe(drawn.digest);
});

test('the command draws the same in several threads', async () => {
  const asked = { ...scenario, model: { ...model, words: 4, gold: { kind: 'length' } } } as const;
  const drawn = drawScenario(await engineOfOurs(), asked);
  const bin = join(import.meta.dirname, '../../web/cli/bin.js');
  const { stdout } = spawnSync(process.execPath, [bin, 'evaluate', '-'], {
    input: JSON.stringify(asked),
    encoding: 'utf8',
  });
  const { language_model, curves } = JSON.parse(stdout);
  expect(language_model).toMatchObject({ drafts: 700, digest: drawn.digest });
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  expect(curves.best_of_n[0].reward).toBeCloseTo(mean(drawn.rows.map(({ reward }) => reward)), 12);
  expect(curves.best_of_n[0].gold).toBeCloseTo(mean(drawn.rows.map(({ gold }) => Number(gold))), 9);
}, 30_000);

test('it is told from other scenarios', () => {
  expect(isLanguageScenario(scenario)).toBe(true);
  for (const other of [null, {}, { model: null }, { model: { kind: 'finite' } }, []])
    expect(isLanguageScenario(other)).toBe(false);
});

test.each<[string, unknown, string]>([
  ['a field', { ...scenario, extra: 1 }, 'extra: 1 is not known'],
  ['a version', { ...scenario, v: 2 }, 'v: 2 is not 1'],
  ['a field of the model', { model: { ...model, top_p: 0.9 } }, 'model.top_p: 0.9 is not known'],
  ['no length', { model: { ...model, length: undefined } }, 'model.length: nothing is not an integer of at least 1'],
  [
    'one file',
    { model: { ...model, checkpoint: 'a' } },
    'model.tokenizer: nothing is not there, where the other file is',
  ],
  ['no reward', { model: { ...model, reward: 'vader' } }, 'model.reward: "vader" is no object'],
  ['a reward', { model: { ...model, reward: { kind: 'love' } } }, 'model.reward.kind: "love" is none of vader_sum'],
  [
    'a field of a reward',
    { model: { ...model, reward: { kind: 'vader', word: 'a' } } },
    'model.reward.word: "a" is not known',
  ],
  [
    'a weight',
    { model: { ...model, reward: { kind: 'words', words: [{ word: 'a' }] } } },
    'model.reward.words[0].weight: nothing is no number',
  ],
  ['a title', { ...scenario, title: 7 }, 'title: 7 is no text'],
  ['a budget', { ...scenario, budget: { kl_per_token: 1 } }, 'budget: "kl_per_token" is not exactly one of n, log_n'],
  ['a method', { model, simulation: { method: 'types' } }, 'simulation.method: "types" is not known'],
  ['replicates', { model, simulation: { replicates: 0 } }, 'simulation.replicates: 0 is not an integer in 1 .. 100000'],
])('refused: %s', (_, data, message) => {
  expect(() => parseLanguageScenario(data)).toThrow(message);
});
