import { listOf, numberOf, textOfCell } from './columns.js';
import type { Aggregation, Layout } from './layout.js';
import { type Batch, brokenRow } from './reading/batch.js';

/** Scored drafts by column, as the engine takes them; a column that the files lack is empty. */
export interface DraftTable {
  /** Which prompt each draft answers. */
  prompt: Uint32Array;
  reward: Float64Array;
  gold: Float64Array;
  logprob: Float64Array;
  length: Float64Array;
  answer: Uint32Array;
  /** What the prompts are called. */
  prompts: string[];
  /** The drafts themselves, as far as they are kept; a place a draft. */
  texts: string[] | null;
}

/** Lets go of the numbers of a table, of which the engine has its own by now: of millions of rows both are much. */
export function release(table: DraftTable): void {
  table.prompt = table.answer = new Uint32Array();
  table.reward = table.gold = table.logprob = table.length = new Float64Array();
}

/** A row that is left out, or part of one. */
export interface Refusal {
  reason: string;
  count: number;
  /** The first: file and line. */
  first: string;
}

/** Numbers that arrive one by one. */
class Growing<T extends Float64Array | Uint32Array> {
  #values: T;
  #size = 0;

  constructor(make: (size: number) => T) {
    this.#values = make(1 << 12);
    this.#make = make;
  }
  readonly #make: (size: number) => T;

