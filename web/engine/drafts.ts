import type { Word } from '../models/core/form.js';
import { longestDraft } from '../scenario/defaults.js';
import { TiltLabError } from '../scenario/error.js';
import { unwrap } from './boundary.js';
import type { CoreDraft, CoreDrafts, CoreModel, FullModule } from './module.js';
import type { Derived, Draft, Drafts, Report } from './types.js';

/** @throws TiltLabError where drafts are too long to be written out */
export function checkLength(length: number): void {
  if (length > longestDraft) {
    throw new TiltLabError(
      'input',
      `model.length: ${length} is more than the ${longestDraft} that a written draft has`,
      'model.length',
    );
  }
}

const column = (vocabulary: readonly Word[], of: (word: Word) => number) => Float64Array.from(vocabulary, of);

/** How a model's drafts are drawn. */
export interface DraftForm {
  length: number;
  /** What they are made of. */
  vocabulary: readonly Word[];
  /** Where each token depends on the one before. */
  walk: {
    model: CoreModel;
    /** Whether a transition is written as a word that earns as much, or as the place of the state that it enters. */
    inWords: boolean;
  } | null;
}

/** One draft of each policy, token by token. @throws TiltLabError */
export function drawDrafts(
  core: FullModule,
  { length, vocabulary, walk }: DraftForm,
  { report, derived }: { report: Report; derived: Derived },
  seed: number,
  replicate: number,
): Drafts {
  const words = walk && !walk.inWords ? [] : vocabulary;
  const table = { p: column(words, (w) => w.weight), reward: column(words, (w) => w.reward) };
  const asked = [
    report.kl_rl.alpha ?? Number.POSITIVE_INFINITY,
    derived.n ?? Number.POSITIVE_INFINITY,
    seed,
    replicate,
  ] as const;
  const drawn = unwrap<CoreDrafts>(
    walk ? core.draw_walked_drafts(walk.model, table, ...asked) : core.draw_drafts({ ...table, length }, ...asked),
  );
  const written = ({ tokens, earned, reward }: CoreDraft): Draft => ({
    words: Array.from(tokens, (k, i) => ({ text: (vocabulary[k] as Word).text, reward: earned[i] as number })),
    reward,
  });
  return {
    base: written(drawn.base),
    kl_rl: written(drawn.kl_rl),
    best_of_n: drawn.best_of_n.tokens.length > 0 ? written(drawn.best_of_n) : null,
    losers: drawn.losers.map(written),
    draws: drawn.draws,
  };
}
