import type { Figure } from './figure.js';

/**
 * All figures by name, each with what it shows and where it is: a new one is one file and one line here. They are loaded
 * one by one, since an embed shows one alone.
 */
export const figures: Readonly<Record<string, { title: string; load(): Promise<Figure> }>> = {
  frontier: { title: 'Reward against KL', load: async () => (await import('./frontier.js')).frontier },
  laws: { title: 'Laws of the reward', load: async () => (await import('./laws.js')).laws },
  gap: { title: 'The gap against length', load: async () => (await import('./gap.js')).gap },
  spending: { title: 'KL against inverse temperature', load: async () => (await import('./spending.js')).spending },
  dual: { title: 'The dual function', load: async () => (await import('./dual.js')).dual },
  tangent: { title: 'Optimal reward and its tangent', load: async () => (await import('./tangent.js')).tangent },
  simplex: { title: 'All policies of one token', load: async () => (await import('./simplex.js')).simplex },
  near: { title: 'Policies near the optimum', load: async () => (await import('./near.js')).near },
  divergence: { title: 'KL from best-of-N to KL-RL', load: async () => (await import('./divergence.js')).divergence },
  directions: { title: 'KL in both directions', load: async () => (await import('./directions.js')).directions },
  fixed: { title: 'N fixed and N growing', load: async () => (await import('./fixed.js')).fixed },
  rates: { title: 'Rate functions', load: async () => (await import('./rates.js')).rates },
  cumulants: { title: 'Scaled cumulants', load: async () => (await import('./cumulants.js')).cumulants },
  renyi: { title: 'Rényi cross entropy', load: async () => (await import('./renyi.js')).renyi },
  divergences: {
    title: 'Rényi divergences',
    load: async () => (await import('./renyi-divergence.js')).divergences,
  },
};
