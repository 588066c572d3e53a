/**
 * Stands in for d3-interpolate under d3-scale, by an alias of the build: our scales go from numbers to pixels, and the
 * colours, dates and transforms of the full package are a tenth of an embed's script.
 */
export const interpolateNumber = (a: number, b: number) => (t: number) => a * (1 - t) + b * t;
export const interpolate = interpolateNumber;
export const interpolateRound = (a: number, b: number) => (t: number) => Math.round(a * (1 - t) + b * t);
export const piecewise = (): never => {
  throw new Error('only continuous scales are used');
};
