import { parseJson } from '../scenario/json.js';

/** What a cell says; `lists` are lists of numbers, as scores of steps are. */
export type CellKind =
  | 'nothing'
  | 'number'
  | 'boolean'
  | 'string'
  | 'object'
  | 'numbers'
  | 'booleans'
  | 'strings'
  | 'lists';

/** Which part of a draft a column holds. */
export type Role = 'prompt' | 'reward' | 'gold' | 'logprob' | 'answer' | 'text' | 'length' | 'run' | 'count';
export const roles: readonly Role[] = [
  'prompt',
  'reward',
  'gold',
  'logprob',
  'answer',
  'text',
  'length',
  'run',
  'count',
];

/** Names by role, those that say it best first. Tools differ in the plural only where a cell is a list. */
const names: Readonly<Record<Role, readonly RegExp[]>> = {
  prompt: [
    /^prompt$/,
    /^instruction$/,
    /^question$/,
    /^problem$/,
    /^input$/,
    /^query$/,
    /^(task|question|prompt|doc|problem)_?id$/,
    /^id$/,
  ],
  reward: [
    /^agg_?scores?$/,
    /^rewards?$/,
    /^(proxy|rm|reward_model)_?(reward|score)s?$/,
    /^scores?$/,
    /^ratings?$/,
    // Not how far scores spread.
    /^(?!.*(^|_)(std|stddev|stderr|var|variance)(_|$))((rewards?|scores?)_.*|.*_(rewards?|scores?|reward_func))$/,
  ],
  gold: [
    /^gold(_|$)|^true_?reward/,
    /^(is_)?corrects?$/,
    /^passed$/,
    /^exact_match$/,
    /^symbolic_correct$/,
    /^acc$/,
    /^judge?ment$/,
    /^preference$/,
  ],
  logprob: [/^(cumulative_|sum_)?log_?probs?$|^logps?$/],
  answer: [/^(predicted_|parsed_|final_)?(answers?|outputs?_parsed)$|^parsed_outputs?$|^preds?$/],
  text: [
    /^completions?$/,
    /^responses?$/,
    /^outputs?$/,
    /^generations?$/,
    /^samples?$/,
    /^solutions?$/,
    /^(filtered_)?resps$/,
    /^text$/,
  ],
  length: [/^n_(chars|tokens)$|^(num_|completion_|response_)?(tokens|length|len|lengths)$|_(length|tokens)$/],
  run: [/^(global_)?step$/, /^mode$/],
  count: [/^(n_)?drafts$|^multiplicity$|^num_drafts$|^count$/],
};

/** What is longer is a text. */
const longestName = 100;

