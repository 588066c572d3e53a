import { TiltLabError } from '../scenario/error.js';

/** A reader's words, and the line that each stands on. */
export interface WordList {
  words: { word: string; weight: number }[];
  lines: number[];
}

/** Bytes of a file that is read. */
export const mostListBytes = 2 ** 20;

const refuse = (field: string, value: string | null, rule: string): never => {
  const shown = value === null ? '' : `${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)} `;
  throw new TiltLabError('input', `${field}: ${shown}${rule}`, field);
};

/** @throws TiltLabError */
function textOf(name: string, bytes: Uint8Array): string {
  if (bytes.length > mostListBytes) refuse(name, null, `${bytes.length} bytes are more than ${mostListBytes}`);
  const [a, b] = bytes;
  const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {}
  return refuse(name, null, `is not text in ${encoding.toUpperCase()}`);
}

const unquoted = (cell: string) => {
  const bare = cell.trim();
  return /^".*"$/.test(bare) ? bare.slice(1, -1).replaceAll('""', '"').trim() : bare;
};

/** By tabs, semicolons or commas where there are any, else by spaces. */
function cellsOf(line: string): string[] {
  const separator = ['\t', ';', ','].find((each) => line.includes(each)) ?? /\s+/;
  const cells = line.trim().split(separator).map(unquoted);
  // What a table leaves behind its last column.
  while (cells.length > 2 && cells.at(-1) === '') cells.pop();
  return cells;
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const heads = /^(words?|terms?|tokens?)$/i;

/**
 * Words with weights, one of each a line: CSV, TSV or plain text, with a line of names or without. Which words are words, and
 * which weights fit, is the engine's to say. @throws TiltLabError naming file and line
 */
export function wordListIn(name: string, bytes: Uint8Array): WordList {
  const out: WordList = { words: [], lines: [] };
  textOf(name, bytes)
    .split(/\r\n|\n|\r/)
    .forEach((line, i) => {
      if (line.trim() === '') return;
      const field = `${name}, line ${i + 1}`;
      const [word = '', weight = '', ...more] = cellsOf(line);
      if (word === '' || weight === '' || more.length > 0) refuse(field, line.trim(), 'is not one word and its weight');
      const digits = weight.replace('−', '-');
      if (!number.test(digits)) {
        if (out.words.length === 0 && i === 0 && heads.test(word)) return;
        refuse(`${field}, weight`, weight, 'is not a number');
      }
      out.words.push({ word, weight: Number(digits) });
      out.lines.push(i + 1);
    });
  if (out.words.length === 0) refuse(name, null, 'holds no word with a weight');
  return out;
}

/** What the engine refused of such a list, by the line it stands on. @param of what the list weighs: the reward, or gold */
export function refusedOfList(message: string, name: string, lines: readonly number[], of = 'reward'): string {
  if (!message.startsWith(`${of}.words`)) return message;
  const rest = message.slice(of.length);
  const [, index = '', field = '', rule = ''] = /^\.words\[(\d+)\]\.(word|weight): (.*)$/s.exec(rest) ?? [];
  if (index !== '') return `${name}, line ${lines[Number(index)]}, ${field}: ${rule}`;
  return rest.startsWith('.words: ') ? `${name}: ${rest.slice('.words: '.length)}` : message;
}
