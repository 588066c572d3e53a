import type { Advice } from './advice.js';
import type { Refusal } from './collect.js';
import type { SampleSettings } from './engine.js';
import type { Progress, Recognised } from './import.js';
import type { Layout } from './layout.js';
import type { SampleLink } from './sample-link.js';
import type { Comparison, CurveDifference, Judged, PromptCurves, PromptGains } from './types.js';

/** What is asked of the worker that holds the drafts; each is answered by its id. */
export type Request =
  | { id: number; type: 'shipped'; settings: SampleSettings }
  | { id: number; type: 'recognise'; files: readonly File[] }
  | { id: number; type: 'read'; files: readonly File[]; layout: Layout; settings: SampleSettings }
  | { id: number; type: 'judge'; settings: SampleSettings }
  | { id: number; type: 'gains'; n: number }
  | { id: number; type: 'differences'; asked: Comparison }
  | { id: number; type: 'curves'; prompts: readonly number[] }
  | { id: number; type: 'drafts'; prompt: number }
  /** The table as text, for a link or to tell it from another. */
  | { id: number; type: 'table' }
  /** A table that a link carries. */
  | {
      id: number;
      type: 'linked';
      text: string;
      link: Pick<SampleLink, 'name' | 'reward' | 'gold'>;
      settings: SampleSettings;
    }
  | { id: number; type: 'cancel'; of: number };

/** What was read. */
export interface Held {
  name: string;
  rows: number;
  refused: Refusal[];
  runs: string[];
  layout: Layout;
  /** What the reward and the gold are called in sentences. */
  called: { reward: string; gold: string | null };
  hasTexts: boolean;
}

export interface Verdict {
  judged: Judged;
  advice: Advice[];
  engine: string;
}

/** Each prompt's name and what it gains at an N. */
export interface NamedGains extends PromptGains {
  names: string[];
}

/** One draft of a prompt, in ascending order of reward. */
export interface HeldDraft {
  reward: number;
  gold: number | null;
  length: number | null;
  text: string | null;
}

export type Answer =
  | { type: 'recognised'; recognised: Recognised }
  | { type: 'read'; held: Held; verdict: Verdict }
  | { type: 'judged'; verdict: Verdict }
  | { type: 'gains'; prompts: NamedGains }
  | { type: 'differences'; rows: CurveDifference[] }
  | { type: 'curves'; curves: PromptCurves[] }
  | { type: 'drafts'; drafts: HeldDraft[] }
  | { type: 'table'; text: string; digest: string };

export type Reply =
  | { id: number; answer: Answer }
  | { id: number; progress: Progress }
  | { id: number; failed: string; isRefusal: boolean };
