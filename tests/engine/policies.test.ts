import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { engine, type Scenario } from './engine.js';

type Numbers = Record<string, string | number | null>;
const cases: { scenario: Scenario; policies: Numbers[] }[] = JSON.parse(
  readFileSync(new URL('../reference/policies.json', import.meta.url), 'utf8'),
);

/** Numbers of a policy that are farther than 1e-10 from the reference, relative to 1 at least. */
const wrong = (asked: object, wanted: Numbers, found: Record<string, unknown>) =>
  Object.entries(wanted).flatMap(([name, value]) => {
    const got = found[name];
    const exact = Number(value);
    // A parameter is as large as it likes to be.
    const size = name in asked || ['beta', 'n'].includes(name) ? Math.abs(exact) : Math.max(1, Math.abs(exact));
    const near = typeof got === 'number' && Math.abs(got - exact) <= 1e-10 * size;
    return near || (value === null && got === null) ? [] : [`${JSON.stringify(asked)}.${name}: ${got}, not ${value}`];
  });

describe('further policies agree with the 60-digit reference to 1e-10', () => {
  test.each(cases.map((each) => [JSON.stringify(each.scenario).slice(0, 120), each] as const))(
    '%s',
    (_, { scenario, policies }) => {
      const found = engine.evaluate({ v: 1, ...scenario }).policies ?? [];
      expect(found.length).toBe(policies.length);
      expect(
        policies.flatMap((wanted, i) =>
          wrong(scenario.policies?.[i] ?? {}, wanted, found[i] as unknown as Record<string, unknown>),
        ),
      ).toEqual([]);
    },
  );
});
