import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeLink } from '../../web/link/codec.js';
import { pack } from '../../web/link/pack.js';
import { makeSampleEngine } from '../../web/samples/engine.js';
import { decodeSampleLink, encodeSampleLink, judgedDigest } from '../../web/samples/sample-link.js';
import { readTableText, tableDigest, tableText } from '../../web/samples/table-text.js';

/** Links to tables of drafts open forever: this list only grows. */
const links = readFileSync(new URL('golden-links.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

const file = (ending: string) => new URL(`../../build/wasm/tiltlab_samples.${ending}`, import.meta.url);
const { default: create } = await import(file('mjs').href);
const engine = makeSampleEngine(await create({ wasmBinary: readFileSync(file('wasm')) }));

test.each(links)('%s', (text) => {
  const { link, problems } = decodeSampleLink(text);
  expect(problems).toEqual([]);
  const table = readTableText(link?.text ?? '');
  engine.read(table);
  // What an earlier engine found may have been another number: then the page says that engines differ.
  if (link?.engine === engine.version)
    expect(judgedDigest(engine.judge({ price: link.price, budget: link.budget }))).toBe(link.digest);
  expect(tableDigest(tableText(engine, table.prompts))).toBe(link?.table);
});

test('a link says again what it said', () => {
  const { link } = decodeSampleLink(links[0] ?? '');
  if (!link) throw new Error('no link');
  expect(encodeSampleLink(link, pack)).toBe(links[0]);
});

test.each<[string, RegExp]>([
  ['#v=2&data=abc', /^link\.v: "2" is not 1/],
  ['#v=1&data=@@', /^link\.data: cannot be unpacked/],
  ['#v=1&table=x&n=.5', /^link\.n: "0.5" is not a number of at least 1/],
  ['#v=1&table=x&beta=0', /^link\.beta: "0" is not a number above 0/],
  ['#v=1&table=x&price=-1', /^link\.price: "-1" is not a number of at least 0/],
  ['#v=1&table=x&colour=red', /colour/],
  [`#v=1&data=${'a'.repeat(50_000)}`, /50009 characters; at most 40000 are read/],
])('%s is refused in a line', (hash, line) => {
  expect(decodeSampleLink(hash).problems[0]).toMatch(line);
});

test.each([
  '{}',
  '[]',
  'null',
  '{"prompts":["a"],"reward":[[]]}',
  '{"prompts":["a"],"reward":[[1,"x"]]}',
  '{"prompts":["a"],"reward":[[1]],"gold":[[1,2]]}',
])('a table that is none is refused: %s', (text) => {
  expect(() => readTableText(text)).toThrow(/is no table|without drafts|another gold/);
});

test('the other pages and embeds say in a line which page opens such a link', () => {
  const { problems } = decodeLink(links[0] ?? '');
  expect(problems.map(({ message }) => message)).toEqual(['link: is of scored drafts, which samples.html opens']);
});
