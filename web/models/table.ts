import { TiltLabError } from '../scenario/error.js';
import { stated } from '../scenario/number.js';
import { encoded } from '../scenario/percent.js';
import type { Entry, LinkFields, Pack, Pair, Phrase } from './kind.js';

/** Rows that take more characters than this go into a link's `data`, deflated. */
export const longestRows = 160;

export const list = (values: readonly number[]): string => values.map(stated).join(',');

/** "in Title, a model of 3 tokens" */
export const inModel = (what: string, title: string | undefined): Phrase[] =>
  title ? ['in ', { title }, `, ${what}`] : [`in ${what}`];

export const tableOrigin =
  "The base model here draws from the table by its probabilities; a draft's reward is the sum of what it drew.";

/** Whether rows have a gold reward that is not the reward itself, and not 0 everywhere, which states none. */
export const haveOwnGold = (rows: readonly Entry[]): boolean =>
  rows.some(({ gold = 0 }) => gold !== 0) && rows.some(({ reward, gold = 0 }) => gold !== reward);

export const rowKeys = ['p', 'r', 'gold', 'labels', 'data', 'normalise'] as const;

/** Whether something is so, where the model says it. */
export const writeFlag = (key: string, value: boolean | undefined): Pair[] =>
  value === undefined ? [] : [[key, String(value)]];

/** As it was written, or the text for the scenario's rules to refuse; nothing where nothing is said. */
export function readFlag<K extends string>(link: LinkFields, key: K): { [name in K]?: unknown } {
  const text = link.raw(key);
  const flags: Record<string, unknown> = { true: true, false: false };
  return (text === undefined ? {} : { [key]: flags[text] ?? text }) as { [name in K]?: unknown };
}

/** Rows as short lists, where every row has the same fields; null where `data` has to carry them. */
function inline(rows: readonly Entry[]): Pair[] | null {
  const all = (field: 'label' | 'gold') => rows.every((row) => row[field] !== undefined);
  const none = (field: 'label' | 'gold') => rows.every((row) => row[field] === undefined);
  if (!(all('label') || none('label')) || !(all('gold') || none('gold'))) return null;
  const pairs: Pair[] = [
    ['p', list(rows.map((row) => row.p))],
    ['r', list(rows.map((row) => row.reward))],
  ];
  if (all('gold')) pairs.push(['gold', list(rows.map((row) => row.gold ?? 0))]);
  if (all('label')) pairs.push(['labels', rows.map((row) => encoded(row.label ?? '')).join(',')]);
  return pairs.reduce((sum, [key, value]) => sum + key.length + value.length + 2, 0) <= longestRows ? pairs : null;
}

interface Columns {
  p: unknown[];
  r: unknown[];
  /** null in a row that has none; left out where no row has one. */
  gold?: unknown[];
  labels?: unknown[];
}

/** Rows as columns, which deflate better. */
function columnsOf(rows: readonly Entry[]): Columns {
  const columns: Columns = { p: rows.map((row) => row.p), r: rows.map((row) => row.reward) };
  if (rows.some((row) => row.gold !== undefined)) columns.gold = rows.map((row) => row.gold ?? null);
  if (rows.some((row) => row.label !== undefined)) columns.labels = rows.map((row) => row.label ?? null);
  return columns;
}

function fromColumns(value: unknown): unknown[] {
  const { p, r, gold, labels } = value as Columns;
  if (![p, r, gold ?? p, labels ?? p].every((column) => Array.isArray(column) && column.length === p.length))
    throw new Error('its columns differ in length');
  return p.map((weight, i) => ({
    ...(labels && labels[i] !== null ? { label: labels[i] } : {}),
    p: weight,
    reward: r[i],
    ...(gold && gold[i] !== null ? { gold: gold[i] } : {}),
  }));
}

export const writeRows = (rows: readonly Entry[], pack: Pack): Pair[] =>
  inline(rows) ?? [['data', pack(JSON.stringify(columnsOf(rows)))]];

/** @param label what the rows are called where they are missing @throws TiltLabError */
export function readRows(link: LinkFields, label: string): unknown {
  const packed = link.data(fromColumns);
  if (packed) return packed;
  const columns = {
    p: link.numbers('p'),
    reward: link.numbers('r'),
    gold: link.numbers('gold'),
    label: link.texts('labels'),
  };
  const length = columns.p?.length ?? 0;
  for (const [name, column] of Object.entries(columns)) {
    if (column && column.length !== length) {
      throw new TiltLabError(
        'input',
        `link.${name}: a list of ${column.length} is not as long as p (${length})`,
        `link.${name}`,
      );
    }
  }
  if (!columns.p || !columns.reward)
    throw new TiltLabError(
      'input',
      `link.${columns.p ? 'r' : 'p'}: nothing is given, the field is required for ${label}`,
      'link',
    );
  return columns.p.map((p, i) => ({
    ...(columns.label ? { label: columns.label[i] } : {}),
    p,
    reward: columns.reward?.[i],
    ...(columns.gold ? { gold: columns.gold[i] } : {}),
  }));
}