  push(x: number) {
    if (this.#size === this.#values.length) {
      const larger = this.#make(2 * this.#size);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#size++] = x;
  }
  get size() {
    return this.#size;
  }
  /** What has arrived, in place: nothing may be added to it any more. */
  done(): T {
    return this.#values.subarray(0, this.#size) as T;
  }
}

const floats = () => new Growing<Float64Array>((size) => new Float64Array(size));
const counts = () => new Growing<Uint32Array>((size) => new Uint32Array(size));

/** One run's drafts. */
interface Run {
  prompt: Growing<Uint32Array>;
  reward: Growing<Float64Array>;
  gold: Growing<Float64Array>;
  logprob: Growing<Float64Array>;
  length: Growing<Float64Array>;
  answer: Growing<Uint32Array>;
  texts: string[];
  prompts: Map<string, number>;
}

/** A draft as its row says it. */
interface Draft {
  reward: unknown;
  gold: unknown;
  logprob: unknown;
  length: unknown;
  answer: unknown;
  text: unknown;
}

/** Texts beyond are not kept: they are shown, never judged. */
const mostText = 6e7;
/** What a row may stand for. */
const mostTimes = 1e6;

/** Takes batches and makes a table; what it leaves out it counts. */
export class Collector {
  readonly #layout: Layout;
  readonly #runs = new Map<string, Run>();
  readonly #refused = new Map<string, Refusal>();
  #characters = 0;
  #rows = 0;
  /** The row in hand. */
  #file = '';
  #batch: Batch | null = null;
  #row = 0;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  get rows() {
    return this.#rows;
  }
  /** By how often. */
  get refused(): Refusal[] {
    return [...this.#refused.values()].sort((a, b) => b.count - a.count);
  }
  /** The runs that the `run` column told apart, in order of appearance; one that is called '' where there is none. */
  get runs(): string[] {
    return [...this.#runs.keys()];
  }

  /** @param batch gathered */
  add(file: string, batch: Batch) {
    const { columns, rows } = this.#layout;
    const missing: readonly unknown[] = new Array(batch.size).fill(undefined);
    const cells = (name: string | null) => (name !== null && batch.has(name) ? batch.column(name) : missing);
    const prompt = cells(columns.prompt);
    const run = cells(columns.run);
    const count = cells(columns.count);
    const broken = batch.has(brokenRow) ? batch.column(brokenRow) : null;
    const of = {
      reward: cells(columns.reward),
      gold: cells(columns.gold),
      logprob: cells(columns.logprob),
      length: cells(columns.length),
      answer: cells(columns.answer),
      text: cells(columns.text),
    };
    this.#file = file;
    this.#batch = batch;
    // One for all rows: a million objects are a second of a machine's time.
    const draft: Draft = { reward: null, gold: null, logprob: null, length: null, answer: null, text: null };
    for (let i = 0; i < batch.size; i++) {
      this.#rows++;
      this.#row = i;
      if (broken?.[i] !== undefined) {
        this.#refuse(String(broken[i]));
        continue;
      }
      if (columns.prompt !== null && (prompt[i] === undefined || prompt[i] === null || prompt[i] === '')) {
        this.#refuse(`${columns.prompt} is missing`);
        continue;
      }
      draft.reward = of.reward[i];
      draft.gold = of.gold[i];
      draft.logprob = of.logprob[i];
      draft.length = of.length[i];
      draft.answer = of.answer[i];
      draft.text = of.text[i];
      const into = this.#run(run[i] === undefined || run[i] === null ? '' : textOfCell(run[i]));
      const which =
        columns.prompt === null ? (rows === 'prompt' ? `${file}:${batch.line(i)}` : '') : textOfCell(prompt[i]);
      if (rows === 'prompt') this.#drafts(into, which, draft);
      else if (columns.count === null) this.#draft(into, which, draft);
      else this.#repeated(into, which, draft, numberOf(count[i]));
    }
  }

  /** @param run one of `runs`; the last where it is null. Null where nothing is left */
  table(run: string | null): DraftTable | null {
    const found =
      run === null ? [...this.#runs.values()].filter(({ reward }) => reward.size > 0).at(-1) : this.#runs.get(run);
    if (!found || found.reward.size === 0) return null;
    const whole = (column: Growing<Float64Array>) =>
      column.size === found.reward.size ? column.done() : new Float64Array();
    return {
      prompt: found.prompt.done(),
      reward: found.reward.done(),
      gold: whole(found.gold),
      logprob: whole(found.logprob),
      length: whole(found.length),
      answer: found.answer.size === found.reward.size ? found.answer.done() : new Uint32Array(),
      prompts: [...found.prompts.keys()],
      texts: found.texts.length === found.reward.size ? found.texts : null,
    };
  }

  #run(name: string): Run {
    let run = this.#runs.get(name);
    if (!run) {
      run = {
        prompt: counts(),
        reward: floats(),
        gold: floats(),
        logprob: floats(),
        length: floats(),
        answer: counts(),
        texts: [],
        prompts: new Map(),
      };
      this.#runs.set(name, run);
    }
    return run;
  }

  /** Counts the row in hand, and says that it is no draft. */
  #refuse(reason: string): false {
    const known = this.#refused.get(reason);
    if (known) known.count++;
    else this.#refused.set(reason, { reason, count: 1, first: `${this.#file}:${this.#batch?.line(this.#row)}` });
    return false;
  }

  #repeated(run: Run, prompt: string, draft: Draft, times: number) {
    if (!(Number.isInteger(times) && times >= 1 && times <= mostTimes)) {
      this.#refuse(`${this.#layout.columns.count} is not a count`);
      return;
    }
    for (let k = 0; k < times && this.#draft(run, prompt, draft); k++);
  }

  /** One draft, or why it is none. */
  #draft(run: Run, prompt: string, draft: Draft): boolean {
    const { columns, scores } = this.#layout;
    const reward = scoreOf(draft.reward, scores);
    if (!isInReach(reward)) return this.#refuse(`${columns.reward} ${whyNot(draft.reward)}`);
    const gold = columns.gold === null ? 0 : numberOf(draft.gold);
    if (!isInReach(gold)) return this.#refuse(`${columns.gold} ${whyNot(draft.gold)}`);
    const logprob = columns.logprob === null ? 0 : numberOf(draft.logprob);
    if (!isInReach(logprob)) return this.#refuse(`${columns.logprob} ${whyNot(draft.logprob)}`);
    if (logprob > 0) return this.#refuse(`${columns.logprob} is above 0`);
    const length = columns.length === null ? 0 : numberOf(draft.length);
    if (!isInReach(length)) return this.#refuse(`${columns.length} ${whyNot(draft.length)}`);
    run.prompt.push(numberIn(run.prompts, prompt));
    run.reward.push(reward);
    if (columns.gold !== null) run.gold.push(gold);
    if (columns.logprob !== null) run.logprob.push(logprob);
    const text = columns.text === null ? null : textOfCell(draft.text ?? '');
    if (columns.length !== null) run.length.push(length);
    else if (text !== null) run.length.push(text.length);
    if (columns.answer !== null) run.answer.push(answerOf(draft.answer));
    if (text !== null && this.#characters < mostText) {
      this.#characters += text.length;
      run.texts.push(text);
    }
    return true;
  }

