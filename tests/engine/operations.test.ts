import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { digestsOf } from '../../web/verify/digest.js';
import { groups } from '../../web/verify/scenarios.js';
import { engine } from './engine.js';

/**
 * Every bit that the engine gives, of every operation: reports, frontiers, laws, gaps, statements, simulations and drafts, of
 * all scenarios of verify.html. Code that is moved leaves all of them as they are; what changes a number comes with a new
 * version of the engine and `node tests/reference/make_operations.mjs`, which writes the digests anew.
 */
const stated = JSON.parse(readFileSync(new URL('../reference/operations.json', import.meta.url), 'utf8')) as {
  engine: string;
  digests: Record<string, string[]>;
};

test('the stated bits are those of this version', () => {
  expect(stated.engine).toBe(engine.version);
});

test('no operation has changed a bit', async () => {
  const found = await digestsOf(engine, groups);
  const changed = groups.flatMap(({ name, checks }, group) =>
    checks.flatMap(({ scenario }, i) =>
      found[group]?.[i] === stated.digests[name]?.[i]
        ? []
        : [`${name} ${i}: ${JSON.stringify(scenario).slice(0, 200)}`],
    ),
  );
  expect(changed).toEqual([]);
  expect(groups.map(({ checks }) => checks.length)).toEqual(Object.values(stated.digests).map((each) => each.length));
}, 120_000);
