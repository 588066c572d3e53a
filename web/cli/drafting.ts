import type { Generation, LanguageEngine } from '../language/engine.js';
import { loadLanguage } from '../language/load.js';
import type { TextReward } from '../language/reward.js';
import { goldsOf, rewardsOf } from '../language/scenario.js';
import type { GeneratedDraft } from '../language/types.js';
import type { refusalOf } from '../scenario/error.js';

/** All that a thread needs to draw: bytes that threads may share, and what they are asked. */
export interface Means {
  checkpoint: Uint8Array;
  tokenizer: Uint8Array;
  /** VADER's table; null where no reward asks for it. */
  lexicon: string | null;
  reward: TextReward | null;
  /** What is really wanted, of which the reward is a proxy. */
  gold: TextReward | null;
  /** How many of a draft's first words are rewarded; all where it is left out. */
  words?: number | undefined;
  /** Of all shares. */
  settings: Generation;
}

/** Some of the drafts, by their numbers. */
export interface Share {
  first: number;
  n: number;
}

export interface Drafted {
  drafts: Pick<GeneratedDraft, 'tokens' | 'text' | 'logprob'>[];
  /** Of each text; null where none was asked for. */
  rewards: number[] | null;
  golds: number[] | null;
}

/** What a worker answers. */
export type DraftReply = { drafted: Drafted } | { refused: ReturnType<typeof refusalOf> };

/** An engine that has read what there is. @throws TiltLabError naming what is wrong with the files */
export async function engineOf({ checkpoint, tokenizer, lexicon }: Means): Promise<LanguageEngine> {
  const engine = await loadLanguage();
  engine.read(checkpoint, tokenizer);
  if (lexicon !== null) engine.readLexicon(lexicon);
  return engine;
}

/** Draws shares, with an engine that has read what there is. @throws TiltLabError naming what is wrong with the reward */
export function drafter(engine: LanguageEngine, { reward, gold, words, settings }: Means) {
  // Before anything is drawn: a reward that is none is said at once.
  if (reward) engine.rewards(reward, []);
  if (gold) goldsOf(engine, gold, []);
  return (share: Share): Drafted => {
    const drafts = engine.generate({ ...settings, ...share });
    const texts = drafts.map(({ text }) => text);
    return {
      drafts: drafts.map(({ tokens, text, logprob }) => ({ tokens, text, logprob })),
      rewards: reward && [...rewardsOf(engine, reward, texts, words)],
      golds: gold && [...goldsOf(engine, gold, texts, words)],
    };
  };
}
