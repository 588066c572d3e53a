/** `engine/spawn.ts` where no worker may start. */
export const maySpawn = false;
const none = (): never => {
  throw new Error('a sandbox allows no worker');
};
export const spawn: () => Worker = none;
export const spawnShared: () => SharedWorker = none;
