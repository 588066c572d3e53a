import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Simulated } from '../../web/engine/simulation.js';
import { statementNames } from '../../web/engine/statements.js';
import type { Report, View } from '../../web/engine/types.js';
import { captionOf } from '../../web/figures/claims.js';
import { canDraw, figures } from '../../web/figures/registry.js';
import { chosen, nats, number, percent, signed } from '../../web/words/format.js';
import { isSaturated, lacking, noteText } from '../../web/words/missing.js';
import { sentence } from '../../web/words/sentence.js';
import { type Shown, unitOf } from '../../web/words/shown.js';
import { decodeLink, encodeLink, engine, type Scenario, stampOf } from '../engine/engine.js';
import { markup as textOf } from './text.js';

const memoryless = (length: number, p: number[], reward: number[], rate: number): Scenario => ({
  v: 1,
  model: { kind: 'memoryless', length, tokens: p.map((weight, i) => ({ p: weight, reward: reward[i] as number })) },
  budget: { kl_per_token: rate },
});
/** Off any lattice that its law could be had on: the KL between the policies is not known to a thousandth. */
const offLattice = memoryless(557, [0.5, 0.25, 0.15, 0.1], [0, 1, 2, 3.0001], 0.1);
const huge = memoryless(1e9, [0.5, 0.5], [0, 1e300], 0.1);
const three = memoryless(160, [0.5, 0.3, 0.2], [0, 1, 3], 0.2);
const bell: Scenario = { v: 1, model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { kl: 2 } };

/** What figures and sentence say that no reader should see. */
async function faults(shown: Shown): Promise<string[]> {
  const found: string[] = [];
  const look = (where: string, part: unknown) => {
    const [, wrong] = /(.{0,60}(?:NaN|null|undefined|Infinity).{0,30})/.exec(textOf(part)) ?? [];
    if (wrong) found.push(`${where}: ${wrong}`);
  };
  look('sentence', sentence(shown));
  for (const { load } of Object.values(figures)) {
    const figure = await load();
    if (!canDraw(figure, shown)) continue;
    const { claim, rest } = captionOf(figure, shown);
    look(`${figure.name} caption`, `${claim} ${rest}`);
    const positions = figure.positions(shown);
    for (const [width, at] of [
      [700, null],
      [340, Math.floor(positions / 3)],
      [340, positions - 1],
    ] as const) {
      const tall = figure.height(width);
      look(`${figure.name} at ${width} px`, figure.draw(shown, width, tall, at === -1 ? null : at));
      for (const px of [0, width / 2, width]) look(figure.name, figure.nearest(shown, width, tall, px));
    }
    for (let at = 0; at < positions; at++) look(`${figure.name} read at ${at}`, figure.read(shown, at));
    for (const { name, values } of figure.columns(shown))
      look(`${figure.name} column`, [name, values.filter((v) => v !== null)]);
  }
  return found;
}

const viewOf = (scenario: Scenario): View =>
  engine.view(scenario, { klEnd: 64, statements: statementNames, near: { tilt: -0.3, bend: 0.8 } });
const shownOf = (scenario: Scenario, view: View, simulated: Simulated | null = null): Shown => ({
  scenario,
  view,
  unit: unitOf(scenario),
  simulated,
});

/** Where a view may lack a number. */
const places: Record<string, (view: View) => void> = {
  ...Object.fromEntries(
    (
      [
        ['model', 'reward'],
        ['model', 'reward_sd'],
        ['kl_rl', 'reward'],
        ['kl_rl', 'win_rate'],
        ['kl_rl', 'alpha'],
        ['best_of_n', 'reward'],
        ['best_of_n', 'reward_sd'],
        ['best_of_n', 'kl'],
        ['best_of_n', 'win_rate'],
        ['best_of_n', 'gold'],
        ['best_of_n', 'kl_to_kl_rl'],
        ['kl_rl_at_bon_kl', 'reward'],
        ['kl_rl_at_bon_kl', 'gold'],
        ['gap', 'reward'],
      ] as [keyof Report, string][]
    ).map(([of, name]) => [
      `${of}.${name}`,
      (view: View) => {
        (view.report[of] as unknown as Record<string, null>)[name] = null;
        if (of === 'gap') view.derived.gap_per_token = null;
      },
    ]),
  ),
  'points of the frontier': ({ frontier }) => {
    frontier.kl_rl.reward = frontier.kl_rl.reward.map((reward, i) => (i % 3 === 0 ? null : reward));
    frontier.best_of_n.reward = frontier.best_of_n.reward.map((reward, i) => (i % 5 === 0 ? null : reward));
    frontier.marks.reward = frontier.marks.reward.map(() => null);
  },
  'a frontier of few points': ({ frontier: { kl_rl, best_of_n, marks } }) => {
    for (const list of [kl_rl.kl, kl_rl.reward, best_of_n.kl, best_of_n.reward, best_of_n.log_n]) list.splice(1);
    for (const list of [marks.n, marks.kl, marks.reward, marks.log_n]) list.splice(0);
  },
  'no frontier': ({ frontier: { kl_rl, best_of_n } }) => {
    for (const list of [kl_rl.kl, kl_rl.reward, best_of_n.kl, best_of_n.reward, best_of_n.log_n]) list.splice(0);
  },
  'points of the gap': ({ gap }) => {
    if (!gap) return;
    gap.gap = gap.gap.map((each, i) => (i > 9 ? null : each));
    gap.kl_to_kl_rl = gap.kl_to_kl_rl.map((each, i) => (i > 5 ? null : each));
  },
  'all of the gap': ({ gap, derived }) => {
    derived.gap_per_token = null;
    gap?.gap.fill(null);
    gap?.kl_to_kl_rl.fill(null);
    gap?.gap_sharp.fill(null);
  },
  'means of the laws': ({ laws }) => {
    for (const law of laws ? [laws.base, laws.kl_rl, laws.best_of_n] : []) Object.assign(law, { mean: null, sd: null });
  },
  'shares of the gain': ({ statements: { fixed } }) => {
    fixed?.fixed.fill(null);
    fixed?.growing.fill(null, 3);
  },
  'marks of rates and cumulants': ({ statements: { rates, cumulants } }) => {
    for (const each of rates ? Object.values(rates.exact) : []) {
      each.reward.splice(0);
      each.rate.splice(0);
    }
    cumulants?.exact_best_of_n.fill(null);
  },
  'the dual and Rényi divergences': ({ statements: { tilt, divergences } }) => {
    tilt?.dual.fill(null);
    divergences?.best_of_n.fill(null);
    divergences?.kl_rl.fill(null);
  },
};

