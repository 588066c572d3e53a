/** Finer than what stands still on a figure needs to be placed. */
export const tenth = (pixel: number) => Math.round(10 * pixel) / 10;

/** Finer than a slope shows its steps, on any screen or print. */
const hundredth = (pixel: number) => Math.round(100 * pixel) / 100;

/**
 * A curve as an SVG path through its points, in pixels. A general path generator formats numbers more slowly: up to a
 * third of what drawing a figure of many points takes.
 */
export function path(points: readonly (readonly [number, number])[]): string {
  let text = '';
  for (const [x, y] of points) text += `${text === '' ? 'M' : 'L'}${hundredth(x)},${hundredth(y)}`;
  // A single point is a dot, drawn by its line's ends.
  return points.length === 1 ? `${text}Z` : text;
}

/** Those of some numbers that are known. */
export const known = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((value): value is number => value != null);

/** Those points of a curve that are known. */
export const pointsOf = (points: readonly ([number, number] | null)[]): [number, number][] =>
  points.filter((point) => point !== null);

/** What lies between a curve and a horizontal at `bottom`. */
export const areaPath = (points: readonly (readonly [number, number])[], bottom: number): string =>
  points.length === 0 ? '' : `${path([[points[0]?.[0] ?? 0, bottom], ...points, [points.at(-1)?.[0] ?? 0, bottom]])}Z`;
