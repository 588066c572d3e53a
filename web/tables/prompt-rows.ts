import type { PromptRows } from '../engine/tables.js';
import { nats, number, percent } from '../words/format.js';
import { hasNoBudget, isConstant } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import type { SortedTable } from './table.js';

const of = ({ view }: Shown) => view.tables?.prompts ?? null;
const prompt = (rows: PromptRows, i: number) => `prompt ${(rows.place[i] as number) + 1}`;

/** The prompt on which most of KL-RL's KL is spent. */
const dearest = ({ kl_rl_share }: PromptRows): number =>
  kl_rl_share.reduce<number>((best, share, i) => ((share ?? 0) > (kl_rl_share[best] ?? 0) ? i : best), 0);

function spent(shown: Shown): string {
  const rows = of(shown);
  if (!rows) return '';
  const i = dearest(rows);
  return `With ${percent(rows.weight[i] ?? null)} of the weight it takes ${percent(rows.kl_rl_share[i] ?? null)} of KL-RL’s KL and ${percent(rows.best_of_n_share[i] ?? null)} of best-of-N’s.`;
}

/** Each prompt under one alpha, and under one N. */
export const promptRows: SortedTable = {
  name: 'prompts',
  title: 'Each prompt by itself',
  part: 'prompts',
  of: 'several prompts',
  rowName: 'prompt',
  first: null,
  claims: [
    { holds: isConstant, claim: 'Nothing to buy on any prompt.', rest: 'Every draft earns the same.' },
    { holds: hasNoBudget, claim: 'Nothing is spent yet.', rest: 'Without a budget each prompt has its base.' },
    { holds: (shown) => !of(shown), claim: 'What each prompt costs is not known.', rest: '' },
    {
      claim: (shown) => {
        const rows = of(shown);
        return rows ? `KL-RL spends on no prompt more than on ${prompt(rows, dearest(rows))}.` : '';
      },
      rest: spent,
    },
  ],
  columns: () =>
    [
      'weight',
      'KL of KL-RL',
      'KL of best-of-N',
      'base reward',
      'KL-RL reward',
      'best-of-N reward',
      'KL-RL earns more',
    ].map((name) => ({ name, sorts: true })),
  rows(shown) {
    const rows = of(shown);
    if (!rows) return [];
    return rows.place.map((_, i) => {
      const at = (list: readonly (number | null)[]) => list[i] ?? null;
      const [kl, bestKl] = [at(rows.kl_rl_kl), at(rows.best_of_n_kl)];
      const rewards = [rows.reward, rows.kl_rl_reward, rows.best_of_n_reward, rows.gap].map(at);
      return {
        name: prompt(rows, i).replace(' ', '\u00a0'),
        className: '',
        values: [at(rows.weight), kl, bestKl, ...rewards],
        texts: [percent(at(rows.weight)), nats(kl), nats(bestKl), ...rewards.map((x) => number(x, 5))],
      };
    });
  },
};
