import { type CellKind, kindOf, listOf, neverReward, numberOf, type Role, rankOf, roles } from './columns.js';
import { type Batch, withColumns } from './reading/batch.js';

/** How step scores become one. */
export type Aggregation = 'last' | 'min' | 'product';

/** What was recognised in a file; every choice can be changed before anything is computed. */
export interface Layout {
  /** A row a draft, or a row a prompt with lists of drafts. */
  rows: 'draft' | 'prompt';
  /** Which column has which role; null where none has it. */
  columns: Record<Role, string | null>;
  scores: Aggregation;
  /** Which of the parts of the `run` column is judged; null for the last one. */
  run: string | null;
}

/** A column of the file's beginning. */
export interface Column {
  name: string;
  kind: CellKind;
  /** Its first cell that says something, as text. */
  example: string;
}

const listKinds: readonly CellKind[] = ['numbers', 'booleans', 'strings', 'lists'];
const isList = ({ kind }: Column) => listKinds.includes(kind);
const isNumeric = ({ kind }: Column) => kind === 'number' || kind === 'numbers' || kind === 'lists';
const isTruth = ({ kind }: Column) => kind === 'boolean' || kind === 'booleans';

/** Columns that count up, `name_1`, `name_2`, ..., by their stem, in order. */
function numbered(names: readonly string[]): Map<string, string[]> {
  const stems = new Map<string, [number, string][]>();
  for (const name of names) {
    const [, stem, number] = /^(.+?)_?(\d+)$/.exec(name) ?? [];
    if (!stem || !number) continue;
    const found = stems.get(stem);
    if (found) found.push([Number(number), name]);
    else stems.set(stem, [[Number(number), name]]);
  }
  const out = new Map<string, string[]>();
  for (const [stem, found] of stems) {
    found.sort(([a], [b]) => a - b);
    const counts = found.every(([number], i) => number === (found[0]?.[0] ?? 0) + i);
    if (found.length >= 2 && counts && (found[0]?.[0] ?? 2) <= 1)
      out.set(
        stem,
        found.map(([, name]) => name),
      );
  }
  return out;
}

/**
 * Numbered columns as one column of lists, and the drafts of which the first are right as a column of truth values; a
 * column that has such a name by itself stays.
 * @param only columns that are asked for; all where it is left out
 */
export function gathered(batch: Batch, only?: readonly string[]): Batch {
  if (only?.every((name) => batch.has(name))) return batch;
  const added = new Map<string, readonly unknown[]>();
  const stems = numbered(batch.names);
  for (const [stem, columns] of stems) {
    if (batch.has(stem)) stems.delete(stem);
    if (batch.has(stem) || (only && !only.includes(stem))) continue;
    const cells = columns.map((name) => batch.column(name));
    added.set(
      stem,
      Array.from({ length: batch.size }, (_, row) => cells.map((cell) => cell[row])),
    );
  }
  const taken = new Set([...stems.values()].flat());
  if (batch.has('num_correct') && !batch.has('is_correct')) {
    const scores = batch.names.find((name) => /^(scores|rewards)$/.test(name));
    const lists = scores ? batch.column(scores) : [];
    added.set(
      'is_correct',
      batch.column('num_correct').map((right, row) => {
        const list = listOf(lists[row]);
        return list ? Array.from(list, (_, i) => i < numberOf(right)) : undefined;
      }),
    );
  }
  if (added.size === 0) return batch;
  const kept = { ...batch, names: batch.names.filter((name) => !taken.has(name)) };
  return withColumns(kept, added);
}

/** What the first rows show. @param batch gathered */
export function columnsOf(batch: Batch, looked = 200): Column[] {
  return batch.names
    .filter((name) => !name.startsWith('\0'))
    .map((name) => {
      const cells = batch.column(name).slice(0, looked);
      const counts = new Map<CellKind, number>();
      for (const cell of cells) {
        const kind = kindOf(cell);
        if (kind !== 'nothing') counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
      // A few cells of another kind are refused by their rows, not by the column.
      const isNumbers = (each: CellKind) => (each === 'number' || each === 'numbers' ? 1 : 0);
      const isScore = Number.isFinite(Math.min(rankOf('reward', name), rankOf('gold', name)));
      const [most = 'nothing'] = [...counts].sort((a, b) => b[1] - a[1] || isNumbers(b[0]) - isNumbers(a[0]))[0] ?? [];
      // A column that is called a score and has one is one, whatever else was written into it.
      const kind = isScore && most === 'string' && counts.has('number') ? 'number' : most;
      const cell = cells.find((each) => kindOf(each) === kind);
      const example = typeof cell === 'string' ? cell : (JSON.stringify(cell, plain) ?? '');
      return { name, kind, example: example.slice(0, 120) };
    });
}

/** Numbers that JSON does not write. */
const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value);

/** The column that says a role best among those that could. */
function best(columns: readonly Column[], role: Role, could: (column: Column) => boolean): string | null {
  const found = columns
    .filter((column) => could(column) && Number.isFinite(rankOf(role, column.name)))
    .sort((a, b) => rankOf(role, a.name) - rankOf(role, b.name));
  return found[0]?.name ?? null;
}

