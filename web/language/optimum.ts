import type { LanguageEngine } from './engine.js';
import type { TextReward } from './reward.js';
import type { DraftLaw, FromDrafts } from './types.js';

/** What no draft of so many tokens exceeds; Infinity where nothing says so. */
export const mostOf = (engine: LanguageEngine, reward: TextReward, length: number) =>
  // No token of a vocabulary is so long.
  engine.mostReward(reward, 64 * length);

const places = (rewards: Float64Array) => Array.from(rewards, (_, i) => i);
const bestOf = (rewards: Float64Array, among: readonly number[]) =>
  among.reduce((best, i) => ((rewards[i] as number) > (rewards[best] as number) ? i : best), among[0] ?? 0);

/** Places of the best of the first n drafts, and of one that the tilt keeps; null where it keeps none. */
export function pickOf(
  engine: LanguageEngine,
  rewards: Float64Array,
  { n, alpha, seed }: { n: number; alpha: number; seed: number },
): { best: number; tilted: number | null } {
  const best = bestOf(rewards, places(rewards).slice(0, n));
  // Of these drafts alone: the tilt of their own law.
  const most = rewards[bestOf(rewards, places(rewards))] ?? 0;
  const [tilted = null] = engine.accepted(rewards, { alpha, most, seed });
  return { best, tilted };
}

/** What rejection kept: places, and the mean reward; null where that is too little to tell. */
export function keptOf(
  engine: LanguageEngine,
  rewards: Float64Array,
  tilt: { alpha: number; most: number; seed: number },
): { places: Uint32Array; reward: FromDrafts | null } {
  const places = engine.accepted(rewards, tilt);
  const kept = Float64Array.from(places, (place) => rewards[place] as number);
  return { places, reward: kept.length < 100 ? null : engine.equivalence(kept, 0, tilt.seed).base };
}

/** A law as a model that exact engines take. */
export const finiteModel = ({ reward, p }: DraftLaw) => ({
  kind: 'finite' as const,
  outcomes: Array.from(reward, (value, i) => ({ p: p[i] as number, reward: value })),
});
