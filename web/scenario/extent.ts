/** Of lists without a bound: as arguments of one call more than about 100,000 numbers are refused. */
export const largest = (values: readonly number[]): number =>
  values.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY);
export const smallest = (values: readonly number[]): number =>
  values.reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY);
