import { Worker } from 'node:worker_threads';
import { Crew } from '../engine/crew.js';
import { TiltLabError } from '../scenario/error.js';
import type { Drafted, DraftReply, Means, Share } from './drafting.js';
import { onThread } from './workers.js';

/** Shares a worker that may wait for those before them to be printed. */
const ahead = 4;

/**
 * Shares in their order, whichever worker draws them first.
 * @param take whether more are wanted
 * @throws TiltLabError what a worker refused
 */
export async function drawOnWorkers(
  means: Means,
  shares: readonly Share[],
  workers: number,
  take: (drafted: Drafted) => Promise<boolean>,
): Promise<void> {
  const answers = new Map<number, Drafted | Error>();
  let begun = 0;
  let told = 0;
  let wake = () => {};
  const answer = (index: number, found: Drafted | Error) => {
    answers.set(index, found);
    wake();
  };
  const make = () =>
    onThread<Share, DraftReply>(new Worker(new URL('./draft-worker.js', import.meta.url), { workerData: means }));
  const crew = new Crew(make, {
    next: () => (begun < Math.min(shares.length, told + ahead * workers) ? begun++ : undefined),
    ask: (index) => shares[index] as Share,
    take(reply, index) {
      if ('drafted' in reply) answer(index, reply.drafted);
      else answer(index, new TiltLabError(reply.refused.kind, reply.refused.message, reply.refused.path));
      return true;
    },
    failed: (error) => answer(told, error),
  });
  crew.start(Math.min(workers, shares.length));
  try {
    while (told < shares.length) {
      const found = answers.get(told);
      if (!found) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      answers.delete(told++);
      crew.wake();
      if (found instanceof Error) throw found;
      if (!(await take(found))) return;
    }
  } finally {
    crew.close();
  }
}
