import type { Document } from 'yaml';
import { type Batch, type NamedBlob, ReadError } from './batch.js';
import { batchOfValue } from './json.js';
import { wholeText } from './text.js';

/** The library goes into each level by calling itself, and so do those who read what it found. */
const deepest = 200;

/** Its documents, read whole: one, or rows of several. References that multiply are refused by the library's limit. */
export async function* readYaml(file: NamedBlob): AsyncGenerator<Batch> {
  const [{ parseAllDocuments, visit }, text] = await Promise.all([import('yaml'), wholeText(file, 6.4e7, 'as JSON')]);
  if (text.trim() === '') throw new ReadError(`${file.name}: is empty`);
  const tooDeep = new ReadError(`${file.name}: nests deeper than ${deepest}`);
  if (/(?:[[{]\s*){200}|(?:[-?:] +){200}/.test(text)) throw tooDeep;
  let values: unknown[];
  try {
    // Whether keys are unique the library asks of each pair of them.
    const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'error' });
    values = [...documents].map((each: Document) => {
      if (each.errors[0]) throw each.errors[0];
      visit(each, { Map: (_, { items }) => refuseTwice(items.map(({ key }) => key)) });
      return each.toJS({ maxAliasCount: 100 });
    });
  } catch (error) {
    // Where keys stand between the brackets the library's stack tells.
    if (/call stack|recursion/i.test((error as Error).message)) throw tooDeep;
    throw new ReadError(`${file.name}: is not YAML (${(error as Error).message.split('\n')[0]?.slice(0, 80)})`);
  }
  if (values.some((value) => isDeeper(value, deepest))) throw tooDeep;
  yield batchOfValue(file, values.length > 1 ? values.flat().filter((value) => value !== null) : values[0]);
}

/** @throws Error where two keys of a map are one */
function refuseTwice(keys: readonly unknown[]) {
  const seen = new Set<string>();
  for (const key of keys.map(String)) {
    if (seen.has(key)) throw new Error(`two keys are called ${JSON.stringify(key)}`);
    seen.add(key);
  }
}

/** A reference to what it stands in nests without end. */
const isDeeper = (value: unknown, most: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (most === 0 || Object.values(value).some((inner) => isDeeper(inner, most - 1)));
