import type { TemplateResult } from 'lit';
import type { TableName } from '../engine/tables.js';
import type { Claim } from '../figures/claims.js';
import { featuresOf } from '../models/transform.js';
import type { Shown } from '../words/shown.js';

/** A column of numbers; what tells rows apart stands before the first. */
export interface Column {
  name: string;
  /** Whether its numbers can be compared at all. */
  sorts: boolean;
}

export interface Row {
  name: string;
  /** Of a policy, in its colour. */
  className: string;
  /** One a column: what it is sorted by, null last, and how it is written. */
  values: readonly (number | null)[];
  texts: readonly string[];
  /** Instead of numbers, why there are none. */
  refusal?: string;
}

interface Common {
  name: string;
  /** For those who hear the page. */
  title: string;
  part: TableName;
  /** What it shows; left out where it shows any model. */
  of?: 'several prompts' | 'chains';
  /** A sentence with its numbers; left out where the section says all. */
  claims?: readonly Claim[];
}

export interface SortedTable extends Common {
  /** What its rows are. */
  rowName: string;
  columns(shown: Shown): readonly Column[];
  rows(shown: Shown): readonly Row[];
  /** The column that it is sorted by at first, decreasing; null for the rows' own order. */
  first: number | null;
}

export interface PlacedTable extends Common {
  place(shown: Shown): TemplateResult;
}

export type Table = SortedTable | PlacedTable;

/** Whether a table is of this model at all. */
export function isTableOf({ of }: Pick<Table, 'of'>, { scenario }: Pick<Shown, 'scenario'>): boolean {
  const { hasPrompts, states } = featuresOf(scenario);
  if (of === 'several prompts') return !!hasPrompts;
  if (of === 'chains') return !!states?.(scenario.model);
  return true;
}

/** Places of rows in the order of a column; those without a number come last, as they were. */
export function sorted(rows: readonly Row[], column: number | null, decreasing: boolean): number[] {
  const places = rows.map((_, i) => i);
  if (column === null) return places;
  const at = (i: number) => rows[i]?.values[column] ?? null;
  return places.sort((i, j) => {
    const [a, b] = [at(i), at(j)];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || i - j;
    return (decreasing ? b - a : a - b) || i - j;
  });
}
