import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** That whatever is bundled comes with its notice; the build notes what it put into its outputs in build/bundled/. */

const file = (path: string) => new URL(`../../${path}`, import.meta.url);
const read = (path: string) => readFileSync(file(path), 'utf8');
interface Licenses {
  noticesOf(bundled: readonly string[]): Map<string, string>;
  licenses(bundled: readonly string[]): string;
}
const { noticesOf, licenses }: Licenses = await import(file('tools/licenses.mjs').href);
const bundled = (name: string): string[] => JSON.parse(read(`build/bundled/${name}.json`));
const headings = (text: string) => [...text.matchAll(/^== (.+)$/gm)].map(([, name]) => name);

const outputs = [
  {
    name: 'site',
    notices: 'dist/LICENSES.txt',
    holds: ['lit-html', 'd3-scale', 'uqr', 'stix-two-math', 'Programs of CodeT'],
  },
  { name: 'package', notices: 'build/lib/LICENSES.txt', holds: ['rolldown'] },
];
const inBoth = [
  'VADER sentiment lexicon',
  'ajv',
  'boost',
  'dlmalloc',
  'emscripten',
  'fflate',
  'hyparquet',
  'kissfft',
  'llvm',
  'musl',
  'papaparse',
  'yaml',
];

describe.each(outputs)('$name', ({ name, notices, holds }) => {
  test('all that is bundled has its notice, and nothing else has one', () => {
    const list = bundled(name);
    expect(list.length).toBeGreaterThan(150);
    const found = noticesOf(list);
    expect(headings(read(notices)).sort()).toEqual([...found.keys()].sort());
    for (const [whose, text] of found) expect(text, whose).toMatch(/copyright|public domain|licen[cs]e/i);
    expect([...found.keys()]).toEqual(expect.arrayContaining([...inBoth, ...holds]));
    expect(read(notices)).toBe(licenses(list));
  });

  test('each package that is imported in the outputs is on the list by its folder', () => {
    const packages = new Set(
      bundled(name).flatMap((id) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? []),
    );
    expect(headings(read(notices))).toEqual(expect.arrayContaining([...packages]));
  });
});

test('what has no licence text stops the build', () => {
  expect(() => noticesOf(['node_modules/nobody-knows/index.js'])).toThrow(
    'no licence is known of the package nobody-knows',
  );
  expect(() => noticesOf(['virtual:other/helper.js'])).toThrow('no licence is known of virtual:other/helper.js');
  expect(() => noticesOf(['tools/of-somebody.js'])).toThrow('no licence is known of tools/of-somebody.js');
});

test('the notice of the C library names those whose functions are linked', () => {
  const musl = read('docs/licenses/musl.txt');
  for (const name of ['Rich Felker', 'Sun Microsystems', 'Arm Limited']) expect(musl).toContain(name);
});

test('the page in one file has its notices inside', () => {
  const [, inside] =
    /<script type="text\/plain" id="licences">\n([\s\S]*?)<\/script>/.exec(read('dist/tilt-lab.html')) ?? [];
  expect(inside).toBe(read('dist/LICENSES.txt'));
});
