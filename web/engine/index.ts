import createFull from '../../build/wasm/tiltlab_full.mjs';
import { parseScenario } from '../scenario/scenario.js';
import { type Engine, makeEngine } from './facade.js';
import { type LoadOptions, loadWasm } from './wasm.js';

export { decodeLink, type Opened } from '../link/codec.js';
export { type Stamp, stampOf } from '../link/digest.js';
export { encodeLink } from '../link/encode.js';
export { TiltLabError } from '../scenario/error.js';
export type { Budget, Model, Scenario } from '../scenario/scenario.js';
export { parseScenario, parseScenarioText } from '../scenario/scenario.js';
export type { Signal } from '../scenario/signal.js';
export type { Engine, ViewOptions } from './facade.js';
export type { Block, Estimate, PolicyEstimates, Pool, Progress, Simulated, SimulateOptions } from './simulation.js';
export { blocksOf, blocksOfShard, onWorkers, replicatesIn } from './simulation.js';
export type * from './statements.js';
export { statementNames } from './statements.js';
export type * from './tables.js';
export { tableNames } from './tables.js';
export type * from './types.js';
export type { CompiledWasm, LoadOptions, WasmSource } from './wasm.js';

/**
 * The engine, in Node and in browsers; each call makes an instance of its own.
 * @throws TiltLabError where its wasm does not arrive
 */
export const loadEngine = (options?: LoadOptions): Promise<Engine> =>
  makeEngine(() => loadWasm(createFull, 'tiltlab_full.wasm', options), parseScenario);
