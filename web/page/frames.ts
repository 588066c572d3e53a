/**
 * Shares frames among figures that all want to be redrawn: each frame draws as many as its time allows, the rest follow
 * in the next ones. A slow machine then shows every figure a little less often instead of all of them with a stutter.
 */
const budget = 3;
/** Milliseconds between frames from which one figure a frame is enough: drawing costs more than its script. */
const late = 20;
/** Milliseconds for which a late frame is remembered: without, every other frame would try three figures again. */
const memory = 500;
let lateAt = Number.NEGATIVE_INFINITY;
const waiting: (() => void)[] = [];
let asked = false;
let last = 0;

function frame(now: number) {
  const start = performance.now();
  if (now - last > late && now - last < 500) lateAt = now;
  const behind = now - lateAt < memory;
  last = now;
  do waiting.shift()?.();
  while (!behind && waiting.length > 0 && performance.now() - start < budget);
  asked = waiting.length > 0;
  if (asked) requestAnimationFrame(frame);
}

/** Resolves once `draw` had its turn. */
export function inTurn(draw: () => void): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(() => {
      draw();
      resolve();
    });
    if (!asked) {
      asked = true;
      requestAnimationFrame(frame);
    }
  });
}
