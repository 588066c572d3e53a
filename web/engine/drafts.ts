import type { Word } from '../models/core/form.js';
import { longestDraft } from '../scenario/defaults.js';
import { TiltLabError } from '../scenario/error.js';
import { unwrap } from './boundary.js';
import type { CoreBudget, CoreDraft, CoreDrafts, CoreModel, FullModule } from './module.js';
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
  model: CoreModel;
  budget: CoreBudget;
  length: number;
  /** What they are made of. */
  vocabulary: readonly Word[];
  /** Where each token depends on the one before: how a transition is written, as a word that earns as much, or as the
   * place of the state that it enters. */
  walk: 'words' | 'states' | null;
}

/** One draft of each policy, token by token. @throws TiltLabError */
export function drawDrafts(
  core: FullModule,
  { model, budget, length, vocabulary, walk }: DraftForm,
  { report, derived }: { report: Report; derived: Derived },
  seed: number,
  replicate: number,
): Drafts {
  const words = walk === 'states' ? [] : vocabulary;
  const table = { p: column(words, (w) => w.weight), reward: column(words, (w) => w.reward) };
  const alpha = report.kl_rl.alpha ?? Number.POSITIVE_INFINITY;
  const asked = [alpha, derived.n ?? Number.POSITIVE_INFINITY, seed, replicate] as const;
  const drawn = unwrap<CoreDrafts>(
    walk ? core.draw_walked_drafts(model, table, ...asked) : core.draw_drafts({ ...table, length }, ...asked),
  );
  const written = ({ tokens, earned, reward }: CoreDraft): Draft => ({
    words: Array.from(tokens, (k, i) => ({ text: (vocabulary[k] as Word).text, reward: earned[i] as number })),
    reward,
  });
  const one_by_one = drawn.best_of_n.tokens.length > 0;
  const about = report.kl_rl_at_bon_kl.alpha ?? Number.POSITIVE_INFINITY;
  const byLaw = () => {
    const found = core.draw_best_draft(model, budget, table, about, seed, replicate);
    // A law that is not to be had is no reason to leave out the other drafts.
    return 'value' in found ? (found.value as CoreDraft) : drawn.best_of_n;
  };
  const best = one_by_one ? drawn.best_of_n : byLaw();
  return {
    base: written(drawn.base),
    kl_rl: written(drawn.kl_rl),
    best_of_n: best.tokens.length > 0 ? written(best) : null,
    one_by_one,
    losers: drawn.losers.map(written),
    draws: drawn.draws,
  };
}
