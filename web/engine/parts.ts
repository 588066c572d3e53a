import { formOf } from '../models/core/transform.js';
import type { Scenario } from '../scenario/scenario.js';
import { unwrap } from './boundary.js';
import { lists } from './json.js';
import type { CoreBudget, CoreModel, CoreResult, FullModule } from './module.js';
import { isSame } from './same.js';
import type { NearPolicies, Statements } from './statements.js';
import type { Tables } from './tables.js';
import type { Frontier, GapCurve, LawCurves, Report } from './types.js';

/** What is asked beside the model and the budget. */
export interface Asked {
  scenario: Scenario;
  /** End of the frontier's KL axis, nats. */
  klEnd: number;
  /** A policy of the reader's, tilted and bent from the optimum. */
  near: { tilt: number; bend: number } | null;
  /** As the core made it; null where none was asked for. */
  report: Report | null;
}

/** What is found by name: the frontier, the curves, the statements, the tables, and the reader's own policy. */
export interface Found extends Statements, Tables {
  frontier: Frontier;
  laws: LawCurves;
  gap: GapCurve | null;
  own: NearPolicies | null;
}

export type FoundName = keyof Found;

/** One block of numbers. */
export interface Part<T> {
  /** The wasm module that has it. */
  module: 'core' | 'full';
  /** null where the model has none. @throws TiltLabError */
  ask(core: FullModule, model: CoreModel, budget: CoreBudget, asked: Asked): T | null;
  /** All that it depends on, where it is kept while that stays. */
  key?(model: CoreModel, asked: Asked): unknown[];
}

const none = new Float64Array();

/** Points of the curves: enough that no polyline shows its corners. */
const points = { frontier: 49, laws: 160, gap: 60 };
/** The same for the statements; the exact rates and both directions are marks along a curve. */
const finer = {
  tilt: 81,
  simplex: 48,
  near: 160,
  rates: 120,
  marks: 10,
  cumulants: 61,
  renyi: 81,
  directions: 24,
  fixed: 19,
  divergences: 81,
  hull: 81,
  paths: 81,
};

type Call = (core: FullModule, model: CoreModel, budget: CoreBudget, asked: Asked) => CoreResult<unknown> | null;

/** A part of whatever models the core finds it of: of others it is null. */
const part = <T>(module: 'core' | 'full', call: Call, key?: Part<T>['key']): Part<T> => ({
  module,
  ask(core, model, budget, asked) {
    const result = call(core, model, budget, asked);
    const found = result && unwrap<T | null>(result);
    return found && lists<T>(found);
  },
  ...(key ? { key } : {}),
});

/** Every block of numbers beside the report: a new one is an entry here, and its type. */
export const parts: { readonly [N in FoundName]: Part<NonNullable<Found[N]>> } = {
  // It does not know the budget, nor the gap curve the length: a drag of one leaves the other as it is.
  frontier: part(
    'core',
    (core, m, _, { klEnd }) => core.frontier(m, klEnd, points.frontier),
    ({ id }, { klEnd }) => [klEnd, id],
  ),
  laws: part('core', (core, m, budget) => core.law_curves(m, budget, points.laws)),
  gap: part(
    'core',
    (core, m, budget) => core.gap_curve(m, budget, points.gap),
    (m, { report, scenario: { budget } }) => [report?.limits?.rate ?? [budget, m.id], { ...m, length: 1, id: 0 }],
  ),
  tilt: part('full', (core, m, budget) => core.tilt_curves(m, budget, finer.tilt)),
  simplex: part('full', (core, m, budget) => core.simplex(m, budget, finer.simplex)),
  near: part('full', (core, m, budget, { scenario }) =>
    core.near_policies(m, budget, scenario.simulation?.seed ?? 1, finer.near),
  ),
  rates: part('full', (core, m, budget) => core.rate_curves(m, budget, finer.rates, finer.marks)),
  cumulants: part('full', (core, m, budget) => core.cumulant_curves(m, budget, finer.cumulants)),
  renyi: part('full', (core, m, budget, { scenario }) =>
    // A model that states no rewards has no entropies either.
    core.renyi_curve(
      m,
      budget,
      formOf(scenario).multiplicity?.(scenario.model) ?? none,
      (m.reward ?? none) as Float64Array,
      finer.renyi,
    ),
  ),
  directions: part('full', (core, m, budget) => core.direction_curves(m, budget, finer.directions)),
  fixed: part('full', (core, m, budget) => core.fixed_curves(m, budget, finer.fixed)),
  divergences: part('full', (core, m, budget) => core.divergence_curves(m, budget, finer.divergences)),
  hull: part('full', (core, m, budget) => core.hull_curves(m, budget, finer.hull)),
  equal: part('full', (core, m, budget) => core.equal_kl(m, budget)),
  prompts: part('full', (core, m, budget) => core.prompt_rows(m, budget)),
  chain: part('full', (core, m, budget) => core.chain_matrices(m, budget)),
  // As the frontier, it does not know the budget where it is given an axis.
  paths: part(
    'full',
    (core, m, budget, { klEnd }) => core.judged_paths(m, budget, klEnd, finer.paths),
    ({ id }, { klEnd, scenario: { budget } }) => [klEnd, id, klEnd > 0 ? null : budget],
  ),
  own: part('full', (core, m, budget, { near, report }) =>
    near && (!report || Number.isFinite(report.kl_rl.alpha)) ? core.bent_policy(m, budget, near.tilt, near.bend) : null,
  ),
};

/** Finds parts of one engine's scenarios, and keeps the last of those that have a key. */
export function keepParts(core: FullModule) {
  const last = new Map<FoundName, { key: unknown[]; value: unknown }>();
  return <N extends FoundName>(name: N, model: CoreModel, budget: CoreBudget, asked: Asked): Found[N] | null => {
    const { ask, key } = parts[name];
    const now = key?.(model, asked);
    const kept = last.get(name);
    if (now && kept && isSame(kept.key, now)) return kept.value as Found[N];
    const value = ask(core, model, budget, asked) as Found[N] | null;
    if (now) last.set(name, { key: now, value });
    return value;
  };
}