describe('nothing shows a number that is not there', () => {
  test.each([
    ['three tokens', three],
    ['a bell curve', bell],
  ])('of %s, whatever is left out', async (_, scenario) => {
    const whole = viewOf(scenario);
    expect(await faults(shownOf(scenario, whole))).toEqual([]);
    const all = structuredClone(whole);
    for (const [name, leaveOut] of Object.entries(places)) {
      const view = structuredClone(whole);
      leaveOut(view);
      leaveOut(all);
      expect([name, await faults(shownOf(scenario, view))]).toEqual([name, []]);
    }
    expect(await faults(shownOf(scenario, all))).toEqual([]);
  });

  test('where rewards are past 1.8e308', async () => {
    const view = engine.view(huge, { klEnd: 2e8, statements: statementNames, near: { tilt: -0.3, bend: 0.8 } });
    const simulated = await engine.simulate({ ...huge, simulation: { replicates: 40 } });
    expect(view.report.kl_rl.reward).toBeNull();
    expect(simulated.kl_rl.reward.mean).toBeNull();
    expect(await faults(shownOf(huge, view, simulated))).toEqual([]);
    expect(textOf(sentence(shownOf(huge, view)))).toMatch(/the optimal tilt what is past/);
  });
});

test('a report’s number that could not be had is null, named in its notes, and its link opens', () => {
  const report = engine.evaluate(offLattice);
  expect(report.best_of_n.kl_to_kl_rl).toBeNull();
  expect(report.notes?.some((note) => note.includes('best_of_n.kl_to_kl_rl'))).toBe(true);
  expect(lacking(report, 'best_of_n.kl_to_kl_rl')).toBe('could not be had to a thousandth');
  for (const scenario of [offLattice, huge]) {
    const stamp = stampOf(engine.evaluate(scenario));
    const opened = decodeLink(encodeLink(scenario, stamp));
    expect(opened).toEqual({ scenario, problems: [], stamp });
  }
  expect(stampOf(engine.evaluate(huge))).toMatchObject({ best_of_n: '?', kl_rl: '?' });
  expect(lacking(engine.evaluate(huge), 'kl_rl.reward')).toBe('is past 1.8\u00a0×\u00a010³⁰⁸');
});

test('what is not known is told from what is infinite', () => {
  const { report } = viewOf(bell);
  report.kl_rl.alpha = null;
  expect(isSaturated(report)).toBe(true);
  report.notes = ['Not within a thousandth of the exact value by any method here, and left out: kl_rl.alpha.'];
  expect(isSaturated(report)).toBe(false);
  for (const write of [number, chosen, nats, percent, signed]) {
    expect(write(null)).toBe('not known');
    expect(write(Number.POSITIVE_INFINITY)).toBe('not known');
  }
});

test('notes are said in words, whatever they name', () => {
  expect(noteText('Each is moved by at most 4.410344969227828e-05, and left out: best_of_n.kl, gap.reward.')).toBe(
    'Each is moved by at most 4.41\u00a0×\u00a010⁻⁵, and left out: best-of-N’s KL, what best-of-N leaves.',
  );
  expect(noteText('Past 1.8e308, and left out: model.reward.')).toBe(
    'Past 1.8\u00a0×\u00a010³⁰⁸, and left out: the base’s reward.',
  );
  const folder = new URL('../../src/', import.meta.url);
  const core = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^(?:report|models)\/.*\.cpp$/.test(file))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  const named = [...core.matchAll(/"((?:model|kl_rl|best_of_n|kl_rl_at_bon_kl|gap|limits)\.\w+)"/g)].map(
    ([, name = '']) => name,
  );
  expect(named.length).toBeGreaterThan(20);
  // A field of the scenario is said as it stands there.
  const fields = [...new Set(named.filter((name) => noteText(name) === name))].sort();
  expect(fields).toEqual(['model.length', 'model.prompts']);
});
