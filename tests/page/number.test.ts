import { expect, test } from 'vitest';
import { readNumber } from '../../web/scenario/number.js';

test.each([
  ['0.3', 0.3],
  ['0,3', 0.3],
  ['0,125', 0.125],
  ['1,000', 1000],
  ['1,234,567.5', 1234567.5],
  ['12,5', 12.5],
  ['1k', 1000],
  ['1.5 k', 1500],
  ['2 million', 2e6],
  ['1 bn', 1e9],
  ['50%', 0.5],
  ['12,5 %', 0.125],
  ['1/3', 1 / 3],
  ['-1/4', -0.25],
  ['−2', -2],
  ['+7', 7],
  ['1e-6', 1e-6],
  ['10^6', 1e6],
  ['10⁻⁶', 1e-6],
  ['3 × 10⁻⁶', 3e-6],
  ['2.5×10^3', 2500],
  ['0.2 nats a word', 0.2],
  ['40 words', 40],
  ['8 nats', 8],
  ["12'000", 12000],
  ['12 000', 12000],
  ['.5', 0.5],
  ['5.', 5],
])('%s is a number', (typed, value) => {
  expect(readNumber(typed)).toBe(value);
});

test.each([
  '',
  'abc',
  '1x',
  '1.2.3',
  '1,2,3',
  'Infinity',
  '1/0',
  '1e999',
  'NaN',
  '0x10',
  '%',
  '/',
  '1//2',
  '--1',
  'k',
  'nats',
])('"%s" is none, and none is guessed', (typed) => {
  expect(readNumber(typed)).toBeNaN();
});
