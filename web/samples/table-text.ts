import { fnv1a } from '../link/fnv.js';
import { parseJson } from '../scenario/json.js';
import type { DraftTable } from './collect.js';
import type { SampleEngine } from './engine.js';

/**
 * A table as text: prompts in the order in which they came, drafts of each in the order that the engine gives them, which is not
 * that of the rows: the same text for the same drafts in whatever order a prompt's rows come. A list a prompt in each column; those that the files lack are left out.
 */
interface TableText {
  prompts: string[];
  reward: number[][];
  gold?: number[][];
  length?: number[][];
  /** Answers by number: those that agree have the same, in whatever files; -1 for none. */
  answer?: number[][];
}

const noAnswer = 0xffffffff;

/** @param prompts what they are called */
export function tableText(engine: SampleEngine, prompts: readonly string[]): string {
  const text: TableText = { prompts: [...prompts], reward: [], gold: [], length: [], answer: [] };
  prompts.forEach((_, k) => {
    const { reward, gold, length, answer } = engine.promptDrafts(k);
    const taken = (column: Float64Array | Uint32Array) => Array.from(column);
    text.reward.push(taken(reward));
    if (gold.length > 0) text.gold?.push(taken(gold));
    if (length.length > 0) text.length?.push(taken(length));
    if (answer.length > 0) text.answer?.push(taken(answer).map((each) => (each === noAnswer ? -1 : each)));
  });
  for (const name of ['gold', 'length', 'answer'] as const) if (text[name]?.length === 0) delete text[name];
  return JSON.stringify(text);
}

/** What tells one table from another. */
export const tableDigest = (text: string): string => fnv1a(text).toString(36).padStart(13, '0');

const isNumbers = (lists: unknown, like: readonly (readonly unknown[])[]): lists is number[][] =>
  Array.isArray(lists) &&
  lists.length === like.length &&
  lists.every(
    (list, k) =>
      Array.isArray(list) &&
      list.length === like[k]?.length &&
      list.every((x) => typeof x === 'number' && Number.isFinite(x)),
  );

/** @throws Error where it is no such text */
export function readTableText(text: string): DraftTable {
  const value = parseJson(text, 1e8);
  const { prompts, reward, gold, length, answer } = (value ?? {}) as Partial<Record<keyof TableText, unknown>>;
  const names =
    Array.isArray(prompts) && prompts.every((name) => typeof name === 'string') ? (prompts as string[]) : null;
  if (!names || !Array.isArray(reward) || !isNumbers(reward, reward as unknown[][]) || reward.length !== names.length)
    throw new Error('is no table of drafts');
  if (reward.some((list) => list.length === 0)) throw new Error('has a prompt without drafts');
  for (const [name, column] of Object.entries({ gold, length, answer }))
    if (column !== undefined && !isNumbers(column, reward)) throw new Error(`has another ${name} than drafts`);
  const flat = (column: unknown) => Float64Array.from(((column as number[][] | undefined) ?? []).flat());
  return {
    prompt: Uint32Array.from(reward.flatMap((list, k) => list.map(() => k))),
    reward: flat(reward),
    gold: flat(gold),
    logprob: new Float64Array(),
    length: flat(length),
    answer: Uint32Array.from(flat(answer), (each) => (each < 0 ? noAnswer : each)),
    prompts: names,
    texts: null,
  };
}

/** Tables one after another: a prompt that several have is one. */
export function joined(tables: readonly DraftTable[]): DraftTable {
  const names = new Map<string, number>();
  const place = (name: string) => {
    const known = names.get(name);
    if (known !== undefined) return known;
    names.set(name, names.size);
    return names.size - 1;
  };
  const prompt = tables.flatMap((table) => Array.from(table.prompt, (k) => place(table.prompts[k] ?? '')));
  const all = (name: 'reward' | 'gold' | 'logprob' | 'length') =>
    Float64Array.from(tables.flatMap((table) => Array.from(table[name])));
  return {
    prompt: Uint32Array.from(prompt),
    reward: all('reward'),
    gold: all('gold'),
    logprob: all('logprob'),
    length: all('length'),
    answer: Uint32Array.from(tables.flatMap(({ answer }) => Array.from(answer))),
    prompts: [...names.keys()],
    texts: null,
  };
}
