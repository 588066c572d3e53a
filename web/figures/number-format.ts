/**
 * Stands in for d3-format under d3-scale, by an alias of the build: figures write their numbers themselves, and the full
 * package is a fifteenth of an embed's script.
 */
const unused = (): never => {
  throw new Error('figures format their own ticks');
};
export const format = unused;
export const formatPrefix = unused;
export const formatSpecifier = unused;
export const precisionFixed = unused;
export const precisionPrefix = unused;
export const precisionRound = unused;
