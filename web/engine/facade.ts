import levels from '../generated/moby-dick-levels.js';
import { longestDraft } from '../scenario/defaults.js';
import { families } from '../scenario/families.js';
import type { Budget, Model, Scenario } from '../scenario/scenario.js';
import { TiltLabError } from './error.js';
import { finite, lists } from './finite.js';
import type {
  CoreBudget,
  CoreContinuous,
  CoreDraft,
  CoreDrafts,
  CoreModel,
  CoreModule,
  CoreModuleOptions,
  CoreResult,
  FullModule,
} from './module.js';
import {
  type Block,
  blocksOf,
  defaultReplicates,
  replicatesIn,
  type Simulated,
  type SimulateOptions,
  simulate,
} from './simulation.js';
import { type NearPolicies, type StatementName, type Statements, statementNames } from './statements.js';
import type { Derived, Draft, Drafts, Frontier, GapCurve, LawCurves, Metrics, Report, View } from './types.js';

export type CurveName = 'laws' | 'gap';

export interface ViewOptions {
  /** End of the frontier's KL axis, nats. */
  klEnd: number;
  /** Which of the laws and the gap to compute; both where nothing is said. */
  curves?: readonly CurveName[];
  /** Which statements to compute beside the rest. */
  statements?: readonly StatementName[];
  /** A policy of the reader's, as in `nearPolicy`. */
  near?: { tilt: number; bend: number };
}

export interface Engine {
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
  /** Where one policy stands to the optimum: its token law tilted by `tilt` and bent by `bend`. @throws TiltLabError */
  nearPolicy(scenario: Scenario, tilt: number, bend: number): NearPolicies;
  /**
   * Draws what the scenario's `simulation` says and estimates what the report states. The same bytes for the same
   * scenario, on any machine and with any pool of workers. @throws TiltLabError
   */
  simulate(scenario: Scenario, options?: SimulateOptions): Promise<Simulated>;
  /**
   * Sums of one block of replicates; all checks for block -1. Without sums where the block takes another sitting of some
   * 20 ms: the same call goes on with it. @throws TiltLabError
   */
  simulateBlock(scenario: Scenario, block: number): number[];
  /** Estimates from blocks, whoever computed them and in whatever order. @throws TiltLabError */
  summarise(scenario: Scenario, blocks: readonly Block[]): Simulated;
  /** The report with the curves that the page draws. @throws TiltLabError */
  view(scenario: Scenario, options: ViewOptions): View;
}

export type ModuleLoader = (options?: CoreModuleOptions) => Promise<CoreModule | FullModule>;

/** For engines behind a client, which checks: the validator is a fifth of what an embed loads, and needed once. */
export const asChecked = (scenario: Scenario): Scenario => scenario;

/** Whether the core module alone can make this view; all else takes the full one. */
export const isCoreView = ({ model, policies = [] }: Scenario, { statements = [], near }: ViewOptions): boolean =>
  model.kind !== 'continuous' && policies.length === 0 && statements.length === 0 && !near;

/** A word of the vocabulary: its count or probability, and its reward. */
export interface Word {
  text: string;
  weight: number;
  reward: number;
}

/** The vocabulary of a model that lists its own. */
export function vocabularyOf(model: Extract<Model, { kind: 'finite' | 'memoryless' }>): Word[] {
  const rows: { label?: string; p: number; reward: number }[] = model.kind === 'finite' ? model.outcomes : model.tokens;
  return rows.map(({ label, p, reward }, i) => ({ text: label || `#${i + 1}`, weight: p, reward }));
}

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
};

/**
 * The engine over a module that `load` makes; types are checked here, since Embind converts in silence. Over the core
 * module it makes the views of `isCoreView`, and reports and gap curves of models with tokens.
 * @param parseScenario checks what comes in: `parseScenario`, or `asChecked` where whoever asks has done so
 */
