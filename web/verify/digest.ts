import { type Engine, vocabularyOf } from '../engine/facade.js';
import { fnv1a } from '../link/fnv.js';
import { TiltLabError } from '../scenario/error.js';
import type { Check, Group } from './scenarios.js';

/**
 * JSON in which each double has a text of its own: the shortest decimal that reads back as it, −0 as itself. Results hold no
 * NaN, whose bits may differ from one machine to the next: the engine gives null.
 */
export const exactText = (result: unknown): string =>
  JSON.stringify(result, (_, value) => (Object.is(value, -0) ? '-0' : value));

/** 16 hexadecimal digits. */
export const digestOf = (text: string): string => fnv1a(text).toString(16).padStart(16, '0');

export const groupDigest = (each: readonly string[]): string => digestOf(each.join(' '));
/** Of the digests of all groups. */
export const wholeDigest = (groups: readonly (readonly string[])[]): string => groupDigest(groups.map(groupDigest));

/** What the engine finds of one scenario, all that is asked of it. */
async function resultOf(engine: Engine, check: Check): Promise<unknown> {
  const { scenario, klEnd, curves, statements, near, tables, simulated, drafts = 0 } = check;
  const vocabulary = vocabularyOf(scenario);
  return {
    report: engine.evaluate(scenario),
    ...(klEnd === undefined
      ? {}
      : {
          view: engine.view(scenario, {
            klEnd,
            ...(curves ? { curves } : {}),
            ...(statements ? { statements } : {}),
            ...(near ? { near } : {}),
          }),
        }),
    ...(tables ? { tables: engine.tables(scenario, tables) } : {}),
    ...(simulated ? { simulated: await engine.simulate(scenario) } : {}),
    drafts: Array.from({ length: drafts }, (_, k) => vocabulary && engine.drafts(scenario, vocabulary, k)),
  };
}

/** The digest of all that one scenario finds; a refusal is a result too. */
export async function checkDigest(engine: Engine, check: Check): Promise<string> {
  try {
    return digestOf(exactText(await resultOf(engine, check)));
  } catch (error) {
    if (!(error instanceof TiltLabError)) throw error;
    return digestOf(error.message);
  }
}

/** Digests of every scenario by group, with a call after each. */
export async function digestsOf(
  engine: Engine,
  groups: readonly Group[],
  onCheck: (group: number, index: number, digest: string) => void = () => {},
): Promise<string[][]> {
  const found: string[][] = [];
  for (const [group, { checks }] of groups.entries()) {
    const each: string[] = [];
    for (const [index, check] of checks.entries()) {
      const digest = await checkDigest(engine, check);
      each.push(digest);
      onCheck(group, index, digest);
    }
    found.push(each);
  }
  return found;
}
