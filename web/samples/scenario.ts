import { TiltLabError } from '../scenario/error.js';
import { Collector, type DraftTable } from './collect.js';
import { type Role, roles } from './columns.js';
import type { SampleBudgetChoice, SampleSettings } from './engine.js';
import type { Layout } from './layout.js';
import { batchOfObjects } from './reading/batch.js';

/** A row of a scenario's drafts. */
export interface SampleRow {
  prompt?: string | number;
  reward: number;
  gold?: number | boolean;
  logprob?: number;
  answer?: string | number;
  text?: string;
  length?: number;
}

/** A scenario whose model is drafts. */
export interface SamplesScenario {
  v?: 1;
  title?: string;
  model: { kind: 'samples'; rows: SampleRow[] };
  budget?: SampleBudgetChoice;
  simulation?: { seed?: number };
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

/** Whether a scenario is one of drafts, whatever else is wrong with it. */
export const isSamplesScenario = (data: unknown): boolean =>
  isObject(data) && isObject(data.model) && data.model.kind === 'samples';

export function refuse(path: string, value: unknown, rule: string): never {
  const shown = typeof value === 'object' && value !== null ? 'an object' : (JSON.stringify(value) ?? 'nothing');
  throw new TiltLabError('input', `${path}: ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown} ${rule}`, path);
}

const numbers: readonly Role[] = ['reward', 'gold', 'logprob', 'length'];
const words: readonly Role[] = ['prompt', 'answer', 'text'];

/** One row's fields: names that are known, and what they may be; those that the first row has, all have. */
function checkRow(row: unknown, i: number, first: Readonly<Record<string, unknown>>) {
  const path = `model.rows[${i}]`;
  if (!isObject(row)) refuse(path, row, 'is no object');
  for (const name of Object.keys(row))
    if (!numbers.includes(name as Role) && !words.includes(name as Role))
      refuse(`${path}.${name}`, row[name], 'is not known');
  for (const name of new Set(['reward', ...Object.keys(first), ...Object.keys(row)])) {
    const value = row[name];
    const fits = numbers.includes(name as Role)
      ? (typeof value === 'number' && Number.isFinite(value)) || (name === 'gold' && typeof value === 'boolean')
      : typeof value === 'string' || typeof value === 'number';
    if (value === undefined) refuse(`${path}.${name}`, value, 'is there, where other rows have it');
    if (!fits)
      refuse(`${path}.${name}`, value, numbers.includes(name as Role) ? 'is not a finite number' : 'is no text');
    if (!(name in first)) refuse(`${path}.${name}`, value, 'is not in every row');
  }
}

export function onlyKnown(of: Record<string, unknown>, path: string, known: readonly string[]) {
  for (const name of Object.keys(of)) if (!known.includes(name)) refuse(`${path}${name}`, of[name], 'is not known');
}

function checkBudget(budget: unknown) {
  if (budget === undefined) return;
  if (!isObject(budget)) refuse('budget', budget, 'is no object');
  const [[name, value] = ['', undefined], ...more] = Object.entries(budget);
  if (more.length > 0 || !['n', 'log_n', 'kl', 'beta'].includes(name))
    refuse('budget', Object.keys(budget).join(', '), 'is not exactly one of n, log_n, kl, beta');
  const least = name === 'n' ? 1 : 0;
  const fits = typeof value === 'number' && Number.isFinite(value) && (name === 'beta' ? value > 0 : value >= least);
  if (!fits) refuse(`budget.${name}`, value, name === 'beta' ? 'is not above 0' : `is not at least ${least}`);
}

/**
 * All but the model of a scenario of drafts, listed or drawn.
 * @param simulating fields that its simulation may have beside the seed
 * @throws TiltLabError
 */
export function checkFrame(scenario: Record<string, unknown>, simulating: readonly string[]) {
  onlyKnown(scenario, '', ['v', 'title', 'model', 'budget', 'simulation']);
  const { v, title, budget, simulation } = scenario;
  if (v !== undefined && v !== 1) refuse('v', v, 'is not 1');
  if (title !== undefined && typeof title !== 'string') refuse('title', title, 'is no text');
  if (title !== undefined && [...title].length > 200) refuse('title', title, 'has more than 200 characters');
  checkBudget(budget);
  if (simulation === undefined) return;
  if (!isObject(simulation)) refuse('simulation', simulation, 'is no object');
  onlyKnown(simulation, 'simulation.', ['seed', ...simulating]);
  const { seed } = simulation;
  if (seed !== undefined && !(Number.isSafeInteger(seed) && (seed as number) >= 0))
    refuse('simulation.seed', seed, 'is not an integer of at least 0');
}

/** @throws TiltLabError whose message is one line: field, value, rule */
export function parseSamplesScenario(data: unknown): SamplesScenario {
  const scenario = data as Record<string, unknown> & { model: Record<string, unknown> };
  checkFrame(scenario, []);
  onlyKnown(scenario.model, 'model.', ['kind', 'rows']);
  const { rows } = scenario.model;
  if (!Array.isArray(rows) || rows.length === 0) refuse('model.rows', rows, 'is no list of at least one draft');
  const first = rows[0] as Record<string, unknown>;
  rows.forEach((row, i) => {
    checkRow(row, i, isObject(first) ? first : {});
  });
  return data as SamplesScenario;
}

/** A scenario's drafts as what was imported from files would be, with its layout and settings. */
export function importScenario({ model, budget, simulation }: SamplesScenario): {
  table: DraftTable;
  rows: number;
  layout: Layout;
  settings: SampleSettings;
} {
  const names = Object.keys(model.rows[0] ?? {});
  const columns = Object.fromEntries(
    roles.map((role) => [role, names.includes(role) ? role : null]),
  ) as Layout['columns'];
  const layout: Layout = { rows: 'draft', columns, scores: 'last', run: null };
  const collector = new Collector(layout);
  collector.add(
    'model.rows',
    batchOfObjects(model.rows, (row) => row),
  );
  const table = collector.table(null);
  const [refused] = collector.refused;
  if (!table || refused)
    throw new TiltLabError('input', `model.rows: ${refused?.reason ?? 'no draft is left'}`, 'model.rows');
  return {
    table,
    rows: model.rows.length,
    layout,
    settings: { seed: simulation?.seed ?? 1, budget: budget ?? null },
  };
}
