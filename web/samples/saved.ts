import type { Held, NamedGains, Verdict } from './protocol.js';
import { ReadError } from './reading/batch.js';
import type { PromptCurves } from './types.js';

/** A report that opens without the files that it is of. */
export interface Saved {
  held: Held;
  verdict: Verdict;
  prompts: NamedGains;
  /** Of the prompts that gain and lose most, by place. */
  curves: readonly (readonly [number, PromptCurves])[];
}

/** Bytes of a report that is opened. */
export const mostOfSaved = 5e7;

const mark = '{"tiltlab":"samples","v":1,';

export const isSavedReport = (head: string): boolean => head.startsWith(mark);

export function savedReport({ held, verdict, prompts, curves }: Saved): string {
  const { names, gains, drafts } = prompts;
  const lists = { names, gains: Array.from(gains), drafts: Array.from(drafts) };
  return `${mark}${JSON.stringify({ held, verdict, prompts: lists, curves }).slice(1)}\n`;
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null;

/** @throws ReadError naming the file */
export function readSavedReport(name: string, text: string): Saved {
  try {
    const value = JSON.parse(text) as Saved & { prompts: { names: string[]; gains: number[]; drafts: number[] } };
    const { held, verdict, prompts, curves } = value;
    const rows = verdict?.judged?.curves?.best_of_n;
    const isWhole =
      isObject(held) &&
      isObject(held.called) &&
      isObject(verdict.judged.advice) &&
      Array.isArray(rows) &&
      rows.every(({ n, reward }) => Number.isFinite(n) && Number.isFinite(reward)) &&
      Array.isArray(verdict.advice) &&
      Array.isArray(prompts.names) &&
      Array.isArray(curves);
    if (!isWhole) throw new Error('a part is missing');
    return {
      held,
      verdict,
      prompts: {
        names: prompts.names.map(String),
        gains: Float64Array.from(prompts.gains),
        drafts: Float64Array.from(prompts.drafts),
      },
      curves,
    };
  } catch (error) {
    throw new ReadError(`${name}: is no whole saved report (${(error as Error).message.slice(0, 80)})`);
  }
}
