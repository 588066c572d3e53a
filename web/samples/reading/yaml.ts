import { type Batch, type NamedBlob, ReadError } from './batch.js';
import { batchOfValue } from './json.js';
import { wholeText } from './text.js';

/** One document, read whole. References that multiply are refused by the library's limit. */
export async function* readYaml(file: NamedBlob): AsyncGenerator<Batch> {
  const [{ parse }, text] = await Promise.all([import('yaml'), wholeText(file, 6.4e7, 'as JSON')]);
  if (text.trim() === '') throw new ReadError(`${file.name}: is empty`);
  // The library goes into each by calling itself.
  const tooDeep = new ReadError(`${file.name}: nests deeper than 200`);
  if (/(?:[[{]\s*){200}|(?:[-?:] +){200}/.test(text)) throw tooDeep;
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100, logLevel: 'error' });
  } catch (error) {
    // Where keys stand between the brackets the library's stack tells.
    if (/call stack|recursion/i.test((error as Error).message)) throw tooDeep;
    throw new ReadError(`${file.name}: is not YAML (${(error as Error).message.split('\n')[0]?.slice(0, 80)})`);
  }
  yield batchOfValue(file, value);
}
