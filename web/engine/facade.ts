import type { Word } from '../models/core/form.js';
import { type Drawn, formOf } from '../models/core/transform.js';
import type { Scenario } from '../scenario/scenario.js';
import { blocksBy } from './blocks.js';
import { coreBudget, coreModel, draftLength, need, unwrap, walkOf } from './boundary.js';
import { checkLength, drawDrafts } from './drafts.js';
import { finite, lists } from './json.js';
import type { CoreModule, CoreModuleOptions, FullModule } from './module.js';
import { type Asked, type FoundName, keepParts, parts } from './parts.js';
import { type Roller, type Simulated, type SimulateOptions, simulate } from './simulation.js';
import {
  type CurveName,
  curveNames,
  type NearPolicies,
  type StatementName,
  type Statements,
  statementNames,
} from './statements.js';
import { type TableName, type Tables, tableNames } from './tables.js';
import type { Derived, Drafts, GapCurve, PolicyReport, Report, View } from './types.js';

export interface ViewOptions {
  /** End of the frontier's KL axis, nats. */
  klEnd: number;
  /** Which of the laws and the gap to compute; both where nothing is said. */
  curves?: readonly CurveName[];
  /** Which statements to compute beside the rest. */
  statements?: readonly StatementName[];
  /** Which tables to compute beside the rest. */
  tables?: readonly TableName[];
  /** A policy of the reader's, as in `nearPolicy`. */
  near?: { tilt: number; bend: number };
}

export interface Engine extends Roller {
  readonly version: string;
  /** @throws TiltLabError whose message is one line: field, value, rule */
  evaluate(scenario: Scenario): Report;
  /** Per-token gap against `points` lengths from 1 to 10^9 at the scenario's rate. @throws TiltLabError */
  gapCurve(scenario: Scenario, points: number): GapCurve;
  /**
   * One draft of each policy from `vocabulary`. The same for the same seed and replicate.
   * @throws TiltLabError where a draft is longer than 400 tokens
   */
  drafts(scenario: Scenario, vocabulary: readonly Word[], replicate: number): Drafts;
  /** The paper's statements as curves, those of `names` or all; null where the model has none. @throws TiltLabError */
  statements(scenario: Scenario, names?: readonly StatementName[]): Partial<Statements>;
  /** Every policy at one KL, each prompt, the optimum of a chain as a chain; null where the model has none. @throws TiltLabError */
  tables(scenario: Scenario, names?: readonly TableName[]): Partial<Tables>;
  /** Where one policy stands to the optimum: its token law tilted by `tilt` and bent by `bend`. @throws TiltLabError */
  nearPolicy(scenario: Scenario, tilt: number, bend: number): NearPolicies;
  /**
   * Draws what the scenario's `simulation` says and estimates what the report states. The same bytes for the same
   * scenario, on any machine and with any pool of workers. @throws TiltLabError
   */
  simulate(scenario: Scenario, options?: SimulateOptions): Promise<Simulated>;
  /** The report with the curves that the page draws. @throws TiltLabError */
  view(scenario: Scenario, options: ViewOptions): View;
}

export type ModuleLoader = (options?: CoreModuleOptions) => Promise<CoreModule | FullModule>;

/** For engines behind a client, which checks: the validator is a fifth of what an embed loads, and needed once. */
export const asChecked = (scenario: Scenario): Scenario => scenario;

/** Parts of a view, in the order in which they are found. */
const partsOf = ({ curves = curveNames, statements = [], tables = [], near }: ViewOptions): FoundName[] => [
  'frontier',
  ...curveNames.filter((name) => curves.includes(name)),
  ...statements,
  ...tables,
  ...(near ? (['own'] as const) : []),
];

const isOfCore = (name: FoundName) => parts[name].module === 'core';

/** What the core module alone can make of a view: these very options where that is all, null where it is nothing. */
export function coreOptions(scenario: Scenario, options: ViewOptions): ViewOptions | null {
  if (!formOf(scenario).isOfCore?.(scenario.model) || scenario.policies?.length || 'beta' in scenario.budget)
    return null;
  return partsOf(options).every(isOfCore) ? options : { klEnd: options.klEnd, curves: options.curves ?? curveNames };
}

/** Whether that makes all of it. */
export const isCoreView = (scenario: Scenario, options: ViewOptions): boolean =>
  coreOptions(scenario, options) === options;

