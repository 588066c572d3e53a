import type { Reader } from './batch.js';
import type { Format } from './format.js';

/** Loaded with the first file of its format. */
export const readers: { readonly [F in Format]: () => Promise<Reader> } = {
  csv: async () => (await import('./csv.js')).readCsv,
  'json lines': async () => (await import('./json.js')).readJsonLines,
  json: async () => (await import('./json.js')).readJson,
  yaml: async () => (await import('./yaml.js')).readYaml,
  parquet: async () => (await import('./parquet.js')).readParquet,
};