/** @param columns of the beginning of the first file */
export function guess(columns: readonly Column[]): Layout {
  // A row is a prompt's where a list of its drafts' scores or texts stands in it.
  const drafted = columns.filter(
    (column) =>
      isList(column) &&
      (['reward', 'gold', 'text'] as const).some((role) => Number.isFinite(rankOf(role, column.name))),
  );
  const rows =
    drafted.some(({ kind }) => kind !== 'lists' || columns.length > 1) &&
    !isChat(drafted, columns) &&
    !areSteps(drafted, columns)
      ? 'prompt'
      : 'draft';
  const lists = rows === 'prompt';
  const ofDraft = (column: Column) =>
    lists ? isList(column) : !isList(column) || (column.kind === 'numbers' && drafted.includes(column));
  const found: Record<Role, string | null> = { ...none };
  found.run = best(columns, 'run', (column) => !isList(column));
  found.count = lists ? null : best(columns, 'count', (column) => column.kind === 'number');
  found.logprob = best(columns, 'logprob', (column) => ofDraft(column) && isNumeric(column));
  // A score of 0 and 1 by a name of gold is gold even where it is a number; a truth value is never a reward by its name.
  found.reward = best(columns, 'reward', (column) => ofDraft(column) && isNumeric(column));
  const other = ({ name }: Column) => name !== found.reward;
  found.gold =
    best(columns, 'gold', (column) => ofDraft(column) && other(column) && column.kind !== 'strings') ??
    columns.find((column) => ofDraft(column) && isTruth(column) && other(column))?.name ??
    best(columns, 'gold', (column) => lists && other(column) && !isList(column));
  found.length = best(columns, 'length', (column) => ofDraft(column) && isNumeric(column) && other(column));
  found.reward ??= unnamedReward(columns, found, ofDraft);
  found.answer = best(columns, 'answer', (column) => ofDraft(column) && other(column));
  const used = new Set(Object.values(found));
  found.text = best(columns, 'text', (column) => ofDraft(column) && !isNumeric(column) && !used.has(column.name));
  found.prompt = best(columns, 'prompt', ({ name }) => !used.has(name) && name !== found.text);
  // What is right is all there is: drafts are chosen by it.
  if (!found.reward && found.gold) [found.reward, found.gold] = [found.gold, null];
  // A score that no number can be read from: its rows are refused, and say why.
  found.reward ??= best(columns, 'reward', ({ kind, name }) => kind === 'string' && name !== found.prompt);
  return { rows, columns: found, scores: 'last', run: null };
}

/**
 * A layout with columns that a reader chose. What a row is follows from them: scores of scores are a prompt's; a list of scores
 * is a prompt's too, or the steps of one draft where the draft itself stands beside it as one text.
 */
export function withChoice(columns: readonly Column[], layout: Layout, chosen: Partial<Layout['columns']>): Layout {
  const set = { ...layout.columns, ...chosen };
  const kind = (role: Role) => columns.find(({ name }) => name === set[role])?.kind;
  const reward = kind('reward');
  const rows =
    reward === 'lists' || (reward !== undefined && listKinds.includes(reward) && kind('text') !== 'string')
      ? 'prompt'
      : reward === layoutKind(columns, layout)
        ? layout.rows
        : 'draft';
  return { ...layout, columns: set, rows };
}

const layoutKind = (columns: readonly Column[], { columns: { reward } }: Layout) =>
  columns.find(({ name }) => name === reward)?.kind;

const none = Object.fromEntries(roles.map((role) => [role, null])) as Record<Role, null>;

/** Chat turns are a list of a draft that has one score: its row is a draft's. */
function isChat(drafted: readonly Column[], columns: readonly Column[]): boolean {
  const scored = columns.some(
    (column) =>
      column.kind === 'number' && Number.isFinite(Math.min(rankOf('reward', column.name), rankOf('gold', column.name))),
  );
  return scored && drafted.every(({ kind, example }) => kind === 'strings' && /"role"/.test(example));
}

/** Scores of the steps of one draft, which stands beside them as one text: its row is a draft's. */
function areSteps(drafted: readonly Column[], columns: readonly Column[]): boolean {
  const isDraft = ({ name, kind }: Column) =>
    kind === 'string' && /^(completion|response|output|generation|sample)s?$/i.test(name);
  return (
    drafted.every(({ kind, name }) => kind === 'numbers' && Number.isFinite(rankOf('reward', name))) &&
    columns.some(isDraft)
  );
}

/** A numeric column that is left, the most telling: not a count, an index or an identity. */
function unnamedReward(
  columns: readonly Column[],
  found: Readonly<Record<Role, string | null>>,
  ofDraft: (column: Column) => boolean,
): string | null {
  const used = new Set(Object.values(found));
  const left = columns.filter(
    (column) =>
      ofDraft(column) &&
      isNumeric(column) &&
      !used.has(column.name) &&
      !neverReward.test(column.name) &&
      !Number.isFinite(rankOf('prompt', column.name)),
  );
  return left[0]?.name ?? null;
}