export async function makeEngine(
  load: ModuleLoader,
  parseScenario: (scenario: Scenario) => Scenario,
  options?: CoreModuleOptions,
): Promise<Engine> {
  const core = (await load(options)) as FullModule;
  const evaluate = (m: CoreModel | CoreContinuous, budget: CoreBudget) =>
    unwrap<{ report: Report; derived: Derived }>(core.evaluate(m, budget));
  const statement = (name: StatementName, scenario: Scenario, m: CoreModel | CoreContinuous): unknown => {
    const b = coreBudget(scenario.budget);
    const seed = scenario.simulation?.seed ?? 1;
    switch (name) {
      case 'tilt':
        return unwrap(core.tilt_curves(m, b, finer.tilt));
      case 'simplex':
        return unwrap(core.simplex(m, b, finer.simplex));
      case 'near':
        return unwrap(core.near_policies(m, b, seed, finer.near));
      case 'rates':
        return unwrap(core.rate_curves(m, b, finer.rates, finer.marks));
      case 'cumulants':
        return unwrap(core.cumulant_curves(m, b, finer.cumulants));
      case 'renyi':
        return unwrap(core.renyi_curve(m, b, alphabet(scenario.model), m.reward, finer.renyi));
      case 'directions':
        return unwrap(core.direction_curves(m, b, finer.directions));
      case 'fixed':
        return unwrap(core.fixed_curves(m, b, finer.fixed));
      case 'divergences':
        return unwrap(core.divergence_curves(m, b, finer.divergences));
      default:
        return name satisfies never;
    }
  };
  const statements = (scenario: Scenario, names: readonly StatementName[], m: CoreModel | CoreContinuous) =>
    Object.fromEntries(names.map((name) => [name, lists(statement(name, scenario, m))])) as Partial<Statements>;
  /** The core's own form of what was last drawn from: thousands of blocks are asked for. */
  let drawn: { model: Model; rest: string; core: ReturnType<typeof readDrawable> } | null = null;
  const drawable = (scenario: Scenario, anew: boolean) => {
    const { model, budget, simulation, policies } = scenario;
    const rest = JSON.stringify([budget, simulation, policies]);
    if (anew || drawn?.model !== model || drawn.rest !== rest) drawn = { model, rest, core: readDrawable(scenario) };
    return drawn.core;
  };
  const readDrawable = (scenario: Scenario) => {
    const { model, budget, simulation, policies = [] } = parseScenario(scenario);
    const m = coreModel(model);
    if (m.kind === 'continuous')
      throw new TiltLabError(
        'input',
        'model.kind: "continuous" has no drafts to draw; its report is exact',
        'model.kind',
      );
    return {
      model: m,
      budget: coreBudget(budget),
      simulation: {
        method: simulation?.method ?? '',
        seed: simulation?.seed ?? 1,
        replicates: simulation?.replicates ?? defaultReplicates,
        policies: corePolicies(policies),
      },
    };
  };
  const frontier = keepLast<Frontier>();
  const gap = keepLast<GapCurve>();
  const engine: Engine = {
    version: core.version(),
    evaluate(scenario) {
      const { model, budget, policies = [] } = parseScenario(scenario);
      const m = coreModel(model);
      const { report } = evaluate(m, coreBudget(budget));
      if (policies.length === 0) return finite(report);
      if (m.kind === 'continuous')
        throw new TiltLabError('input', 'policies: are not there yet for continuous models', 'policies');
      return finite({ ...report, policies: unwrap<Metrics[]>(core.evaluate_policies(m, corePolicies(policies))) });
    },
    gapCurve(scenario, count) {
      const { model, budget } = parseScenario(scenario);
      const m = coreModel(model);
      if (m.kind !== 'memoryless')
        throw new TiltLabError('input', `model.kind: "${model.kind}" has no length`, 'model.kind');
      return lists(unwrap(core.gap_curve(m, coreBudget(budget), count)));
    },
    drafts(scenario, vocabulary, replicate) {
      const { model, budget, simulation } = parseScenario(scenario);
      if (model.kind === 'continuous')
        throw new TiltLabError('input', 'model.kind: "continuous" has no tokens to draw', 'model.kind');
      const length = model.kind === 'finite' ? 1 : model.length;
      if (length > longestDraft) {
        throw new TiltLabError(
          'input',
          `model.length: ${length} is more than the ${longestDraft} that a written draft has`,
          'model.length',
        );
      }
      const { report, derived } = evaluate(coreModel(model), coreBudget(budget));
      const drawn = unwrap<CoreDrafts>(
        core.draw_drafts(
          { p: column(vocabulary, (w) => w.weight), reward: column(vocabulary, (w) => w.reward), length },
          report.kl_rl.alpha ?? Number.POSITIVE_INFINITY,
          derived.n ?? Number.POSITIVE_INFINITY,
          simulation?.seed ?? 1,
          replicate,
        ),
      );
      const written = ({ tokens, reward }: CoreDraft): Draft => ({
        words: Array.from(tokens, (k) => vocabulary[k] as Word).map(({ text, reward: each }) => ({
          text,
          reward: each,
        })),
        reward,
      });
      return {
        base: written(drawn.base),
        kl_rl: written(drawn.kl_rl),
        best_of_n: drawn.best_of_n.tokens.length > 0 ? written(drawn.best_of_n) : null,
        losers: drawn.losers.map(written),
        draws: drawn.draws,
      };
    },
    statements(scenario, names = statementNames) {
      const parsed = parseScenario(scenario);
      return statements(parsed, names, coreModel(parsed.model));
    },
    nearPolicy(scenario, tilt, bend) {
      const { model, budget } = parseScenario(scenario);
      const m = coreModel(model);
      if (m.kind === 'continuous')
        throw new TiltLabError('input', 'model.kind: "continuous" has no tokens to reweight', 'model.kind');
      return lists(unwrap<NearPolicies>(core.bent_policy(m, coreBudget(budget), tilt, bend)));
    },
    simulate(scenario, options) {
      return simulate(engine, parseScenario(scenario), options);
    },
    simulateBlock(scenario, block) {
      const { model, budget, simulation } = drawable(scenario, block <= 0);
      const { size, count, replicates } = blocksOf(scenario);
      const first = Math.max(0, block) * size;
      if (block >= count) throw new TiltLabError('input', `block: ${block} is not below ${count}`, 'block');
      const sums = unwrap<Float64Array>(
        core.simulate(model, budget, simulation, first, block < 0 ? 0 : Math.min(size, replicates - first)),
      );
      return Array.from(sums);
    },
    summarise(scenario, blocks) {
      const { model, budget, simulation } = drawable(scenario, false);
      const inOrder = [...blocks].sort((a, b) => a.index - b.index);
      const sums = Float64Array.from(inOrder.flatMap((block) => block.sums));
      const replicates = replicatesIn(
        scenario,
        blocks.map(({ index }) => index),
      );
      const found = unwrap<object>(core.summarise(model, budget, simulation, sums, replicates));
      return finite({ engine: core.version(), seed: simulation.seed, replicates, ...found }) as Simulated;
    },
    view(scenario, { klEnd, curves = ['laws', 'gap'], statements: names = [], near }) {
      parseScenario(scenario);
      const m = coreModel(scenario.model);
      const budget = coreBudget(scenario.budget);
      const { report, derived } = evaluate(m, budget);
      const { policies = [] } = scenario;
      if (policies.length > 0 && m.kind !== 'continuous')
        report.policies = unwrap(core.evaluate_policies(m, corePolicies(policies)));
      // The frontier does not know the budget, nor the gap curve the length: a drag of one leaves the other as it is.
      const model = JSON.stringify(scenario.model);
      return {
        report: finite(report),
        derived: finite(derived),
        frontier: frontier(`${klEnd} ${model}`, () => lists(unwrap(core.frontier(m, klEnd, points.frontier)))),
        ...(curves.includes('laws') ? { laws: lists(unwrap<LawCurves>(core.law_curves(m, budget, points.laws))) } : {}),
        ...(curves.includes('gap')
          ? {
              gap:
                m.kind !== 'memoryless'
                  ? null
                  : gap(`${report.limits?.rate} ${JSON.stringify({ ...scenario.model, length: 1 })}`, () =>
                      lists(unwrap(core.gap_curve(m, budget, points.gap))),
                    ),
            }
          : {}),
        statements: statements(scenario, names, m),
        near:
          near && m.kind !== 'continuous' && Number.isFinite(report.kl_rl.alpha)
            ? lists(unwrap<NearPolicies>(core.bent_policy(m, budget, near.tilt, near.bend)))
            : null,
      };
    },
  };
  return engine;
}

