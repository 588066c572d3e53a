import { expect, test } from 'vitest';
import { isTable, modelOf, pasted, rowsOf, summingToOne, withProbability } from '../../web/models/editors/rows.js';

const three = [
  { label: 'a', p: '0.5', reward: '0' },
  { label: 'b', p: '0.3', reward: '1' },
  { label: '', p: '0.2', reward: '-3' },
];

test('a table and its model are each other’s inverse', () => {
  const model = modelOf(three, { kind: 'memoryless', length: 7, tokens: [] });
  expect(model).toEqual({
    kind: 'memoryless',
    length: 7,
    tokens: [
      { label: 'a', p: 0.5, reward: 0 },
      { label: 'b', p: 0.3, reward: 1 },
      { p: 0.2, reward: -3 },
    ],
  });
  if (!isTable(model)) throw new Error('a table became another kind');
  expect(rowsOf(model)).toEqual(three);
});

test('what is pasted from a spreadsheet becomes rows; its head and a single cell do not', () => {
  expect(pasted('label\tp\treward\na\t0.5\t0\nb\t0.5\t−2\n')).toEqual([
    { label: 'a', p: '0.5', reward: '0' },
    { label: 'b', p: '0.5', reward: '−2' },
  ]);
  expect(pasted('0.25, 1\n0.75, 2')).toEqual([
    { label: '', p: '0.25', reward: '1' },
    { label: '', p: '0.75', reward: '2' },
  ]);
  expect(pasted('0.25')).toBeNull();
  expect(pasted('some words')).toBeNull();
});

test('probabilities are brought to the sum 1 in proportion, and a dragged one moves the others', () => {
  const sum = (rows: { p: string }[] | null) => rows?.reduce((total, row) => total + Number(row.p), 0);
  const doubled = summingToOne(three.map((row) => ({ ...row, p: String(2 * Number(row.p)) })));
  expect(doubled?.map((row) => row.p)).toEqual(['0.5', '0.3', '0.2']);
  const moved = withProbability(three, 0, 0.8);
  expect(moved?.map((row) => row.p)).toEqual(['0.8', '0.12', '0.08']);
  expect(sum(withProbability(three, 2, 1 / 3))).toBeCloseTo(1, 12);
  expect(summingToOne([{ label: '', p: 'x', reward: '0' }])).toBeNull();
  expect(summingToOne([{ label: '', p: '0', reward: '0' }])).toBeNull();
});
