import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parts } from '../../web/engine/parts.js';
import { curveNames, statementNames } from '../../web/engine/statements.js';
import { tableNames } from '../../web/engine/tables.js';
import { coreForms } from '../../web/models/core/registry.js';
import { editings } from '../../web/models/editors/registry.js';
import { kinds, kindWords } from '../../web/models/registry.js';
import { transformWords } from '../../web/models/transform-words.js';
import { policyKinds } from '../../web/policies/registry.js';
import { gallery } from '../../web/scenario/gallery.js';
import { transforms as parameters } from '../../web/scenario/transforms.js';
import { groups } from '../../web/verify/scenarios.js';
import { decodeLink, engine, type Scenario } from '../engine/engine.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { definitions } = JSON.parse(read('web/scenario/scenario.v1.schema.json'));
/** Of models whose law is stated. */
const schema = { ...definitions.scenario, definitions };

interface Variant {
  required: string[];
  properties: { kind: { const: string } } & Record<string, unknown>;
}
const models: Variant[] = schema.definitions.model.oneOf.map(
  ({ $ref }: { $ref: string }) => schema.definitions[$ref.split('/').at(-1) ?? ''],
);
const policies: Variant[] = schema.properties.policies.items.oneOf;
const kindsOf = (variants: Variant[]) => variants.map(({ properties }) => properties.kind.const);

const golden = read('tests/engine/golden-links.txt').trimEnd().split('\n');

test.each([
  ['what a kind has', Object.keys(kinds)],
  ['how it goes to the core', Object.keys(coreForms)],
  ['what the page says of it', Object.keys(kindWords)],
  ['how it is edited', Object.keys(editings)],
  ['the gallery', gallery.map(({ scenario }) => scenario.model.kind)],
  [
    'the scenarios by which two browsers are compared',
    groups.flatMap(({ checks }) => checks.map((c) => c.scenario.model.kind)),
  ],
  ['links that open forever', golden.map((link) => decodeLink(link).scenario.model.kind)],
] as [string, string[]][])('every kind of model of the schema stands in %s', (_, found) => {
  expect([...new Set(found)].sort()).toEqual(kindsOf(models).sort());
});

test.each([
  ['the list of policies', Object.keys(policyKinds)],
  ['the gallery', gallery.flatMap(({ scenario }) => (scenario.policies ?? []).map(({ kind }) => kind))],
  [
    'links that open forever',
    golden.flatMap((link) => (decodeLink(link).scenario.policies ?? []).map(({ kind }) => kind)),
  ],
] as [string, string[]][])('every kind of policy of the schema stands in %s', (_, found) => {
  expect([...new Set(found)].sort()).toEqual(kindsOf(policies).sort());
});

const transforms: Variant[] = schema.definitions.transform.oneOf;

test.each([
  ['the list of transforms', Object.keys(parameters)],
  ['what the page says of it', Object.keys(transformWords)],
  [
    'the scenarios by which two browsers are compared',
    groups.flatMap(({ checks }) => checks.flatMap((c) => c.scenario.transform?.kind ?? [])),
  ],
  ['links that open forever', golden.flatMap((link) => decodeLink(link).scenario.transform?.kind ?? [])],
] as [string, string[]][])('every kind of transform of the schema stands in %s', (_, found) => {
  expect([...new Set(found)].sort()).toEqual(kindsOf(transforms).sort());
});

test('a transform states all its numbers, those that may be left out too, and begins with one that holds', () => {
  for (const { properties, required } of transforms) {
    const kind = properties.kind.const as keyof typeof transformWords;
    const { open = false, first } = transformWords[kind];
    const numbers = Object.keys(properties).filter((name) => !['kind', 'x', 'y'].includes(name));
    expect([...parameters[kind]]).toEqual(numbers);
    expect(open).toBe(required.length === 1);
    const model = { kind: 'memoryless', length: 3, tokens: [0, 1].map((reward) => ({ p: 0.5, reward })) };
    expect(engine.evaluate({ v: 1, model, transform: first, budget: { kl: 1 } } as Scenario).limits).toBeDefined();
  }
});

test('a policy states all its numbers under a name of its own, or the KL that its last number is found from', () => {
  const rows = Object.values(policyKinds);
  for (const { properties } of policies) {
    const { parameters, byKl } = policyKinds[properties.kind.const as keyof typeof policyKinds];
    expect(['kind', ...parameters, ...(byKl ? ['kl'] : [])]).toEqual(Object.keys(properties));
  }
  expect(new Set(rows.map(({ short }) => short)).size).toBe(rows.length);
});

test('the engine knows the policies of the schema, each by its parameters or its KL', () => {
  const model = { kind: 'finite', outcomes: [0, 1, 2].map((reward) => ({ p: [0.5, 0.3, 0.2][reward], reward })) };
  const asked = policies.flatMap(({ properties: { kind, ...fields } }) => {
    const names = Object.keys(fields);
    const { parameters } = policyKinds[kind.const as keyof typeof policyKinds];
    const values = parameters.map((name) => [name, ['tau', 'weight'].includes(name) ? 0.4 : 3] as const);
    const own = { kind: kind.const, ...Object.fromEntries(values) };
    const byKl = { kind: kind.const, ...Object.fromEntries(values.slice(0, -1)), kl: 0.7 };
    return names.includes('kl') ? [own, byKl] : [own];
  });
  const { policies: found = [] } = engine.evaluate({ v: 1, model, budget: { kl: 1 }, policies: asked } as Scenario);
  expect(found.length).toBe(asked.length);
  found.forEach((report, i) => {
    const { kind, kl, ...own } = asked[i] as { kind: keyof typeof policyKinds; kl?: number };
    expect(report).toMatchObject(own);
    for (const name of policyKinds[kind].parameters) expect(report).toHaveProperty(name);
    if (kl !== undefined) expect(report.kl).toBeCloseTo(kl, 9);
  });
});

test('a kind has a length exactly where the schema gives it one', () => {
  for (const { properties } of models) {
    const { unit, withLength, link } = kinds[properties.kind.const as keyof typeof kinds];
    const has = 'length' in properties;
    expect({ kind: properties.kind.const, unit: unit !== null, longer: withLength !== undefined }).toEqual({
      kind: properties.kind.const,
      unit: has,
      longer: has,
    });
    expect(link.keys.includes('length')).toBe(has);
    expect('kl_per_token' in link.budget).toBe(has);
  }
});

test('every part is one that a view asks for', () => {
  const asked = ['frontier', ...curveNames, ...statementNames, ...tableNames, 'own'];
  expect(Object.keys(parts).sort()).toEqual(asked.sort());
});
