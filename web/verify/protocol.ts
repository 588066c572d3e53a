/** What the worker says: one line a scenario, in the order of the list. */
export type Reply =
  | { type: 'begun'; engine: string }
  | { type: 'check'; group: number; digest: string }
  | { type: 'done' }
  | { type: 'error'; message: string };

/** What the build wrote down: the engine's version and the digest of each scenario, by group. */
export interface Expected {
  engine: string;
  digests: string[][];
}
