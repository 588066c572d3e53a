import { availableParallelism } from 'node:os';

/** Workers where nobody says how many. */
export const defaultWorkers = () => Math.max(1, Math.min(8, availableParallelism()));
export const mostWorkers = 256;
