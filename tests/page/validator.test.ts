import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import validate from '../../web/generated/validate-scenario.js';
import { decodeLink } from '../engine/engine.js';

/** The validator as it is shipped, from which much was taken, against ajv's own on scenarios that were tampered with. */

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { definitions } = JSON.parse(read('web/scenario/scenario.v1.schema.json'));
const whole = new Ajv({ discriminator: true, allowUnionTypes: true, keywords: ['tsType'] }).compile({
  ...definitions.scenario,
  definitions,
});
const scenarios = read('tests/engine/golden-links.txt')
  .trimEnd()
  .split('\n')
  .map((link) => decodeLink(link).scenario);

type Place = { of: Record<string, unknown>; key: string };

const places = (of: unknown): Place[] =>
  typeof of === 'object' && of !== null
    ? Object.entries(of).flatMap(([key, value]) => [{ of: of as Place['of'], key }, ...places(value)])
    : [];

const values = [0, 1, -1, 2.5, 1e61, 1e301, Number.NaN, Number.POSITIVE_INFINITY, 'x', '', null, true, [], {}, [0, 1]];
const names = ['step', 'clip', 'finite', 'text', 'normal', 'quantiles', 'top_quantile', '__proto__'];
const fields = ['extra', 'at', 'kl', 'length', 'transform', 'policies', 'v'];

/** Where, and what is put there; nothing for a field that goes. */
const change = fc.record({
  at: fc.nat(),
  field: fc.option(fc.constantFrom(...fields), { nil: null, freq: 4 }),
  value: fc.option(fc.constantFrom<unknown>(...values, ...names), { nil: undefined, freq: 4 }),
});

function tamper(scenario: unknown, { at, field, value }: { at: number; field: string | null; value?: unknown }) {
  const all = places(scenario);
  const place = all[at % all.length];
  if (!place) return;
  const key = field !== null && !Array.isArray(place.of) ? field : place.key;
  if (value === undefined) delete place.of[key];
  else place.of[key] = structuredClone(value);
}

test('the same verdict and the same first error as the schema’s own validator', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...scenarios), fc.array(change, { maxLength: 3 }), (of, changes) => {
      const scenario = structuredClone(of);
      for (const each of changes) tamper(scenario, each);
      const isValid = whole(scenario);
      expect(validate(scenario)).toBe(isValid);
      if (isValid) return;
      refused += 1;
      const [first] = whole.errors ?? [];
      const [found] = validate.errors ?? [];
      expect(found?.instancePath).toBe(first?.instancePath);
      expect(found?.keyword).toBe(first?.keyword.replace('exclusiveMinimum', 'minimum'));
    }),
    { numRuns: 20_000, seed: 20261126 },
  );
  expect(refused).toBeGreaterThan(5_000);
}, 60_000);
