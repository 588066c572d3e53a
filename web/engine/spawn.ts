/** Whether workers may start by their address: a frame without an origin, as a sandbox makes it, has none. */
export const maySpawn = self.origin !== 'null';
export const spawn = () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
export const spawnShared = () => new SharedWorker(new URL('./shared-worker.ts', import.meta.url), { type: 'module' });