/** The vocabulary of a model that lists its own; null for others. */
export const vocabularyOf = (drawn: Drawn): Word[] | null => formOf(drawn).vocabulary?.(drawn.model) ?? null;

interface Evaluated {
  report: Report;
  derived: Derived;
  policies?: PolicyReport[];
}

/** Reads scenarios into the core's form, each with what is found of it. */
function readerOf(core: FullModule) {
  const find = keepParts(core);
  return (scenario: Scenario) => {
    const model = coreModel(scenario);
    const budget = coreBudget(scenario.budget);
    return {
      model,
      budget,
      evaluate: () => {
        const { policies = [] } = scenario;
        const {
          report,
          derived,
          policies: found,
        } = unwrap<Evaluated>(
          policies.length > 0 ? core.evaluate_policies(model, budget, policies) : core.evaluate(model, budget),
        );
        return { report: found ? { ...report, policies: found } : report, derived };
      },
      find: <N extends FoundName>(name: N, asked: Partial<Asked> = {}) =>
        find(name, model, budget, { scenario, klEnd: 0, near: null, report: null, ...asked }),
    };
  };
}

function viewOf(scenario: Scenario, read: ReturnType<typeof readerOf>, options: ViewOptions): View {
  const { evaluate, find } = read(scenario);
  const { report, derived } = evaluate();
  const asked = { klEnd: options.klEnd, near: options.near ?? null, report };
  const found = new Map(partsOf(options).map((name) => [name, find(name, asked)]));
  const among = (names: readonly FoundName[]) =>
    Object.fromEntries(names.filter((name) => found.has(name)).map((name) => [name, found.get(name)]));
  return {
    report: finite(report),
    derived: finite(derived),
    ...among(['frontier', ...curveNames]),
    statements: among(options.statements ?? []),
    ...(options.tables ? { tables: among(options.tables) } : {}),
    near: found.get('own') ?? null,
  } as View;
}

/**
 * The engine over a module that `load` makes; types are checked here, since Embind converts in silence. Over the core
 * module it makes the views of `coreOptions`, and reports and gap curves of models with tokens.
 * @param parseScenario checks what comes in: `parseScenario`, or `asChecked` where whoever asks has done so
 */
export async function makeEngine(
  load: ModuleLoader,
  parseScenario: (scenario: Scenario) => Scenario,
  options?: CoreModuleOptions,
): Promise<Engine> {
  const core = (await load(options)) as FullModule;
  const read = readerOf(core);
  const engine: Engine = {
    version: core.version(),
    evaluate(scenario) {
      return finite(read(parseScenario(scenario)).evaluate().report);
    },
    gapCurve(scenario, count) {
      const parsed = parseScenario(scenario);
      const { model, budget } = read(parsed);
      const found = unwrap<GapCurve | null>(core.gap_curve(model, budget, count));
      return lists(need(found, parsed.model.kind, 'has no length'));
    },
    drafts(scenario, vocabulary, replicate) {
      const parsed = parseScenario(scenario);
      const { model, evaluate } = read(parsed);
      const length = need(draftLength(parsed, model), parsed.model.kind, 'has no tokens to draw');
      checkLength(length);
      const form = { model, budget: coreBudget(parsed.budget), length, vocabulary, walk: walkOf(parsed) };
      return drawDrafts(core, form, evaluate(), parsed.simulation?.seed ?? 1, replicate);
    },
    statements(scenario, names = statementNames) {
      const { find } = read(parseScenario(scenario));
      return Object.fromEntries(names.map((name) => [name, find(name)]));
    },
    tables(scenario, names = tableNames) {
      const { find } = read(parseScenario(scenario));
      return Object.fromEntries(names.map((name) => [name, find(name)]));
    },
    nearPolicy(scenario, tilt, bend) {
      const parsed = parseScenario(scenario);
      const { find } = read(parsed);
      return need(find('own', { near: { tilt, bend } }), parsed.model.kind, 'has no tokens to reweight');
    },
    simulate(scenario, options) {
      return simulate(engine, parseScenario(scenario), options);
    },
    ...blocksBy(core, parseScenario),
    view(scenario, options) {
      parseScenario(scenario);
      return viewOf(scenario, read, options);
    },
  };
  return engine;
}