/** Calls `make` only when the key is another than last time. */
function keepLast<T>(): (key: string, make: () => T) => T {
  let last: { key: string; value: T } | null = null;
  return (key, make) => {
    if (last?.key !== key) last = { key, value: make() };
    return last.value;
  };
}

function unwrap<T>(result: CoreResult<unknown>): T {
  if ('value' in result) return result.value as T;
  throw new TiltLabError(result.kind, result.message, result.path);
}

const corePolicies = (policies: NonNullable<Scenario['policies']>) =>
  Float64Array.from(
    policies.flatMap((policy) => (policy.kind === 'soft_best_of_n' ? [0, policy.n, policy.alpha] : [1, policy.mu, 0])),
  );

function coreBudget(budget: Budget): CoreBudget {
  const [kind, value] = Object.entries(budget)[0] as [CoreBudget['kind'], number];
  return { kind, value };
}

/** How many outcomes of the alphabet each of the core's entries stands for. */
const alphabet = (model: Model) =>
  model.kind === 'text' ? column(levels, ([, , types]) => types) : new Float64Array(rowCount(model)).fill(1);
const rowCount = (model: Model) =>
  model.kind === 'finite' ? model.outcomes.length : model.kind === 'memoryless' ? model.tokens.length : 0;

const textLevels = {
  p: Float64Array.from(levels, ([, count]) => count),
  reward: Float64Array.from(levels, ([valence]) => valence),
};

