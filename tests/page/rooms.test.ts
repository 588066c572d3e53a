import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import schemaKinds from '../../web/generated/kinds.js';

/**
 * The house in its rooms, from the lowest to the highest: a file takes from its own room and from lower ones, and no file
 * takes from one that takes from it. What a person writes is read as text, types included, so that nothing is overlooked.
 */

const root = join(import.meta.dirname, '../..');

/** Files below a folder, by their path from the root. */
function filesIn(folder: string, isSource: (name: string) => boolean): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name))
    .filter(isSource)
    .sort();
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** What a file takes from other files of the house, by their path from the root. */
type Uses = Map<string, string[]>;

/** The longest of the rooms' paths that a file's path begins with; -1 where there is none. */
function roomOf(file: string, rooms: readonly string[]): number {
  const fitting = rooms.filter((room) => file === room || file.startsWith(`${room}/`));
  return rooms.indexOf(fitting.sort((a, b) => b.length - a.length)[0] ?? '');
}

/** `file -> file` for whatever goes up. */
const risesOf = (uses: Uses, rooms: readonly string[]): string[] =>
  [...uses].flatMap(([from, targets]) =>
    targets.filter((to) => roomOf(to, rooms) > roomOf(from, rooms)).map((to) => `${from} -> ${to}`),
  );

/** A circle of files, each of which takes from the next; empty where there is none. */
function circleIn(uses: Uses): string[] {
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (file: string): string[] => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return [];
    way.push(file);
    for (const next of uses.get(file) ?? []) {
      const found = visit(next);
      if (found.length > 0) return found;
    }
    way.pop();
    done.add(file);
    return [];
  };
  for (const file of uses.keys()) {
    const found = visit(file);
    if (found.length > 0) return found;
  }
  return [];
}

test('what goes up and what goes round is seen', () => {
  const rooms = ['low', 'low/attic', 'high'];
  const uses = (entries: Record<string, string[]>): Uses => new Map(Object.entries(entries));
  expect(risesOf(uses({ 'low/a': ['high/b', 'low/c'], 'high/b': ['low/c', 'low/attic/d'] }), rooms)).toEqual([
    'low/a -> high/b',
  ]);
  expect(risesOf(uses({ 'low/a': ['low/attic/d'] }), rooms)).toEqual(['low/a -> low/attic/d']);
  expect(circleIn(uses({ a: ['b'], b: ['c'], c: ['b'] }))).toEqual(['b', 'c', 'b']);
  expect(circleIn(uses({ a: ['b', 'c'], b: ['c'], c: [] }))).toEqual([]);
});

/* ---- web ---- */

/** `engine/module.d.ts` says what the wasm exports, and `generated` holds what the build makes: both know nobody. */
const webRooms = [
  'web/generated',
  'web/engine/module.d.ts',
  'web/scenario',
  'web/policies',
  'web/models',
  'web/link',
  'web/engine',
  'web/words',
  'web/figures',
  'web/tables',
  'web/samples/reading',
  'web/samples',
  'web/language',
  'web/session',
  'web/models/editors',
  'web/page',
  'web/still',
  'web/embed',
  'web/verify',
  'web/cli',
  'web/node',
  'web/sandbox',
  'web/inline',
  'web/samples/page',
  'web/language/page',
  'web/onefile',
];

const isTypeScript = (name: string) => name.endsWith('.ts');
const webFiles = filesIn('web', isTypeScript).filter(
  (file) => !file.startsWith('web/generated/') && !file.startsWith('web/examples/'),
);

/** Imports, re-exports, dynamic imports and workers. */
const webLinks = /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*|\bnew URL\(\s*)'(\.{1,2}\/[^']+)'/g;

/** `./a.js` is `a.ts`, or `a.d.ts` where only that is written. */
function webTarget(from: string, path: string): string {
  const plain = posix.join(posix.dirname(from), path);
  if (!plain.endsWith('.js')) return plain;
  const [source, declared] = [plain.replace(/\.js$/, '.ts'), plain.replace(/\.js$/, '.d.ts')];
  return webFiles.includes(declared) ? declared : source;
}

const webUses: Uses = new Map(
  webFiles.map((file) => [
    file,
    [...read(file).matchAll(webLinks)]
      .map(([, path = '']) => webTarget(file, path))
      .filter((target) => target.startsWith('web/') && isTypeScript(target)),
  ]),
);

describe('web', () => {
  test('every file stands in a room, and every import is found', () => {
    expect(webFiles.length).toBeGreaterThan(100);
    expect(webFiles.filter((file) => roomOf(file, webRooms) < 0)).toEqual([]);
    const known = new Set(webFiles);
    const lost = [...webUses.values()]
      .flat()
      .filter((target) => !known.has(target) && !target.startsWith('web/generated/'));
    expect(lost).toEqual([]);
  });

  test('nothing is taken from a higher room', () => {
    expect(risesOf(webUses, webRooms)).toEqual([]);
  });

  test('no imports go in a circle', () => {
    expect(circleIn(webUses)).toEqual([]);
  });
});

/* ---- src ---- */

const sourceRooms = [
  'src/error.hpp',
  'src/numerics',
  // It writes numbers in their shortest decimals.
  'src/error.cpp',
  'src/laws',
  'src/policies',
  'src/limits',
  'src/models',
  'src/simulation',
  'src/language',
  'src/samples',
  'src/report',
  'src/bindings',
];