/** How well a name says a role, whatever parts its words; Infinity where it does not. */
export function rankOf(role: Role, name: string): number {
  if (name.length > longestName) return Number.POSITIVE_INFINITY;
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  const at = names[role].findIndex((pattern) => pattern.test(plain));
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

const isNamed = (role: Role, name: string) => Number.isFinite(rankOf(role, name));

/**
 * Whether cells are names of columns themselves, a score's or a verdict's among them: all of them, or of a few that differ
 * at least half where no column has such a name, as in a table that stands on its side.
 */
export function areNames(cells: readonly unknown[], others: readonly string[]): boolean {
  const known = (name: unknown) => typeof name === 'string' && roles.some((role) => isNamed(role, name.trim()));
  const isScored = () => cells.some((cell) => isNamed('reward', String(cell)) || isNamed('gold', String(cell)));
  if (cells.every(known) && new Set(cells).size >= 2) return isScored();
  const isFew = cells.length <= mostFields && new Set(cells).size === cells.length && !others.some(known);
  return isFew && 2 * cells.filter(known).length >= cells.length && isScored();
}

/** A table on its side has no more rows. */
const mostFields = 40;

/** Neither scores nor anything to choose by; a number is no name, but the first row of a table without names, or one of many drafts. */
export const neverReward =
  /^(advantage|step|mode|seed|index|idx|rank|epoch|unnamed|num_correct|n_|target|label|gts?$|gt_|expected|temperature|top_[kp]$|max_)|answer|(^|[_\s])(id|index|idx|count|n|std|stddev|stderr|var|variance|timestamp|time|latency|duration|elapsed|cost|loss)$|(^|_)(tokens|latency|time)_|^[\d.]*$/i;

export function kindOf(cell: unknown): CellKind {
  if (cell === null || cell === undefined || cell === '') return 'nothing';
  switch (typeof cell) {
    case 'number':
    case 'bigint':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
      return kindOfText(cell);
    default: {
      if (!isList(cell)) return 'object';
      const kinds = new Set(Array.from(cell, kindOf));
      kinds.delete('nothing');
      if (kinds.size === 0) return 'strings';
      const of = (...kind: CellKind[]) => [...kinds].every((each) => kind.includes(each));
      if (of('boolean')) return 'booleans';
      if (of('number', 'boolean')) return 'numbers';
      return of('numbers', 'booleans') ? 'lists' : 'strings';
    }
  }
}

/** As C, Python and JavaScript write it. */
const infinite = /^[+-]?inf(inity)?$/i;

function kindOfText(text: string): CellKind {
  const cell = text.trim();
  if (/^(true|false)$/i.test(cell)) return 'boolean';
  if (cell !== '' && (Number.isFinite(Number(cell)) || infinite.test(cell) || /^nan$/i.test(cell))) return 'number';
  const list = listOf(cell);
  return list ? kindOf(list) : 'string';
}

const isList = (x: unknown): x is ArrayLike<unknown> => Array.isArray(x) || (ArrayBuffer.isView(x) && 'length' in x);

/** A cell that is a list, or the text of one as JSON, Python or NumPy write it; null for others. */
export function listOf(cell: unknown): ArrayLike<unknown> | null {
  if (isList(cell)) return cell;
  if (typeof cell !== 'string' || !/^\s*\[[\s\S]*\]\s*$/.test(cell)) return null;
  for (const text of [cell, fromPython(cell)]) {
    try {
      const value = parseJson(text);
      if (Array.isArray(value)) return value;
    } catch {}
  }
  const words = cell
    .trim()
    .slice(1, -1)
    .trim()
    .split(/[\s,]+/);
  const values = words.map((word) => (/^(true|false)$/i.test(word) ? /^true$/i.test(word) : Number(word)));
  return words[0] !== '' && values.every((value) => typeof value === 'boolean' || Number.isFinite(value))
    ? values
    : null;
}

/** Python's literals outside of quotes as JSON's, and its quotes. */
function fromPython(text: string): string {
  return text.replace(/'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|\b(True|False|None|nan)\b/g, (whole, single, word) => {
    if (single !== undefined) return JSON.stringify(String(single).replace(/\\(.)/g, '$1'));
    return word === 'True' ? 'true' : word === 'False' ? 'false' : word ? 'null' : whole;
  });
}

/** A cell as a number: numbers, their text, truth values and verdicts; NaN for what is none. */
export function numberOf(cell: unknown): number {
  switch (typeof cell) {
    case 'number':
      return cell;
    case 'bigint':
      return Number(cell);
    case 'boolean':
      return cell ? 1 : 0;
    case 'string': {
      // Almost all cells are plain numbers; only of 0 it must be asked whether there is one.
      const plain = Number(cell);
      if (plain !== 0 && !Number.isNaN(plain)) return plain;
      const text = cell.trim();
      const value = text === '' ? Number.NaN : Number(text);
      if (!Number.isNaN(value)) return value;
      if (infinite.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
      if (/^(true|yes|correct|pass(ed)?|judge?ment: *yes)$/i.test(text)) return 1;
      return /^(false|no|incorrect|wrong|fail(ed)?|judge?ment: *no)$/i.test(text) ? 0 : Number.NaN;
    }
    default:
      return Number.NaN;
  }
}

/** Chat turns and other structures as their text: what tells prompts apart. */
export const textOfCell = (cell: unknown): string =>
  typeof cell === 'string' ? cell : typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
