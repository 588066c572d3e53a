import type { Simulated } from '../engine/simulation.js';
import type { CurveName, StatementName } from '../engine/statements.js';
import { type TableName, tableNames } from '../engine/tables.js';
import type { View } from '../engine/types.js';
import type { Unit } from '../models/kind.js';
import { kindOf } from '../models/registry.js';
import { type Policy, policyLabel } from '../policies/registry.js';
import type { Scenario } from '../scenario/scenario.js';
import { chosen } from './format.js';

/** What of a view is computed only where something in view shows it. */
export type PartName = StatementName | CurveName | TableName;

export const isTable = (name: PartName): name is TableName => tableNames.some((table) => table === name);

/** A part of a view: null where its model has none, undefined where it was not asked for. */
export const partOf = (view: View, name: PartName) =>
  name === 'laws' || name === 'gap' ? view[name] : isTable(name) ? view.tables?.[name] : view.statements[name];

/** What the page shows: one scenario with its view. */
export interface Shown {
  scenario: Scenario;
  view: View;
  unit: Unit;
  /** What was drawn of this very scenario. */
  simulated: Simulated | null;
}

export const unitOf = ({ model }: Scenario): Unit => kindOf(model).unit;

export const lengthOf = ({ model }: Scenario): number => kindOf(model).length(model);

/** Where the budget stands on an axis, nats in all; NaN where only the engine knows what it comes to. */
export function budgetOf(scenario: Scenario): number {
  const { budget } = scenario;
  if ('kl_per_token' in budget) return budget.kl_per_token * lengthOf(scenario);
  if ('beta' in budget) return Number.NaN;
  // A browser's own logarithm may be off by its last bit, and all that the axis places with it.
  return 'kl' in budget ? budget.kl : 'log_n' in budget ? budget.log_n : Number(Math.log(budget.n).toPrecision(12));
}

/** A further policy of a scenario in words. */
export const policyName = (policy: Policy | undefined): string => (policy ? policyLabel(policy, chosen) : '');
