import { largest } from '../../scenario/extent.js';
import { readNumber } from '../../scenario/number.js';
import type { FiniteModel, MemorylessModel, Model } from '../../scenario/scenario.js';
import { kindOf } from '../registry.js';

/** A row of the model's table as it is typed: nothing that was typed is lost, whether it is a number yet or not. */
export interface Row {
  label: string;
  p: string;
  reward: string;
  gold?: number;
}

export type TableModel = FiniteModel | MemorylessModel;

export const isTable = (model: Model): model is TableModel => kindOf(model).rows !== undefined;

export function rowsOf(model: TableModel): Row[] {
  return (kindOf(model).rows?.(model) ?? []).map(({ label = '', p, reward, gold }) => ({
    label,
    p: String(p),
    reward: String(reward),
    ...(gold === undefined ? {} : { gold }),
  }));
}

const toNumber = readNumber;

/** What is wrong with the first cell that holds no number that may stand there; null where all do. */
export function faultOf(rows: readonly Row[]): string | null {
  for (const [i, row] of rows.entries()) {
    const said = (text: string) => text.trim() || 'nothing';
    const p = toNumber(row.p);
    if (!(p >= 0 && p <= 1)) return `Row ${i + 1}, probability: ${said(row.p)} is not a number from 0 to 1`;
    if (Number.isNaN(toNumber(row.reward))) return `Row ${i + 1}, reward: ${said(row.reward)} is not a number`;
  }
  return null;
}

/** The model of these rows; what is no number stays for the scenario's rules to refuse. */
export function modelOf(rows: readonly Row[], like: TableModel): Model {
  const entries = rows.map(({ label, p, reward, gold }) => ({
    ...(label === '' ? {} : { label }),
    p: toNumber(p),
    reward: toNumber(reward),
    ...(gold === undefined ? {} : { gold }),
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

/** Rows from a spreadsheet: label, probability, reward; or the last two alone. Null where there are none. */
export function pasted(text: string): Row[] | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  // A comma separates only where nothing else does: elsewhere it is a decimal one.
  const separator = [/\t/, /;/].find((each) => each.test(text)) ?? /,(?=\s*\S)/;
  const cells = lines.map((line) => line.split(separator).map((cell) => cell.trim()));
  const rows = cells
    .map((row) => (row.length === 2 ? ['', ...row] : row))
    .filter((row) => row.length >= 3 && !Number.isNaN(toNumber(row[1] ?? '')) && !Number.isNaN(toNumber(row[2] ?? '')))
    .map(([label = '', p = '', reward = '']) => ({ label, p, reward }));
  return rows.length > 0 && (lines.length > 1 || (cells[0]?.length ?? 0) > 1) ? rows : null;
}
