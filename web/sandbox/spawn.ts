/** `engine/spawn.ts` where no worker may start. */
export const spawn = (): Worker => {
  throw new Error('a sandbox allows no worker');
};
export const spawnShared = (): SharedWorker => {
  throw new Error('a sandbox allows no worker');
};
