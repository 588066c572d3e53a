import { TiltLabError } from '../scenario/error.js';

/** One line on what is wrong with an option: its name, what was given, the rule. @throws TiltLabError */
export const refuse = (option: string, value: string | undefined, rule: string): never => {
  const given = value === undefined ? 'nothing' : JSON.stringify(value);
  throw new TiltLabError('input', `${option}: ${given} ${rule}`, option);
};

/** A number that fits. @throws TiltLabError */
export function numberOf(
  option: string,
  value: string | undefined,
  fits: (x: number) => boolean,
  rule: string,
): number {
  const x = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
  return fits(x) ? x : refuse(option, value, rule);
}

/** Which of how many shares, i/k. @throws TiltLabError */
export function shardOf(option: string, value: string | undefined): [index: number, of: number] {
  const [, index = '', of = ''] = /^(\d+)\/(\d+)$/.exec(value ?? '') ?? [];
  const [i, k] = [Number(index), Number(of)];
  return index !== '' && i >= 1 && i <= k ? [i, k] : refuse(option, value, 'is not i/k with i from 1 to k');
}

/** An integer, in digits alone. @throws TiltLabError */
export const integer = (option: string, value: string | undefined, least: number, most: number): number =>
  value !== undefined && /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most
    ? Number(value)
    : refuse(option, value, `is not an integer in [${least}, ${most}]`);
