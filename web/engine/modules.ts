import createCore from '../../build/wasm/tiltlab_core.mjs';
import type { FullModule } from './module.js';
import { once } from './once.js';
import { retried } from './retried.js';

/** The wasm modules, one of each however many engines stand on them. */
export const loadCore = once(() => createCore());
export const loadFull = once(
  async (): Promise<FullModule> => (await retried(() => import('../../build/wasm/tiltlab_full.mjs'))).default(),
);
