/** Where the engine's workers come from; the one-file page has a variant of its own. @throws where frames may not */
export const spawn = () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
export const spawnShared = () => new SharedWorker(new URL('./shared-worker.ts', import.meta.url), { type: 'module' });
