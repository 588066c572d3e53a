import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { signsOf } from '../../tools/math-signs.mjs';
import formulas from '../../web/generated/formulas.js';

const file = (name: string) => new URL(`../../web/fonts/${name}`, import.meta.url);

test('the font of formulas has every sign of theirs, and is small', () => {
  const has = new Set(readFileSync(file('math.txt'), 'utf8').trim());
  expect(signsOf(Object.values(formulas)).filter((sign) => !has.has(sign))).toEqual([]);
  expect(readFileSync(file('math.woff2')).length).toBeLessThan(30_000);
});

test('signs of a formula: as they are written, and italic where a letter stands alone', () => {
  expect(signsOf(['<math><mi>h</mi><mo>&lt;</mo><mi>α</mi><annotation>x</annotation></math>'])).toEqual(
    ['<', 'h', 'α', 'ℎ', '𝛼'].sort(),
  );
});
