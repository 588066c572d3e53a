import type { Entry } from '../kind.js';
import type { Word } from './form.js';

export const column = <T>(rows: readonly T[], of: (row: T) => number): Float64Array => Float64Array.from(rows, of);

export const ones = (rows: readonly unknown[]): Float64Array => new Float64Array(rows.length).fill(1);

export const wordsOf = (rows: readonly Entry[]): Word[] =>
  rows.map(({ label, p, reward }, i) => ({ text: label || `#${i + 1}`, weight: p, reward }));
