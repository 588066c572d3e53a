import { type Advice, adviceOf } from './advice.js';
import type { SampleEngine, SampleSettings } from './engine.js';
import type { Imported } from './import.js';
import type { Layout } from './layout.js';
import { importScenario, parseSamplesScenario } from './scenario.js';
import type { Comparison, CurveDifference, Judged, SampleBudget } from './types.js';

/** What is printed of files of scored drafts. */
export interface SampleReport {
  engine: string;
  rows: number;
  prompts: number;
  /** Rows that were left out, by reason. */
  refused: Record<string, number>;
  /** What was recognised, or set. */
  layout: Layout;
  /** Fewest and most drafts of a prompt. */
  drafts: [fewest: number, most: number];
  /** How intervals were made. */
  intervals: Judged['intervals'];
  curves: Judged['curves'];
  /** What curves past the drafts rest on, or why they are not extrapolated. */
  further: Pick<Judged, 'beta' | 'tail_index' | 'tail_index_interval' | 'not_extrapolated'>;
  advice: Advice[];
  /** Of two curves, where they are asked for. */
  differences?: Comparison & { rows: CurveDifference[] };
}

/** Where a budget is set, both policies at it, as reports of models have them. */
export type BudgetedReport = SampleReport & Partial<SampleBudget>;

/** Judges what was imported. @throws TiltLabError */
export function sampleReport(
  engine: SampleEngine,
  { table, rows, refused }: Imported,
  layout: Layout,
  settings: SampleSettings = {},
): BudgetedReport {
  engine.read(table);
  const judged = engine.judge(settings);
  const left = refused.reduce((sum, { count }) => sum + count, 0);
  const { columns } = layout;
  return {
    engine: engine.version,
    rows,
    prompts: judged.prompts,
    refused: Object.fromEntries(refused.map(({ reason, count }) => [reason, count])),
    layout,
    drafts: [judged.fewest, judged.most],
    intervals: judged.intervals,
    curves: judged.curves,
    further: {
      beta: judged.beta,
      tail_index: judged.tail_index,
      tail_index_interval: judged.tail_index_interval,
      not_extrapolated: judged.not_extrapolated,
    },
    advice: adviceOf(judged, {
      reward: columns.reward ?? '',
      gold: columns.gold,
      hasLogprob: columns.logprob !== null,
      refused: left,
    }),
    ...(settings.compare && {
      differences: { ...settings.compare, rows: engine.differences(settings.compare, settings.seed) },
    }),
    ...(judged.at_budget ?? {}),
  };
}

/** The report of a scenario of drafts. @throws TiltLabError */
export function scenarioReport(engine: SampleEngine, data: unknown): BudgetedReport {
  const { table, rows, layout, settings } = importScenario(parseSamplesScenario(data));
  return sampleReport(engine, { table, rows, refused: [], runs: [''] }, layout, settings);
}
