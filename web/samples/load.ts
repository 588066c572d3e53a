import createSamples from '../../build/wasm/tiltlab_samples.mjs';
import { type LoadOptions, loadWasm } from '../engine/wasm.js';
import { makeSampleEngine, type SampleEngine } from './engine.js';

export type { CompiledWasm, LoadOptions, WasmSource } from '../engine/wasm.js';
export { type Imported, importDrafts, recognise } from './import.js';
export { type Layout, withChoice } from './layout.js';
export { type Bytes, type NamedBlob, ReadError } from './reading/batch.js';
export { textOfBytes } from './reading/text.js';
export { type BudgetedReport, type SampleReport, sampleReport, scenarioReport } from './report.js';
export { isSamplesScenario, type SamplesScenario } from './scenario.js';
export { joined, readTableText, tableDigest, tableText } from './table-text.js';
export { type Comparison, curveNames, measures } from './types.js';

/**
 * The engine of scored drafts, in Node and in browsers; each call makes an instance of its own.
 * @throws TiltLabError where its wasm does not arrive
 */
export const loadSamples = async (options?: LoadOptions): Promise<SampleEngine> =>
  makeSampleEngine(await loadWasm(createSamples, 'tiltlab_samples.wasm', options));
