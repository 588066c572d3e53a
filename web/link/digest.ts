import { fnv1a } from './fnv.js';

/** What a link says of the report it was made from. */
export interface Stamp {
  engine: string;
  digest: string;
  /** Reward of best-of-N and of KL-RL to seven digits, so that a difference can be shown; `?` where it is not known. */
  best_of_n: string;
  kl_rl: string;
}

/** What a stamp is made of: the numbers of a report, of which some are never the same and some may be left out. */
interface Numbers {
  engine: string;
  error_bound?: number;
  notes?: string[];
  best_of_n: { reward: number | null };
  kl_rl: { reward: number | null };
  limits?: LimitNumbers | undefined;
  policies?: PolicyNumbers[];
}

interface LimitNumbers {
  gap_lower?: number | null;
  gap_upper?: number | null;
  log_constant?: number | null;
}

interface PolicyNumbers {
  reward: number | null;
  reward_sd: number | null;
  kl: number | null;
  win_rate: number | null;
  gold: number;
}

/** What links have said of further policies from the first: what came later follows from these. */
const first = ({ reward, reward_sd, kl, win_rate, gold }: PolicyNumbers): PolicyNumbers => ({
  reward,
  reward_sd,
  kl,
  win_rate,
  gold,
});

/** The same of limits: of chains nothing, whose first links knew none. */
function firstLimits({ gap_lower: _lower, gap_upper: _upper, ...limits }: LimitNumbers) {
  return 'log_constant' in limits ? undefined : limits;
}

/** Numbers to nine digits: what another machine or a later engine must still find. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(9));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, rounded(entry)]));
  }
  return value;
}

/** Ten signs that tell numbers apart, as far as nine digits go. */
export const digestOf = (numbers: unknown): string =>
  fnv1a(JSON.stringify(rounded(numbers)))
    .toString(36)
    .padStart(13, '0')
    .slice(0, 10);

const seven = (x: number | null) => x?.toPrecision(7) ?? '?';

/** The fields that a reader may rely on; bounds and notes may change without the numbers changing. */
export function stampOf(report: Numbers): Stamp {
  const { engine, error_bound: _bound, notes: _notes, ...all } = report;
  const numbers: Partial<Numbers> = { ...all };
  if (all.policies) numbers.policies = all.policies.map(first);
  // What is undefined is not written.
  if (all.limits) numbers.limits = firstLimits(all.limits);
  return {
    engine,
    digest: digestOf(numbers),
    best_of_n: seven(report.best_of_n.reward),
    kl_rl: seven(report.kl_rl.reward),
  };
}
