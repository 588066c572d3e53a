import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { engine, type Scenario } from './engine.js';

type Table = { [field: string]: number | string | null | Table };
const read = (name: string): { scenario: Scenario; report: Table }[] =>
  JSON.parse(readFileSync(new URL(`../reference/${name}.json`, import.meta.url), 'utf8'));

/** Fields that are differences of two rewards, with an error in proportion to those. */
const isDifference = (path: string) => path.startsWith('gap.');
/** KL divergences and what has their unit: absolute. */
const isKl = (path: string) => /(^|\.)(kl|kl_bound|kl_to_kl_rl|log_n)$/.test(path);

/** Paths at which `found` is farther than 1e-10 from `wanted`, with both numbers. */
function differences(wanted: Table, found: Table, scale: number, path = ''): string[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key;
    const got = found[key];
    if (typeof value === 'object' && value !== null) return differences(value, (got ?? {}) as Table, scale, here);
    if (value === null || got === null) return value === got ? [] : [`${here}: ${got}, wanted ${value}`];
    const exact = Number(value);
    const size = isDifference(here) ? scale : isKl(here) ? Math.max(1, Math.abs(exact)) : Math.abs(exact);
    return Math.abs(Number(got) - exact) <= 1e-10 * size + 1e-300 ? [] : [`${here}: ${got}, wanted ${value}`];
  });
}

const all = [...read('reports'), ...read('continuous'), ...read('transforms')];

describe('evaluate agrees with the 60-digit reference to 1e-10', () => {
  test.each(all.map((c) => [JSON.stringify(c.scenario).slice(0, 150), c] as const))('%s', (_, { scenario, report }) => {
    const found = engine.evaluate(scenario) as unknown as Table;
    const rewards = report.kl_rl as Table;
    expect(differences(report, found, Math.abs(Number(rewards.reward)))).toEqual([]);
  });
});
