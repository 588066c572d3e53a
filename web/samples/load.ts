import createSamples from '../../build/wasm/tiltlab_samples.mjs';
import { makeSampleEngine, type SampleEngine } from './engine.js';

export { type Imported, importDrafts, recognise } from './import.js';
export { type Layout, withChoice } from './layout.js';
export { ReadError } from './reading/batch.js';
export { type BudgetedReport, type SampleReport, sampleReport, scenarioReport } from './report.js';
export { isSamplesScenario, type SamplesScenario } from './scenario.js';
export { joined, readTableText, tableDigest, tableText } from './table-text.js';

/** The engine of scored drafts, in Node and in browsers; each call makes an instance of its own. */
export async function loadSamples(): Promise<SampleEngine> {
  if (typeof process === 'undefined' || !process.versions?.node) return makeSampleEngine(await createSamples());
  // As `loadEngine` does: Node's fetch refuses files.
  const { readFile } = await import('node:fs/promises');
  const wasmBinary = await readFile(new URL('tiltlab_samples.wasm', import.meta.url));
  return makeSampleEngine(await createSamples({ wasmBinary }));
}
