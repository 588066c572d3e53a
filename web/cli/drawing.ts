import type { LanguageEngine } from '../language/engine.js';
import { bar } from './bar.js';
import { drawOnWorkers } from './draft-pool.js';
import { type Drafted, drafter, engineOf, type Means, type Share } from './drafting.js';
import { defaultWorkers } from './workers.js';

/** Fewest drafts that are worth a thread, and most that are printed at once; one call of the engine has 64 side by side. */
const share = { fewest: 64, most: 512 };

/** Threads where nobody says how many: as many as have enough to do, and as have room for a model each. */
export function threadsFor(n: number, bytes: number): number {
  const room = Math.floor(2 ** 31 / (6 * bytes));
  return Math.max(1, Math.min(defaultWorkers(), Math.floor(n / share.fewest), room));
}

/** All drafts, so that every worker has several shares. */
function sharesOf(n: number, workers: number): Share[] {
  const size = Math.min(share.most, Math.max(share.fewest, Math.ceil(n / (4 * workers))));
  return Array.from({ length: Math.ceil(n / size) }, (_, i) => ({ first: i * size, n: Math.min(size, n - i * size) }));
}

/** As threads read the same bytes. */
function sharedBytes(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(new SharedArrayBuffer(bytes.length));
  out.set(bytes);
  return out;
}

/**
 * Draws all in this thread, or in several: the same in the same order.
 * @param take whether more are wanted
 * @param here what this thread draws with, where it does
 */
export async function draw(
  means: Means,
  n: number,
  workers: number,
  take: (drafted: Drafted) => Promise<boolean>,
  here: () => Promise<LanguageEngine> = () => engineOf(means),
) {
  const shares = sharesOf(n, workers);
  if (Math.min(workers, shares.length) > 1) {
    const { checkpoint, tokenizer } = means;
    const shared = { ...means, checkpoint: sharedBytes(checkpoint), tokenizer: sharedBytes(tokenizer) };
    return drawOnWorkers(shared, shares, workers, take);
  }
  const drawShare = drafter(await here(), means);
  for (const each of shares) if (!(await take(drawShare(each)))) return;
}

/** Silent where it is soon done. */
export function progress(n: number) {
  const soon = performance.now() + 1000;
  const show = bar(n, 'drafts');
  return (count: number) => {
    if (performance.now() > soon) show({ share: count / n, count });
  };
}
