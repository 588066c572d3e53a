import type { LinkFields } from '../models/kind.js';
import { asTiltLabError, TiltLabError } from '../scenario/error.js';
import { parseJson } from '../scenario/json.js';
import { decoded } from '../scenario/percent.js';
import { unpack } from './packed.js';

export const clip = (text: string) =>
  (text.length > 40 ? `${text.slice(0, 40)}…` : text).replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');
export const quote = (text: string) => `"${clip(text)}"`;
/** The number that stands there, or the text, for the scenario's rules to refuse. */
export const toNumber = (text: string) => (/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : clip(text));

const wrong = (path: string, rule: string) => new TiltLabError('input', `${path}: ${rule}`, path);

/** @throws TiltLabError */
function textOf(key: string, value: string): string {
  const text = decoded(value);
  if (text === undefined) throw wrong(`link.${key}`, `${quote(value)} is not percent-encoded text`);
  return text;
}

/** Entries of the lists that `data` packs: the rules of scenarios allow fewer. */
const mostEntries = 2e6;

/** Unknown fields that are named one by one. */
const few = 3;

/** The fields of a link, and what was wrong with them. */
export class Reader implements LinkFields {
  readonly problems: TiltLabError[] = [];
  readonly #values = new Map<string, string>();
  length = 0;

  /** @param known keys that a link may have */
  constructor(text: string, known: ReadonlySet<string>) {
    const unknown: [key: string, value: string][] = [];
    const twice = new Set<string>();
    for (const part of text.split('&')) {
      const at = part.indexOf('=');
      const key = at < 0 ? part : part.slice(0, at);
      const value = at < 0 ? '' : part.slice(at + 1);
      if (part && !known.has(key)) unknown.push([key, value]);
      else if (part && !this.#values.has(key)) this.#values.set(key, value);
      else if (part && !twice.has(key)) {
        twice.add(key);
        this.refuse(`link.${key}`, `${quote(value)} is given a second time`);
      }
    }
    // Many are named by the first: nobody reads them all.
    for (const [key, value] of unknown.slice(0, unknown.length > few ? 1 : few))
      this.refuse(
        `link.${clip(key)}`,
        `${quote(value)} is ${
          unknown.length > few ? `the first of ${unknown.length} unknown fields, each of` : 'in an unknown field,'
        } which is passed over`,
      );
  }

  refuse(path: string, rule: string) {
    this.problems.push(wrong(path, rule));
  }

  has = (key: string) => this.#values.has(key);
  raw = (key: string) => this.#values.get(key);

  text(key: string): string | undefined {
    return this.attempt(() => {
      const value = this.raw(key);
      return value === undefined ? value : textOf(key, value);
    }, undefined);
  }

  texts(key: string): string[] | undefined {
    return this.raw(key)
      ?.split(',')
      .map((value) => textOf(key, value));
  }

  number(key: string): number | string | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : toNumber(value);
  }

  numbers(key: string): (number | string)[] | undefined {
    return this.raw(key)?.split(',').map(toNumber);
  }

  matrix(key: string): (number | string)[][] | undefined {
    return this.raw(key)
      ?.split(';')
      .map((row) => row.split(',').map(toNumber));
  }

  data<T>(read: (value: unknown) => T): T | undefined {
    const data = this.raw('data');
    if (data === undefined) return undefined;
    try {
      return read(parseJson(unpack(data), mostEntries));
    } catch (error) {
      throw wrong('link.data', `${quote(data)} cannot be unpacked (${(error as Error).message})`);
    }
  }

  /** What `check` returns, or the default with a problem noted. */
  attempt<T>(check: () => T, otherwise: T): T {
    try {
      return check();
    } catch (error) {
      this.problems.push(asTiltLabError(error));
      return otherwise;
    }
  }
}
