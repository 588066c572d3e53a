import createCore from '../../build/wasm/tiltlab_core.mjs';
import type { FullModule } from './module.js';
import { once } from './once.js';

let again = 0;

/** Firefox keeps a failure under its address for good: what did not come is asked for by another. */
async function retried<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const [address] = /https?:\S+/.exec(String(error)) ?? [];
    if (!address) throw error;
    return import(/* @vite-ignore */ `${address}?${++again}`);
  }
}

/** The wasm modules, one of each however many engines stand on them. */
export const loadCore = once(() => createCore());
export const loadFull = once(
  async (): Promise<FullModule> => (await retried(() => import('../../build/wasm/tiltlab_full.mjs'))).default(),
);
