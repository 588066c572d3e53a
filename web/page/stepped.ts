/** How many places a slider has. */
export const places = 400;

/** What is moved by keys from place to place. */
export interface Stepped {
  value: number;
  /** From 0 to 1. */
  position: number;
  fromPosition(position: number): number;
}

const directions: Record<string, number> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

/**
 * Where a key moves it: to the next place with another value, since several may share one, as short lengths do; to either
 * end; or a tenth of the way. Null for other keys, and where it cannot go on.
 */
export function byKey(key: string, { value, position, fromPosition }: Stepped): number | null {
  if (key === 'Home') return fromPosition(0);
  if (key === 'End') return fromPosition(1);
  const far = { PageUp: 1, PageDown: -1 }[key];
  const direction = far ?? directions[key];
  if (direction === undefined) return null;
  const from = Math.round(position * places) + direction * (far ? places / 10 : 1);
  for (let step = Math.min(places, Math.max(0, from)); step >= 0 && step <= places; step += direction) {
    const next = fromPosition(step / places);
    if ((next - value) * direction > 0) return next;
  }
  return null;
}
