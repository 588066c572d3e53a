import type { PolicyAtKl } from '../engine/tables.js';
import { namedKind } from '../policies/registry.js';
import { drafts, nats, number, percents } from '../words/format.js';
import { noteText } from '../words/missing.js';
import type { Shown } from '../words/shown.js';
import type { Row, SortedTable } from './table.js';

const of = ({ view }: Shown) => view.tables?.equal ?? null;

const parameter = (sign: string, x: number | null) => `${sign} ${x === null ? '∞' : number(x, 4)}`;
/** A divergence that is infinite where the numbers beside it are there. */
const divergence = (x: number | null) => (x === null ? '∞' : nats(x));

/** As the engine puts it, without the name before it and what is said to whoever writes scenarios. */
export const refusalText = (refusal: string): string =>
  noteText(refusal.replace(/^"\w+" /, '').replace(/: state that$/, '')).replaceAll("'", '’');

/** One policy as a row, but for what is written of its win rate. */
interface Named {
  policy: PolicyAtKl;
  name: string;
  className: string;
  parameter: string;
}

function rowOf({ policy, name, className, parameter }: Named, wins: string, hasGold: boolean): Row {
  const { reward, win_rate, gold, kl, kl_to_kl_rl, refusal } = policy;
  return {
    name,
    className,
    values: [reward, win_rate, ...(hasGold ? [gold] : []), kl, kl_to_kl_rl ?? Number.POSITIVE_INFINITY, null],
    texts: [
      number(reward, 6),
      wins,
      ...(hasGold ? [number(gold, 5)] : []),
      nats(kl),
      divergence(kl_to_kl_rl),
      parameter,
    ],
    ...(refusal ? { refusal: refusalText(refusal) } : {}),
  };
}

/** Whether the model has a gold reward: the base's is 0 where it has none, and so is everyone's. */
function hasGold(shown: Shown): boolean {
  const found = of(shown);
  const all = found ? [found.kl_rl, found.best_of_n, ...found.policies] : [];
  return all.some(({ gold }) => gold !== null && gold !== 0);
}

/** Every policy at the KL that best-of-N spends. */
export const equalKl: SortedTable = {
  name: 'equal-kl',
  title: 'Every policy at the KL that best-of-N spends',
  part: 'equal',
  rowName: 'policy',
  first: 0,
  columns: (shown) => [
    { name: 'reward', sorts: true },
    { name: 'win rate', sorts: true },
    ...(hasGold(shown) ? [{ name: 'gold', sorts: true }] : []),
    { name: 'KL', sorts: true },
    { name: 'KL to KL-RL', sorts: true },
    { name: 'parameter', sorts: false },
  ],
  rows(shown) {
    const found = of(shown);
    if (!found) return [];
    const gold = hasGold(shown);
    const { derived } = shown.view;
    const { kl_rl, best_of_n, policies } = found;
    const all: Named[] = [
      { policy: kl_rl, name: 'KL-RL', className: 'kl-rl', parameter: parameter('α', kl_rl.parameter) },
      {
        policy: best_of_n,
        name: 'best-of-N',
        className: 'best-of-n',
        parameter: `N ${drafts(derived.n, derived.log10_n)}`,
      },
      ...policies.map((policy) => {
        const { name = policy.kind, sign = '' } = namedKind(policy.kind) ?? {};
        return { policy, name, className: '', parameter: parameter(sign, policy.parameter) };
      }),
    ];
    const wins = percents(all.map(({ policy }) => policy.win_rate));
    return all.map((each, i) => rowOf(each, wins[i] as string, gold));
  },
};
