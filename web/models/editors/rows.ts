import { largest } from '../../scenario/extent.js';
import { readNumber } from '../../scenario/number.js';
import type { FiniteModel, MemorylessModel, Model } from '../../scenario/scenario.js';
import { kindOf } from '../registry.js';

/** A row of the model's table as it is typed: nothing that was typed is lost, whether it is a number yet or not. */
export interface Row {
  label: string;
  p: string;
  reward: string;
  /** Left out where the table has no gold rewards. */
  gold?: string;
}

export type TableModel = FiniteModel | MemorylessModel;

export const isTable = (model: Model): model is TableModel => kindOf(model).rows !== undefined;

export function rowsOf(model: TableModel): Row[] {
  const rows = kindOf(model).rows?.(model) ?? [];
  const golden = rows.some(({ gold }) => gold !== undefined);
  return rows.map(({ label = '', p, reward, gold = 0 }) => ({
    label,
    p: String(p),
    reward: String(reward),
    ...(golden ? { gold: String(gold) } : {}),
  }));
}

/** Whether rows have gold rewards. */
export const areGolden = (rows: readonly Row[]): boolean => rows.some(({ gold }) => gold !== undefined);

/** The same with gold rewards that are the rewards themselves, to begin with; or without. */
export const withGold = (rows: readonly Row[]): Row[] => rows.map((row) => ({ ...row, gold: row.gold ?? row.reward }));
export const withoutGold = (rows: readonly Row[]): Row[] => rows.map(({ gold: _gold, ...row }) => row);

const toNumber = readNumber;

/** What is wrong with the first cell that holds no number that may stand there; null where all do. */
export function faultOf(rows: readonly Row[]): string | null {
  for (const [i, row] of rows.entries()) {
    const said = (text: string) => text.trim() || 'nothing';
    const p = toNumber(row.p);
    if (!(p >= 0 && p <= 1)) return `Row ${i + 1}, probability: ${said(row.p)} is not a number from 0 to 1`;
    if (Number.isNaN(toNumber(row.reward))) return `Row ${i + 1}, reward: ${said(row.reward)} is not a number`;
    if (row.gold !== undefined && Number.isNaN(toNumber(row.gold)))
      return `Row ${i + 1}, gold reward: ${said(row.gold)} is not a number`;
  }
  return null;
}

/** The model of these rows; what is no number stays for the scenario's rules to refuse. */
export function modelOf(rows: readonly Row[], like: TableModel): Model {
  const entries = rows.map(({ label, p, reward, gold }) => ({
    ...(label === '' ? {} : { label }),
    p: toNumber(p),
    reward: toNumber(reward),
    ...(gold === undefined ? {} : { gold: toNumber(gold) }),
  }));
  const { normalise } = like;
  const said = normalise === undefined ? {} : { normalise };
  if (like.kind === 'finite') return { kind: 'finite', outcomes: entries, ...said };
  return { kind: 'memoryless', length: like.length, ...said, tokens: entries };
}

/** Shortest decimals of these shares of 1 that sum to 1 to the last of ten digits. */
function normalised(weights: readonly number[]): string[] {
  const total = weights.reduce((sum, w) => sum + w, 0);
  const shares = weights.map((w) => Math.round((w / total) * 1e10));
  const place = shares.indexOf(largest(shares));
  shares[place] = (shares[place] ?? 0) + 1e10 - shares.reduce((sum, s) => sum + s, 0);
  return shares.map((s) => String(s / 1e10));
}

/** The same rows with probabilities in proportion to what they are, null where that is not possible. */
export function summingToOne(rows: readonly Row[]): Row[] | null {
  const weights = rows.map((row) => toNumber(row.p));
  const total = weights.reduce((sum, w) => sum + w, 0);
  if (!weights.every((w) => w >= 0) || !(total > 0) || !Number.isFinite(total)) return null;
  const shares = normalised(weights);
  return rows.map((row, i) => ({ ...row, p: shares[i] ?? row.p }));
}

/** One row moved to probability p, the others in their old proportions. */
export function withProbability(rows: readonly Row[], index: number, p: number): Row[] | null {
  const rest = rows.reduce((sum, row, i) => sum + (i === index ? 0 : toNumber(row.p)), 0);
  if (rows.length < 2 || !(rest > 0)) return null;
  return summingToOne(
    rows.map((row, i) => ({ ...row, p: String(i === index ? p : (toNumber(row.p) / rest) * (1 - p)) })),
  );
}

/** Rows from a spreadsheet: label, probability, reward, and gold reward where every row has one; or probability and
 * reward alone. Null where there are none. */
export function pasted(text: string): Row[] | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  // A comma separates only where nothing else does: elsewhere it is a decimal one.
  const separator = [/\t/, /;/].find((each) => each.test(text)) ?? /,(?=\s*\S)/;
  const cells = lines.map((line) => line.split(separator).map((cell) => cell.trim()));
  const found = cells
    .map((row) => (row.length === 2 ? ['', ...row] : row))
    .filter((row) => row.length >= 3 && !Number.isNaN(toNumber(row[1] ?? '')) && !Number.isNaN(toNumber(row[2] ?? '')));
  const golden = found.every((row) => !Number.isNaN(toNumber(row[3] ?? '')));
  const rows = found.map(([label = '', p = '', reward = '', gold = '']) => ({
    label,
    p,
    reward,
    ...(golden ? { gold } : {}),
  }));
  return rows.length > 0 && (lines.length > 1 || (cells[0]?.length ?? 0) > 1) ? rows : null;
}