  /** A row of lists: as many drafts. */
  #drafts(run: Run, prompt: string, row: Draft): boolean {
    const { columns } = this.#layout;
    const lists = new Map<keyof Draft, ArrayLike<unknown>>();
    for (const role of ['reward', 'gold', 'logprob', 'length', 'answer', 'text'] as const) {
      const list = listOf(row[role]);
      // Some tools hold all drafts of a row in a list of one.
      const inner = list?.length === 1 && role !== 'reward' ? listOf(list[0]) : null;
      if (list) lists.set(role, inner ?? list);
    }
    const size = lists.get('reward')?.length ?? lists.get('text')?.length;
    if (size === undefined)
      return this.#refuse(
        `${columns.reward} ${row.reward === undefined || row.reward === null ? 'is missing' : 'is no list'}`,
      );
    if (size === 0) return this.#refuse(`${columns.reward} is an empty list`);
    for (const [role, list] of lists) {
      if (list.length !== size)
        return this.#refuse(`${columns[role]} and ${columns.reward} are lists of different lengths`);
    }
    const single = (['reward', 'gold'] as const).find((role) => columns[role] !== null && !lists.has(role));
    if (single && size > 1) return this.#refuse(`${columns[single]} is one value for several drafts`);
    for (let i = 0; i < size; i++) {
      const at = (role: keyof Draft) => (lists.has(role) ? lists.get(role)?.[i] : row[role]);
      this.#draft(run, prompt, {
        reward: at('reward'),
        gold: at('gold'),
        logprob: at('logprob'),
        length: at('length'),
        answer: at('answer'),
        text: at('text'),
      });
    }
    return true;
  }
}

const numberIn = (map: Map<string, number>, name: string): number => {
  const known = map.get(name);
  if (known !== undefined) return known;
  map.set(name, map.size);
  return map.size - 1;
};

/** Of a draft that gives none: it has no vote. */
const noAnswer = 0xffffffff;

/**
 * An answer's number: a hash of its text (FNV-1a, 32 bits), so that files that are read apart agree. Two answers of one
 * prompt have one number once in four billion.
 */
function answerOf(cell: unknown): number {
  if (cell === undefined || cell === null || cell === '') return noAnswer;
  let state = 0x811c9dc5;
  const text = textOfCell(cell).trim();
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return (state >>> 0) % noAnswer;
}

/** A score, or one of its steps' scores. */
function scoreOf(cell: unknown, how: Aggregation): number {
  const steps = listOf(cell);
  if (!steps) return numberOf(cell);
  if (steps.length === 0) return Number.NaN;
  const values = Array.from(steps, numberOf);
  if (how === 'last') return values.at(-1) ?? Number.NaN;
  return how === 'min' ? values.reduce((a, b) => (b < a || Number.isNaN(b) ? b : a)) : values.reduce((a, b) => a * b);
}

/** Cubes of larger ones, summed up, are no doubles any more. */
const isInReach = (x: number) => Math.abs(x) <= 1e100;

/** The rule that a cell breaks, the same words for the same rule: rows are counted by them. */
function whyNot(cell: unknown): string {
  if (cell === undefined || cell === null || cell === '') return 'is missing';
  const value = numberOf(cell);
  if (!Number.isNaN(value)) return Number.isFinite(value) ? 'is beyond 1e100' : 'is infinite';
  if (typeof cell === 'number' || (typeof cell === 'string' && /^\s*-?nan\s*$/i.test(cell)))
    return 'is not a number (NaN)';
  if (typeof cell === 'string' && /^\s*[+-]?\d+(,\d+)+(\.\d+)?\s*$/.test(cell))
    return 'is not a number: it has a comma, where decimals take a point and thousands nothing';
  return listOf(cell) ? 'has steps that are no numbers' : 'is not a number';
}
