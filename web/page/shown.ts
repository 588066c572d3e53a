import type { CurveName } from '../engine/facade.js';
import type { Simulated } from '../engine/simulation.js';
import type { StatementName } from '../engine/statements.js';
import type { View } from '../engine/types.js';
import { suits } from '../figures/registry.js';
import type { Scenario } from '../scenario/scenario.js';
import { chosen } from './format.js';

/** What a scenario's draws are made of; null for a single draw. */
export type Unit = 'word' | 'token' | null;

/** What of a view is computed only where something in view shows it. */
export type PartName = StatementName | CurveName;

/** A part of a view: null where its model has none, undefined where it was not asked for. */
export const partOf = (view: View, name: PartName) =>
  name === 'laws' || name === 'gap' ? view[name] : view.statements[name];

/** Whether a figure is of this model at all, and the view has what it draws. */
export const canDraw = ({ name, part }: { name: string; part?: PartName }, shown: Shown): boolean =>
  suits(name, shown) && (part === undefined || !!partOf(shown.view, part));

/** What the page shows: one scenario with its view. */
export interface Shown {
  scenario: Scenario;
  view: View;
  unit: Unit;
  /** What was drawn of this very scenario. */
  simulated: Simulated | null;
}

export const unitOf = ({ model }: Scenario): Unit =>
  !('length' in model) ? null : model.kind === 'text' ? 'word' : 'token';

export const lengthOf = ({ model }: Scenario): number => ('length' in model ? model.length : 1);

/** Where the budget stands on an axis, nats in all. */
export function budgetOf(scenario: Scenario): number {
  const { budget } = scenario;
  if ('kl_per_token' in budget) return budget.kl_per_token * lengthOf(scenario);
  // A browser's own logarithm may be off by its last bit, and all that the axis places with it.
  return 'kl' in budget ? budget.kl : 'log_n' in budget ? budget.log_n : Number(Math.log(budget.n).toPrecision(12));
}

/** A further policy of a scenario in words. */
export const policyName = (policy: NonNullable<Scenario['policies']>[number] | undefined): string =>
  policy?.kind === 'best_of_poisson'
    ? `best of 1 + Poisson(${chosen(policy.mu, 4)})`
    : policy
      ? `soft best of ${chosen(policy.n, 4)}, α ${chosen(policy.alpha, 3)}`
      : '';
