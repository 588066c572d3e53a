import type { Entry } from '../models/kind.js';
import { featuresOf, isChain } from '../models/transform.js';
import { type PartName, partOf, type Shown } from '../words/shown.js';
import type { Figure } from './figure.js';

interface Listing {
  title: string;
  /** Which models it can show; left out where it can show all. */
  of?: Subject;
  load(): Promise<Figure>;
}

/** Models whose reward is a sum, of independent tokens (of one, where there is no sequence) or along a chain: all of them, those
 * whose sums grow as one, and sequences of these; sequences of any kind, tables of three rewards, rewards with a density, or
 * rewards under a transform. */
type Subject = 'sums' | 'growing sums' | 'sequences' | 'lengths' | 'three rewards' | 'densities' | 'transformed';

/**
 * All figures by name, each with what it shows and where it is: a new one is one file and one line here. They are loaded
 * one by one, since an embed shows one alone.
 */
export const figures: Readonly<Record<string, Listing>> = {
  frontier: { title: 'Reward against KL', load: async () => (await import('./frontier.js')).frontier },
  laws: { title: 'Laws of the reward', load: async () => (await import('./laws.js')).laws },
  gap: { title: 'The gap against length', of: 'lengths', load: async () => (await import('./gap.js')).gap },
  spending: {
    title: 'KL against inverse temperature',
    of: 'sums',
    load: async () => (await import('./spending.js')).spending,
  },
  dual: { title: 'The dual function', of: 'sums', load: async () => (await import('./dual.js')).dual },
  tangent: {
    title: 'Optimal reward and its tangent',
    of: 'sums',
    load: async () => (await import('./tangent.js')).tangent,
  },
  simplex: {
    title: 'All policies of one token',
    of: 'three rewards',
    load: async () => (await import('./simplex.js')).simplex,
  },
  near: {
    title: 'Policies near the optimum',
    of: 'growing sums',
    load: async () => (await import('./near-optimum.js')).near,
  },
  divergence: {
    title: 'KL from best-of-N to KL-RL',
    of: 'lengths',
    load: async () => (await import('./kl-to-optimum.js')).divergence,
  },
  directions: {
    title: 'KL in both directions',
    of: 'sequences',
    load: async () => (await import('./both-directions.js')).directions,
  },
  fixed: { title: 'N fixed and N growing', of: 'sequences', load: async () => (await import('./fixed-n.js')).fixed },
  rates: { title: 'Rate functions', of: 'sequences', load: async () => (await import('./rates.js')).rates },
  cumulants: {
    title: 'Scaled cumulants',
    of: 'sequences',
    load: async () => (await import('./cumulants.js')).cumulants,
  },
  renyi: { title: 'Rényi cross entropy', of: 'sums', load: async () => (await import('./renyi.js')).renyi },
  divergences: {
    title: 'Rényi divergences',
    of: 'densities',
    load: async () => (await import('./renyi-divergence.js')).divergences,
  },
  hull: {
    title: 'Rates of values and their hull',
    of: 'transformed',
    load: async () => (await import('./hull.js')).hull,
  },
};

/** Whether a figure can show a model at all, its numbers aside. */
export function suits(name: string, { scenario, unit, view }: Pick<Shown, 'scenario' | 'unit' | 'view'>): boolean {
  const { hasTokens, hasDensity, rows } = featuresOf(scenario);
  const isOfTokens = !!hasTokens?.(scenario.model);
  // A chain may stay in one of several parts, whose sums have no growth in common.
  const grows = isOfTokens || (isChain({ scenario }) && !!view.report.limits);
  switch (figures[name]?.of) {
    case 'sums':
      return isOfTokens || isChain({ scenario });
    case 'growing sums':
      return grows;
    case 'sequences':
      return unit !== null && grows;
    case 'lengths':
      return unit !== null && scenario.transform === undefined;
    case 'three rewards':
      return rows !== undefined && hasThreeRewards(rows(scenario.model));
    case 'densities':
      return !!hasDensity;
    case 'transformed':
      return scenario.transform !== undefined;
    default:
      return true;
  }
}

/** Three rewards can be drawn as a triangle. A long table is not read to its end: this is asked at every step of a drag. */
function hasThreeRewards(rows: readonly Entry[]): boolean {
  const rewards = new Set<number>();
  for (const { p, reward } of rows) {
    if (p > 0) rewards.add(reward);
    if (rewards.size > 3) return false;
  }
  return rewards.size === 3;
}

/** Whether a figure is of this model at all, and the view has what it draws. */
export const canDraw = ({ name, part }: { name: string; part?: PartName }, shown: Shown): boolean =>
  suits(name, shown) && (part === undefined || !!partOf(shown.view, part));
