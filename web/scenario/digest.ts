import type { Report } from '../engine/types.js';

/** What a link says of the report it was made from. */
export interface Stamp {
  engine: string;
  digest: string;
  /** Reward of best-of-N and of KL-RL to seven digits, so that a difference can be shown. */
  best_of_n: string;
  kl_rl: string;
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

/** FNV-1a with 64 bits (Fowler, Noll and Vo), of UTF-16 units. */
function hash(text: string): string {
  let state = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++)
    state = BigInt.asUintN(64, (state ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  return state.toString(36).padStart(13, '0').slice(0, 10);
}

/** The fields that a reader may rely on; bounds and notes may change without the numbers changing. */
export function stampOf(report: Report): Stamp {
  const { engine, error_bound: _bound, notes: _notes, ...numbers } = report;
  return {
    engine,
    digest: hash(JSON.stringify(rounded(numbers))),
    best_of_n: report.best_of_n.reward.toPrecision(7),
    kl_rl: report.kl_rl.reward.toPrecision(7),
  };
}
