import type { Budget } from '../scenario/scenario.js';

/** What a scenario's draws are made of; null for a single draw. */
export type Unit = 'word' | 'token' | null;

/** A row of a model's table: an outcome or a token. */
export interface Entry {
  label?: string;
  p: number;
  reward: number;
  gold?: number;
}

/** What a kind of model is to all but the engine: what it has, and how it stands in a link. */
export interface ModelKind<M> {
  unit: Unit;
  /** Units of one draw; 1 of a single draw. */
  length(model: M): number;
  /** The same model of another length; left out for single draws. */
  withLength?(model: M, length: number): M;
  /** The longest that its slider reaches, where that is not a billion. */
  longest?: number;
  /** Whether it has outcomes that a policy weighs anew one by one; left out where none has. */
  hasTokens?(model: M): boolean;
  /** Whether drafts of it are shown, word by word; left out where none are. */
  hasDrafts?(model: M): boolean;
  /** Whether it is drawn by dice, left out where it is not. */
  isDrawn?(model: M): boolean;
  /** Whether its reward has a density; left out where it has none. */
  hasDensity?: true;
  /** Whether one budget is for several prompts; left out where there is one. */
  hasPrompts?: true;
  /** What the states of its chain are called; null, or left out, where it is none. */
  states?(model: M): readonly string[] | null;
  /** Whether it states a gold reward that is not the reward itself; left out where none does. */
  hasGold?(model: M): boolean;
  /** The table that it states, where it states one. */
  rows?(model: M): readonly Entry[];
  /** Where the budget's axis ends at least, nats a unit; nowhere at least where it is left out. */
  leastAxis?(model: M): number;
  link: LinkForm<M>;
}

export type Pair = [key: string, value: string];

/** Makes text short in the URL's alphabet. */
export type Pack = (text: string) => string;

/** How a kind stands in links. What was written once opens forever: keys and their order stay. */
export interface LinkForm<M> {
  /** All that it may write but `model`. */
  keys: readonly string[];
  write(model: M, pack: Pack): Pair[];
  /** What a link says, for the scenario's rules to judge. @throws TiltLabError that names a field of the link */
  read(link: LinkFields): unknown;
  /** Stands in where a link has no budget that can be read. */
  budget: Budget;
  /** Whether links leave that budget out. */
  leavesBudgetOut?: boolean;
}

/** Fields of a link as they stand there; undefined where they do not. */
export interface LinkFields {
  raw(key: string): string | undefined;
  /** A text where it is no number, for the scenario's rules to refuse. */
  number(key: string): number | string | undefined;
  numbers(key: string): (number | string)[] | undefined;
  /** @throws TiltLabError where one is not percent-encoded */
  texts(key: string): string[] | undefined;
  /** Rows of numbers, `;` between them. */
  matrix(key: string): (number | string)[][] | undefined;
  /** What `read` finds in the JSON that `data` packs. @throws TiltLabError where it throws */
  data<T>(read: (value: unknown) => T): T | undefined;
  /** Of a sequence, already judged; the default where the link has none. */
  length: number;
}

/** Words with their marks: a title, or a term whose meaning the page tells. */
export type Phrase = string | { title: string } | { term: 'VADER'; said: string };

/** What the page says of a kind. */
export interface KindWords<M> {
  /** Whose rewards are bought: "in …" or "on …". */
  subject(model: M, title: string | undefined): Phrase[];
  /** What it draws, and what a draft earns. */
  origin(model: M): string;
  /** What one draw is, in the editor's list of kinds; left out where a reader makes none. */
  draw?: string;
}
