import { unwrap } from '../engine/boundary.js';
import { finite, lists } from '../engine/json.js';
import type { CoreDraftColumns, SamplesModule } from '../engine/module.js';
import type {
  Comparison,
  CurveDifference,
  CurveDifferences,
  Judged,
  PromptCurves,
  PromptDrafts,
  PromptGains,
} from './types.js';

/** What a reader sets beside the files. */
export interface SampleSettings {
  /** Of the resamples. */
  seed?: number;
  /** Of one draft, in the unit of what is judged. */
  price?: number | null;
  budget?: SampleBudgetChoice | null;
  /** Two curves whose difference is asked for as well. */
  compare?: Comparison | null;
}

/** As scenarios have them. */
export type SampleBudgetChoice = { n: number } | { log_n: number } | { kl: number } | { beta: number };

/** One table of scored drafts, and what is asked of it. */
export interface SampleEngine {
  readonly version: string;
  /** Takes another table. @throws TiltLabError */
  read(columns: CoreDraftColumns): void;
  /** @throws TiltLabError where nothing was read */
  judge(settings?: SampleSettings): Judged;
  /**
   * At each N that both curves have.
   * @param seed of the resamples @throws TiltLabError where a curve is not there
   */
  differences(asked: Comparison, seed?: number): CurveDifference[];
  /** @param prompt its place among the table's */
  promptCurves(prompt: number): PromptCurves;
  /** What each prompt gains from best-of-n over one draft, and its number of drafts. */
  promptGains(n: number): PromptGains;
  promptDrafts(prompt: number): PromptDrafts;
}

const unset = -1;

function coreSettings({ seed = 1, price, budget }: SampleSettings) {
  const set = { seed, price: price ?? unset, kl: unset, alpha: unset };
  if (!budget) return set;
  if ('beta' in budget) return { ...set, alpha: 1 / budget.beta };
  return { ...set, kl: 'n' in budget ? Math.log(budget.n) : 'log_n' in budget ? budget.log_n : budget.kl };
}

export function makeSampleEngine(core: SamplesModule): SampleEngine {
  return {
    version: core.version(),
    read({ prompt, reward, gold, logprob, length, answer }) {
      unwrap(core.read_samples({ prompt, reward, gold, logprob, length, answer }));
    },
    judge: (settings = {}) => finite(unwrap<Judged>(core.judge_samples(coreSettings(settings)))),
    differences: ({ first, second, of }, seed = 1) =>
      finite(unwrap<CurveDifferences>(core.curve_differences({ first, second, of, seed }))).differences,
    promptCurves: (prompt) => lists(unwrap<PromptCurves>(core.prompt_curves(prompt))),
    promptGains: (n) => unwrap<PromptGains>(core.prompt_gains(n)),
    promptDrafts: (prompt) => unwrap<PromptDrafts>(core.prompt_drafts(prompt)),
  };
}
