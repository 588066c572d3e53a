import type { Word } from '../models/core/form.js';
import { longestDraft } from '../scenario/defaults.js';
import { TiltLabError } from '../scenario/error.js';
import { unwrap } from './boundary.js';
import type { CoreDraft, CoreDrafts, FullModule } from './module.js';
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

/** One draft of each policy, word by word. @throws TiltLabError */
export function drawDrafts(
  core: FullModule,
  vocabulary: readonly Word[],
  length: number,
  { report, derived }: { report: Report; derived: Derived },
  seed: number,
  replicate: number,
): Drafts {
  const drawn = unwrap<CoreDrafts>(
    core.draw_drafts(
      { p: column(vocabulary, (w) => w.weight), reward: column(vocabulary, (w) => w.reward), length },
      report.kl_rl.alpha ?? Number.POSITIVE_INFINITY,
      derived.n ?? Number.POSITIVE_INFINITY,
      seed,
      replicate,
    ),
  );
  const written = ({ tokens, reward }: CoreDraft): Draft => ({
    words: Array.from(tokens, (k) => vocabulary[k] as Word).map(({ text, reward: each }) => ({ text, reward: each })),
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
