import type { Batch } from '../reading/batch.js';

/** Stands for the readers of YAML and parquet in the worker without them: files of these go to the other one. */
// biome-ignore lint/correctness/useYield: it never comes to that
async function* elsewhere(): AsyncGenerator<Batch> {
  throw new Error('is read by another worker');
}
export const readYaml = elsewhere;
export const readParquet = elsewhere;
