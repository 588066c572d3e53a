import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parseLanguageScenario } from '../../web/language/scenario.js';
import { parseSamplesScenario } from '../../web/samples/scenario.js';
import { gallery } from '../../web/scenario/gallery.js';

/** The schema that others validate with knows scenarios of drafts too, by the rules of the command. */

const text = readFileSync(new URL('../../web/scenario/scenario.v1.schema.json', import.meta.url), 'utf8');
const ajv = new Ajv({ discriminator: true, allowUnionTypes: true, keywords: ['tsType'] });
const isValid = ajv.compile(JSON.parse(text));

test('it takes every scenario of the gallery, and no kind that is none', () => {
  for (const { scenario } of gallery) expect([scenario.title, isValid(scenario)]).toEqual([scenario.title, true]);
  expect(isValid({ model: { kind: 'love' }, budget: { kl: 1 } })).toBe(false);
  expect(isValid({})).toBe(false);
  expect(isValid(null)).toBe(false);
});

const fits = (parse: (data: unknown) => unknown) => (data: unknown) => {
  try {
    parse(data);
    return true;
  } catch {
    return false;
  }
};

const frames = (scenario: object): [string, object, boolean][] => [
  ['as it is', scenario, true],
  ['a version', { ...scenario, v: 1, title: 'x' }, true],
  ['another version', { ...scenario, v: 2 }, false],
  ['a title that is none', { ...scenario, title: [] }, false],
  ['a long title', { ...scenario, title: 'x'.repeat(201) }, false],
  ['a field', { ...scenario, policies: [] }, false],
  ...[{ n: 4 }, { log_n: 2 }, { kl: 0 }, { beta: 0.1 }].map((budget): [string, object, boolean] => [
    JSON.stringify(budget),
    { ...scenario, budget },
    true,
  ]),
  ...[{}, { n: 0 }, { kl: 1, n: 2 }, { beta: 0 }, { kl_per_token: 1 }, 3, { kl: '1' }].map(
    (budget): [string, object, boolean] => [JSON.stringify(budget), { ...scenario, budget }, false],
  ),
  ['a seed', { ...scenario, simulation: { seed: 7 } }, true],
  ['half a seed', { ...scenario, simulation: { seed: 0.5 } }, false],
  ['a method', { ...scenario, simulation: { method: 'types' } }, false],
];

const model = { kind: 'language_model', length: 12, reward: { kind: 'vader' } };
const rewarded = (reward: unknown) => ({ model: { ...model, reward } });

describe('drafts of a language model, as the command takes them', () => {
  test.each([
    ...frames({ model }),
    ['files', { model: { ...model, checkpoint: 'a', tokenizer: 'b', prompt: 'c' } }, true],
    ['one file', { model: { ...model, checkpoint: 'a' } }, false],
    ['gold', { model: { ...model, gold: { kind: 'length' } } }, true],
    ['no such gold', { model: { ...model, gold: { kind: 'love' } } }, false],
    ['words', { model: { ...model, words: 8 } }, true],
    ['half a word', { model: { ...model, words: 0.5 } }, false],
    ['half a token', { model: { ...model, length: 1.5 } }, false],
    ['no reward', { model: { kind: 'language_model', length: 3 } }, false],
    ['a field of the model', { model: { ...model, top_p: 1 } }, false],
    ['replicates', { model, simulation: { replicates: 100 } }, true],
    ['too many', { model, simulation: { replicates: 100001 } }, false],
    ['a word', rewarded({ kind: 'word', word: 'sea' }), true],
    ['no word', rewarded({ kind: 'word' }), false],
    ['a letter', rewarded({ kind: 'letter', letter: 'e' }), true],
    ['words', rewarded({ kind: 'words', words: [{ word: 'sea', weight: -1.5 }] }), true],
    ['no weight', rewarded({ kind: 'words', words: [{ word: 'sea' }] }), false],
    ['more than it takes', rewarded({ kind: 'length', word: 'sea' }), false],
    ['no such reward', rewarded({ kind: 'love' }), false],
  ] as [string, object, boolean][])('%s', (_, data, expected) => {
    expect([isValid(data), fits(parseLanguageScenario)(data)]).toEqual([expected, expected]);
  });
});

const rows = [{ reward: 1 }, { reward: 2.5 }];
const listed = (...all: unknown[]) => ({ model: { kind: 'samples', rows: all } });

test('what the engine refuses of a list of words it refuses too', () => {
  for (const words of [[], [{ word: 'sea', weight: 1e7 }]])
    expect(isValid(rewarded({ kind: 'words', words }))).toBe(false);
});

describe('listed drafts, as the command takes them', () => {
  test.each([
    ...frames({ model: { kind: 'samples', rows } }),
    ['all fields', listed({ prompt: 0, reward: 1, gold: true, logprob: -1, answer: 'a', text: 'b', length: 3 }), true],
    ['none', listed(), false],
    ['no reward', listed({ gold: 1 }), false],
    ['a reward in words', listed({ reward: 'good' }), false],
    ['an unknown field', listed({ reward: 1, colour: 'red' }), false],
    ['a field of the model', { model: { kind: 'samples', rows, length: 3 } }, false],
    ['replicates', { model: { kind: 'samples', rows }, simulation: { replicates: 9 } }, false],
  ] as [string, object, boolean][])('%s', (_, data, expected) => {
    expect([isValid(data), fits(parseSamplesScenario)(data)]).toEqual([expected, expected]);
  });
});
