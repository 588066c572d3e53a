import source from 'worker-source';
import { once } from '../engine/once.js';
import { wasm } from './wasm.js';

/** `engine/spawn.ts` in one file: a worker made of the page's own text. */
export const maySpawn = true;
const address = once(() =>
  URL.createObjectURL(new Blob([`self.tiltlabWasm=${JSON.stringify(wasm)};\n`, source], { type: 'text/javascript' })),
);
export const spawn = () => new Worker(address());
export const spawnShared = (): SharedWorker => {
  throw new Error('a file shares no worker');
};
