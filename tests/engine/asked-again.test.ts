import { expect, test } from 'vitest';
import { isSame } from '../../web/engine/same.js';
import { engine, type Scenario } from './engine.js';

const scenario = (reward: number): Scenario => ({
  model: {
    kind: 'memoryless',
    length: 12,
    tokens: [
      { p: 0.5, reward: 0 },
      { p: 0.3, reward: 1 },
      { p: 0.2, reward },
    ],
  },
  budget: { kl: 2 },
});

test('a model that is changed in place, and one that comes back, is read anew', () => {
  const view = (of: Scenario) => engine.view(of, { klEnd: 4 });
  const fresh = [3, 4, 3].map((reward) => view(scenario(reward)));
  expect(fresh[2]).toEqual(fresh[0]);
  expect(fresh[1]?.frontier).not.toEqual(fresh[0]?.frontier);
  const one = scenario(3);
  const before = view(one);
  const { model } = one;
  if (model.kind === 'memoryless') Object.assign(model.tokens[2] as object, { reward: 4 });
  expect(view(one)).toEqual(fresh[1]);
  expect(before).toEqual(fresh[0]);
});

test('what is the same is so in every entry, and has no others', () => {
  const of = (...x: number[]) => ({ kind: 'a', list: Float64Array.from(x), inner: [{ id: 1 }] });
  expect(isSame(of(1, 2), of(1, 2))).toBe(true);
  expect(isSame(of(1, 2), of(1, 3))).toBe(false);
  expect(isSame(of(1, 2), of(1))).toBe(false);
  expect(isSame(of(1), { ...of(1), inner: [{ id: 2 }] })).toBe(false);
  expect(isSame(of(1), { ...of(1), more: undefined })).toBe(false);
  expect(isSame({ a: undefined }, { b: undefined })).toBe(false);
  expect(isSame(null, {})).toBe(false);
  expect(isSame([1, null], [1, null])).toBe(true);
});
