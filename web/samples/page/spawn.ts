import { workerOf } from '../../sandbox/text-worker.js';

/** Workers made of text that scripts carry: a page that may fetch nothing runs them, and they inherit that it may not. */
const sources = {
  small: () => import('worker-source:small'),
  whole: () => import('worker-source:whole'),
};

export const spawn = async (kind: keyof typeof sources): Promise<Worker> => workerOf((await sources[kind]()).default);