const column = <T>(rows: readonly T[], of: (row: T) => number) => Float64Array.from(rows, of);

/** Counts what is handed to the core: what has the same number is not read again. */
let handed = 0;

function coreModel(model: Model): CoreModel | CoreContinuous {
  handed += 1;
  switch (model.kind) {
    case 'finite': {
      const { outcomes } = model;
      return {
        kind: 'finite',
        id: handed,
        path: 'model.outcomes',
        p: column(outcomes, (o) => o.p),
        reward: column(outcomes, (o) => o.reward),
        gold: column(outcomes, (o) => o.gold ?? 0),
        counts: false,
        length: 1,
      };
    }
    case 'memoryless':
      return {
        kind: 'memoryless',
        id: handed,
        path: 'model.tokens',
        p: column(model.tokens, (t) => t.p),
        reward: column(model.tokens, (t) => t.reward),
        gold: new Float64Array(),
        counts: false,
        length: model.length,
      };
    case 'continuous': {
      const { family, mirrored = false } = model;
      const values = model as unknown as Record<string, number>;
      return {
        kind: 'continuous',
        id: handed,
        family,
        parameters: Float64Array.from(families[family], (name) => values[name] as number),
        u: Float64Array.from(model.family === 'quantiles' ? model.u : []),
        reward: Float64Array.from(model.family === 'quantiles' ? model.reward : []),
        mirrored,
      };
    }
    case 'text':
      return {
        kind: 'memoryless',
        id: handed,
        path: 'model.source',
        ...textLevels,
        gold: new Float64Array(),
        counts: true,
        length: model.length,
      };
    default:
      return model satisfies never;
  }
}
