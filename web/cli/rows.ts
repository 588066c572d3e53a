import type { Drafted } from './drafting.js';
import { shownText } from './printing.js';

/** A draft as a row has it. */
export interface Draft {
  reward?: number | undefined;
  gold?: number | undefined;
  text: string;
  logprob: number;
}

export const draftsOf = ({ drafts, rewards, golds }: Drafted): Draft[] =>
  drafts.map(({ text, logprob }, i) => ({ reward: rewards?.[i], gold: golds?.[i], text, logprob }));

/** A terminal is not to obey what a model writes; a file holds it as it is. */
const plain = (text: string) => (process.stdout.isTTY ? shownText(text) : text);

/** A row of JSON lines, or the text after its prompt, and after its reward and a tab where it has one. */
export const lineOf = ({ reward, gold, text, logprob }: Draft, prompt: string, json: boolean): string =>
  json
    ? shownText(`${JSON.stringify({ prompt, reward, gold, text, logprob })}\n`)
    : plain(`${reward === undefined ? '' : `${reward}\t`}${prompt}${text}\n`);
