import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { vocabularyOf } from '../../web/engine/facade.js';
import type { Draft } from '../../web/engine/types.js';
import type { Word } from '../../web/models/core/form.js';
import { engine, type Scenario } from './engine.js';

const words: Word[] = readFileSync(new URL('../../web/data/moby-dick.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => {
    const [text = '', count, valence = '0'] = line.split('\t');
    return { text, weight: Number(count), reward: Number(valence) };
  });
const earned = ({ words: each }: Draft) => each.reduce((sum, { reward }) => sum + reward, 0);

const models: Record<string, Scenario['model']> = {
  'independent words': { kind: 'text', source: 'moby-dick', order: 0, length: 40 },
  'words with a memory': { kind: 'text', source: 'moby-dick', order: 1, length: 40 },
  'tokens off any lattice': {
    kind: 'memoryless',
    length: 12,
    tokens: [
      { p: 0.5, reward: 0 },
      { p: 0.3, reward: Math.SQRT2 },
      { p: 0.2, reward: Math.E, label: 'much' },
    ],
  },
  'a chain': {
    kind: 'markov',
    length: 30,
    initial: [1, 0],
    transition: [
      [0.8, 0.2],
      [0.4, 0.6],
    ],
    reward: [
      [0, 1],
      [0.3, 2],
    ],
  },
};

describe.each(Object.entries(models))('drafts of %s', (_, model) => {
  const of = (budget: Scenario['budget'], seed = 1): Scenario => ({ v: 1, model, budget, simulation: { seed } });
  const vocabulary = vocabularyOf({ model }) ?? words;
  const length = 'length' in model ? model.length : 1;

  test('have so many words, which earn what each and all are said to', () => {
    const drafts = engine.drafts(of({ n: 16 }), vocabulary, 0);
    expect(drafts.one_by_one).toBe(true);
    expect(drafts.losers.length).toBe(12);
    const best = drafts.best_of_n as Draft;
    for (const draft of [drafts.base, drafts.kl_rl, best, ...drafts.losers]) {
      expect(draft.words.length).toBe(length);
      expect(earned(draft)).toBeCloseTo(draft.reward, 9);
    }
    for (const loser of drafts.losers) expect(loser.reward).toBeLessThanOrEqual(best.reward + 1e-9);
    expect(engine.drafts(of({ n: 16 }), vocabulary, 0)).toEqual(drafts);
    expect(engine.drafts(of({ n: 16 }, 2), vocabulary, 0)).not.toEqual(drafts);
  });

  test('of more than anybody draws are drawn by their law, and earn about what it says', () => {
    const scenario = of({ log_n: 20 });
    const { best_of_n } = engine.evaluate(scenario);
    const many = Array.from({ length: 60 }, (__, replicate) => engine.drafts(scenario, vocabulary, replicate));
    for (const { one_by_one, best_of_n: best, losers } of many) {
      expect(one_by_one).toBe(false);
      expect(losers).toEqual([]);
      expect(earned(best as Draft)).toBeCloseTo((best as Draft).reward, 9);
      expect(best?.words.length).toBe(length);
    }
    const mean = many.reduce((sum, { best_of_n: best }) => sum + (best as Draft).reward, 0) / many.length;
    const sd = (best_of_n.reward_sd as number) / Math.sqrt(many.length);
    expect(Math.abs(mean - (best_of_n.reward as number))).toBeLessThan(5 * sd + 1e-9);
  });
});

test('words of the book are written as they stand in it', () => {
  const scenario: Scenario = {
    v: 1,
    model: models['words with a memory'] as Scenario['model'],
    budget: { kl_per_token: 0.2 },
  };
  const { base, kl_rl } = engine.drafts(scenario, words, 3);
  const reward = new Map(words.map((word) => [word.text, word.reward]));
  for (const word of [...base.words, ...kl_rl.words]) expect(word.reward).toBe(reward.get(word.text));
});
