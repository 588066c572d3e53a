import createCore from '../../build/wasm/tiltlab_core.mjs';
import { once } from './once.js';

/** The wasm modules, one of each however many engines stand on them. */
export const loadCore = once(() => createCore());
export const loadFull = once(() => import('../../build/wasm/tiltlab_full.mjs').then((module) => module.default()));
