import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { CrewWorker } from '../engine/crew.js';

/** Workers where nobody says how many. */
export const defaultWorkers = () => Math.max(1, Math.min(8, availableParallelism()));
export const mostWorkers = 256;

/** A thread as its crew sees it. */
export const onThread = <Ask, Reply>(worker: Worker): CrewWorker<Ask, Reply> => ({
  post: (ask) => worker.postMessage(ask),
  listen(reply, died) {
    worker.on('message', reply);
    worker.on('error', (error) => died(String(error)));
    worker.on('exit', (code) => died(`exit code ${code}`));
  },
  close: () => void worker.terminate(),
});
