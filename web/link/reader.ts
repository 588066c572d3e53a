import type { LinkFields } from '../models/kind.js';
import { TiltLabError } from '../scenario/error.js';
import { unpack } from './packed.js';

export const clip = (text: string) =>
  (text.length > 40 ? `${text.slice(0, 40)}…` : text).replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');
export const quote = (text: string) => `"${clip(text)}"`;
/** The number that stands there, or the text, for the scenario's rules to refuse. */
export const toNumber = (text: string) => (/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : clip(text));

/** The fields of a link, and what was wrong with them. */
export class Reader implements LinkFields {
  readonly problems: TiltLabError[] = [];
  readonly #values = new Map<string, string>();
  length = 0;

  /** @param known keys that a link may have */
  constructor(text: string, known: ReadonlySet<string>) {
    for (const part of text.split('&').filter(Boolean)) {
      const at = part.indexOf('=');
      const key = at < 0 ? part : part.slice(0, at);
      const value = at < 0 ? '' : part.slice(at + 1);
      if (!known.has(key))
        this.refuse(`link.${clip(key)}`, `${quote(value)} is in an unknown field, which is passed over`);
      else if (this.#values.has(key)) this.refuse(`link.${key}`, `${quote(value)} is given a second time`);
      else this.#values.set(key, value);
    }
  }

  refuse(path: string, rule: string) {
    this.problems.push(new TiltLabError('input', `${path}: ${rule}`, path));
  }

  has = (key: string) => this.#values.has(key);
  raw = (key: string) => this.#values.get(key);

  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    try {
      return decodeURIComponent(value);
    } catch {
      this.refuse(`link.${key}`, `${quote(value)} is not percent-encoded text`);
      return undefined;
    }
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

  data<T>(read: (text: string) => T): T | undefined {
    const data = this.raw('data');
    if (data === undefined) return undefined;
    try {
      return read(unpack(data));
    } catch (error) {
      throw new TiltLabError(
        'input',
        `link.data: ${quote(data)} cannot be unpacked (${error instanceof Error ? error.message : error})`,
        'link.data',
      );
    }
  }

  /** What `check` returns, or the default with a problem noted. */
  attempt<T>(check: () => T, otherwise: T): T {
    try {
      return check();
    } catch (error) {
      this.problems.push(
        error instanceof TiltLabError ? error : new TiltLabError('input', `link: ${String(error)}`, 'link'),
      );
      return otherwise;
    }
  }
}
