/** Hundredths of a pixel: finer than any screen or print of a figure, and half the text to write and read. */
const hundredth = (pixel: number) => Math.round(100 * pixel) / 100;

/**
 * A curve as an SVG path through its points, in pixels. A general path generator spends a third of a figure's time on
 * formatting numbers.
 */
export function path(points: readonly (readonly [number, number])[]): string {
  let text = '';
  for (const [x, y] of points) text += `${text === '' ? 'M' : 'L'}${hundredth(x)},${hundredth(y)}`;
  // A single point is a dot, drawn by its line's ends.
  return points.length === 1 ? `${text}Z` : text;
}

/** What lies between a curve and a horizontal at `bottom`. */
export const areaPath = (points: readonly (readonly [number, number])[], bottom: number): string =>
  points.length === 0 ? '' : `${path([[points[0]?.[0] ?? 0, bottom], ...points, [points.at(-1)?.[0] ?? 0, bottom]])}Z`;
