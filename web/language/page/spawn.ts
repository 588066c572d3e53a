import { workerOf } from '../../sandbox/text-worker.js';

/** A worker that holds a language model. */
export const spawn = async (): Promise<Worker> => workerOf((await import('worker-source:language')).default);
