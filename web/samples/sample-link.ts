import { digestOf } from '../link/digest.js';
import { unpack } from '../link/packed.js';
import { clip, quote, Reader } from '../link/reader.js';
import { encoded } from '../scenario/percent.js';
import type { SampleBudgetChoice } from './engine.js';
import type { Judged } from './types.js';

/** What a link of the page for drafts says. */
export interface SampleLink {
  /** What the files and the columns are called. */
  name: string;
  reward: string;
  gold: string | null;
  price: number | null;
  budget: SampleBudgetChoice | null;
  /** Of the table; what tells whether a file is the one that was meant. */
  table: string;
  /** The table itself, as text, where it fits; null where the file is asked for. */
  text: string | null;
  engine: string;
  /** Of the numbers, rounded to nine digits. */
  digest: string;
}

/** Characters of packed data that a link carries at most. */
export const mostPacked = 8000;

/** Budgets as scenarios' links have them, with what each must be. */
const budgets = {
  n: [(x: number) => x >= 1, 'a number of at least 1'],
  log_n: [(x: number) => x >= 0, 'a number of at least 0'],
  kl: [(x: number) => x >= 0, 'a number of at least 0'],
  beta: [(x: number) => x > 0, 'a number above 0'],
} as const;
type BudgetKey = keyof typeof budgets;

const keys = [
  'v',
  'name',
  'reward',
  'gold',
  'price',
  'n',
  'log_n',
  'kl',
  'beta',
  'table',
  'data',
  'engine',
  'd',
] as const;

/** What a report's numbers come to: another machine and a later engine must find the same. */
export const judgedDigest = (judged: Judged): string => digestOf(judged);

/** @param pack deflates */
export function encodeSampleLink(link: SampleLink, pack: (text: string) => string): string {
  const packed = link.text === null ? null : pack(link.text);
  const fits = packed !== null && packed.length <= mostPacked;
  const fields: [(typeof keys)[number], string | null][] = [
    ['v', '1'],
    ['name', encoded(link.name)],
    ['reward', encoded(link.reward)],
    ['gold', link.gold === null ? null : encoded(link.gold)],
    ['price', link.price === null ? null : String(link.price)],
    ...Object.entries(link.budget ?? {}).map(
      ([key, value]) => [key as BudgetKey, String(value)] as [BudgetKey, string],
    ),
    ['table', link.table],
    ['data', fits ? packed : null],
    ['engine', link.engine],
    ['d', link.digest],
  ];
  return `#${fields.flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`])).join('&')}`;
}

/** Most characters of a link that are looked at. */
const longest = 40_000;

/** The first budget that a link sets and that is one. */
function budgetIn(reader: Reader, problems: string[]): SampleBudgetChoice | null {
  for (const key of Object.keys(budgets) as BudgetKey[]) {
    if (!reader.has(key)) continue;
    const value = reader.number(key);
    const [fits, rule] = budgets[key];
    if (typeof value === 'number' && Number.isFinite(value) && fits(value))
      return { [key]: value } as unknown as SampleBudgetChoice;
    problems.push(`link.${key}: ${quote(String(value))} is not ${rule}`);
  }
  return null;
}

/** What a link says, null where it is none of this page's; with what was wrong in it, a line each. */
export function decodeSampleLink(hash: string): { link: SampleLink | null; problems: string[] } {
  const text = hash.replace(/^#/, '');
  if (!/(^|&)(table|data)=/.test(text)) return { link: null, problems: [] };
  if (text.length > longest)
    return { link: null, problems: [`link: ${text.length} characters; at most ${longest} are read`] };
  const reader = new Reader(text, new Set(keys));
  const problems = reader.problems.map(({ message }) => message);
  if (reader.raw('v') !== '1')
    return { link: null, problems: [`link.v: ${quote(reader.raw('v') ?? '')} is not 1`, ...problems] };
  const price = reader.number('price') ?? null;
  if (price !== null && !(typeof price === 'number' && price >= 0))
    problems.push(`link.price: ${quote(String(price))} is not a number of at least 0`);
  const budget = budgetIn(reader, problems);
  let table: string | null = null;
  try {
    const data = reader.raw('data');
    table = data === undefined ? null : unpack(data);
  } catch (error) {
    problems.push(`link.data: cannot be unpacked (${(error as Error).message})`);
  }
  const word = (key: 'table' | 'engine' | 'd') => clip(reader.raw(key) ?? '').replaceAll(/[^\w.-]/g, '');
  const link: SampleLink = {
    name: clip(reader.text('name') ?? 'drafts'),
    reward: clip(reader.text('reward') ?? 'reward'),
    gold: reader.has('gold') ? clip(reader.text('gold') ?? 'gold') : null,
    price: typeof price === 'number' && price >= 0 ? price : null,
    budget,
    table: word('table'),
    text: table,
    engine: word('engine'),
    digest: word('d'),
  };
  return { link, problems };
}