const isSource = (name: string) => /\.[ch]pp$/.test(name);
const sourceUses: Uses = new Map(
  filesIn('src', isSource).map((file) => [
    file,
    [...read(file).matchAll(/^#include "([^"]+)"/gm)].map(([, path = '']) => `src/${path}`),
  ]),
);

describe('src', () => {
  test('every file stands in a room, and every include is found', () => {
    expect(sourceUses.size).toBeGreaterThan(50);
    expect([...sourceUses.keys()].filter((file) => roomOf(file, sourceRooms) < 0)).toEqual([]);
    expect([...sourceUses.values()].flat().filter((target) => !sourceUses.has(target))).toEqual([]);
  });

  test('nothing is taken from a higher room', () => {
    expect(risesOf(sourceUses, sourceRooms)).toEqual([]);
  });

  test('no includes go in a circle', () => {
    expect(circleIn(sourceUses)).toEqual([]);
  });

  test('no two headers name a structure alike: files that include one each link, and take one for the other', () => {
    const named = [...sourceUses.keys()]
      .filter((file) => file.endsWith('.hpp'))
      .flatMap((file) =>
        [...read(file).matchAll(/^(?:struct|class|enum class) ([\w:]+) (?:: .*)?\{/gm)].map(([, name]) => name),
      );
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((name, i) => named.indexOf(name) !== i)).toEqual([]);
  });
});

/* ---- kinds ---- */

/** Where a kind may be told from others, by root; `data` states scenarios and tells nothing apart. */
const branching: { root: string; files: readonly string[]; own: readonly string[]; data: readonly string[] }[] = [
  {
    root: 'web',
    files: webFiles,
    own: ['web/models', 'web/policies', 'web/samples/scenario.ts', 'web/language/scenario.ts'],
    data: ['web/scenario/gallery.ts', 'web/scenario/defaults.ts', 'web/verify/scenarios.ts'],
  },
  {
    root: 'src',
    files: [...sourceUses.keys()],
    own: ['src/models', 'src/policies', 'src/bindings/kinds.hpp'],
    data: [],
  },
];

const names = [...schemaKinds.models, ...schemaKinds.policies].join('|');
/** A kind's name compared; a model's kind compared or switched on; a field asked for to learn the kind. */
const branches = [
  new RegExp(`(?:[!=]==?|\\bcase)\\s*['"](?:${names})['"]|['"](?:${names})['"]\\s*(?:[!=]==?)`),
  /\b(?:model|policy|m)\)?\??\.kind\s*[!=]==?|[!=]==?\s*(?:\w+\.)*(?:model|policy)\.kind\b/,
  /\bswitch\s*\((?:\w+\.)*(?:model|policy|m)\.kind\)/,
  /['"]\w+['"] in (?:\w+\.)*(?:model|m|policy)\b/,
];
const branchesIn = (text: string): string[] =>
  text.split('\n').filter((line) => branches.some((branch) => branch.test(line)));

describe('kinds', () => {
  test.each([
    "if (model.kind === 'text') return;",
    "const isLaw = shown?.scenario.model.kind !== 'continuous';",
    "kind === 'finite' ? 1 : 2",
    "case 'memoryless':",
    'switch (scenario.model.kind) {',
    'switch (m.kind) {',
    "policy?.kind === 'best_of_poisson'",
    "if ('length' in scenario.model) return;",
    "!('tokens' in model)",
    'model.kind === other',
  ])('a branch is seen: %s', (line) => expect(branchesIn(line)).toEqual([line]));

  test.each([
    "const model = { kind: 'text', order: 0 };",
    "error.kind === 'aborted'",
    'switch (reply.type) {',
    "'kl' in budget",
    "expect(kinds[model.kind].unit).toBe('word');",
  ])('no branch is seen: %s', (line) => expect(branchesIn(line)).toEqual([]));

  test.each(branching)('no branch on a kind stands outside of its room in $root', ({ files, own, data }) => {
    const isOwn = (file: string) => [...own, ...data].some((path) => file === path || file.startsWith(`${path}/`));
    const found = files
      .filter((file) => !isOwn(file))
      .flatMap((file) => branchesIn(read(file)).map((line) => `${file}: ${line.trim()}`));
    expect(found).toEqual([]);
  });
});

/* ---- tests ---- */

test('no export is one kind’s own', () => {
  const borders = [...sourceUses.keys(), 'web/engine/module.d.ts'].filter(
    (file) => file.startsWith('src/bindings/') || file.endsWith('.d.ts'),
  );
  expect(borders.length).toBeGreaterThan(5);
  expect(borders.filter((file) => read(file).includes('_continuous'))).toEqual([]);
});

test('each source has a test of its name in the room of its name', () => {
  const tests = new Set(filesIn('tests/core', isSource));
  const untested = [...sourceUses.keys()].filter(
    (file) =>
      file.endsWith('.cpp') &&
      !file.startsWith('src/bindings/') &&
      !tests.has(file.replace(/^src/, 'tests/core').replace(/\.cpp$/, '_test.cpp')),
  );
  expect(untested).toEqual([]);
});
