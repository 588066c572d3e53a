import type { Shown } from '../page/shown.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Figure } from './figure.js';

interface Entry {
  title: string;
  /** Which models it can show; left out where it can show all. */
  of?: Subject;
  load(): Promise<Figure>;
}

/** Models with a table of outcomes or tokens, sequences of these, tables of three rewards, or rewards with a density. */
type Subject = 'tokens' | 'sequences' | 'three rewards' | 'continuous';

/**
 * All figures by name, each with what it shows and where it is: a new one is one file and one line here. They are loaded
 * one by one, since an embed shows one alone.
 */
export const figures: Readonly<Record<string, Entry>> = {
  frontier: { title: 'Reward against KL', load: async () => (await import('./frontier.js')).frontier },
  laws: { title: 'Laws of the reward', load: async () => (await import('./laws.js')).laws },
  gap: { title: 'The gap against length', of: 'sequences', load: async () => (await import('./gap.js')).gap },
  spending: {
    title: 'KL against inverse temperature',
    of: 'tokens',
    load: async () => (await import('./spending.js')).spending,
  },
  dual: { title: 'The dual function', of: 'tokens', load: async () => (await import('./dual.js')).dual },
  tangent: {
    title: 'Optimal reward and its tangent',
    of: 'tokens',
    load: async () => (await import('./tangent.js')).tangent,
  },
  simplex: {
    title: 'All policies of one token',
    of: 'three rewards',
    load: async () => (await import('./simplex.js')).simplex,
  },
  near: { title: 'Policies near the optimum', of: 'tokens', load: async () => (await import('./near.js')).near },
  divergence: {
    title: 'KL from best-of-N to KL-RL',
    of: 'sequences',
    load: async () => (await import('./divergence.js')).divergence,
  },
  directions: {
    title: 'KL in both directions',
    of: 'sequences',
    load: async () => (await import('./directions.js')).directions,
  },
  fixed: { title: 'N fixed and N growing', of: 'sequences', load: async () => (await import('./fixed.js')).fixed },
  rates: { title: 'Rate functions', of: 'sequences', load: async () => (await import('./rates.js')).rates },
  cumulants: {
    title: 'Scaled cumulants',
    of: 'sequences',
    load: async () => (await import('./cumulants.js')).cumulants,
  },
  renyi: { title: 'Rényi cross entropy', of: 'tokens', load: async () => (await import('./renyi.js')).renyi },
  divergences: {
    title: 'Rényi divergences',
    of: 'continuous',
    load: async () => (await import('./renyi-divergence.js')).divergences,
  },
};

/** Whether a figure can show a model at all, its numbers aside. */
export function suits(name: string, { scenario: { model }, unit }: Pick<Shown, 'scenario' | 'unit'>): boolean {
  const of = figures[name]?.of;
  if (of === undefined) return true;
  if (of === 'continuous') return model.kind === 'continuous';
  if (of === 'sequences') return unit !== null;
  return model.kind !== 'continuous' && (of === 'tokens' || hasThreeRewards(model));
}

/** Three rewards can be drawn as a triangle. A long table is not read to its end: this is asked at every step of a drag. */
function hasThreeRewards(model: Scenario['model']): boolean {
  const rows = model.kind === 'finite' ? model.outcomes : model.kind === 'memoryless' ? model.tokens : [];
  const rewards = new Set<number>();
  for (const { p, reward } of rows) {
    if (p > 0) rewards.add(reward);
    if (rewards.size > 3) return false;
  }
  return rewards.size === 3;
}
