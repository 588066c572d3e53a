import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** A function that does not fit on a screen does more than one thing. */

const most = 60;
const root = join(import.meta.dirname, '../..');

/** Without what may hold braces that open nothing: strings, characters, regular expressions and comments. */
function bare(text: string): string {
  const blank = (found: string) => found.replaceAll(/[^\n]/g, ' ');
  return text
    .replaceAll(/\/\*[\s\S]*?\*\/|(?<![:\\])\/\/[^\n]*/g, blank)
    .replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, blank)
    .replaceAll(/(?<=[=(,:]\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g, blank);
}

const noFunction =
  /^\s*(?:export\s+)?(?:namespace|struct|class|enum|union|if|for|while|switch|do|try|else|\}|extern|EMSCRIPTEN_BINDINGS)\b/;

/** `name: lines` of functions that are longer, by the line on which they begin. */
function longIn(source: string): [line: number, length: number][] {
  const text = bare(source);
  const starts: { line: number; isFunction: boolean }[] = [];
  const found: [number, number][] = [];
  let line = 1;
  let head = '';
  for (const letter of text) {
    if (letter === '\n') line += 1;
    if (letter === '{') {
      const short = head.trim();
      const isFunction =
        !noFunction.test(short) && /(?:\)\s*(?:const|noexcept|override|mutable|->[^{]*|:[^{]*)*|=>)$/.test(short);
      starts.push({ line, isFunction });
      head = '';
    } else if (letter === '}') {
      const start = starts.pop();
      if (start?.isFunction && line - start.line + 1 > most) found.push([start.line, line - start.line + 1]);
      head = '';
    } else if (letter === ';') head = '';
    else head += letter;
  }
  return found;
}

const files = (folder: string, isSource: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => isSource.test(name) && !/^(?:generated|examples)\//.test(name))
    .map((name) => `${folder}/${name}`);

test('long functions are seen, in either language', () => {
  const body = '  a();\n'.repeat(most);
  expect(longIn(`int f(int x) {\n${body}}\n`)).toEqual([[1, most + 2]]);
  expect(longIn(`A::A(int x) : x_(x) {\n${body}}\n`)).toEqual([[1, most + 2]]);
  expect(longIn(`const f = (x) => {\n${body}};\n`)).toEqual([[1, most + 2]]);
  expect(longIn(`class A {\n  draw(x: number): string {\n${body}  }\n}\n`)).toEqual([[2, most + 2]]);
  expect(longIn(`class A {\n${body}};\nstruct B { int x; };\n`)).toEqual([]);
  expect(longIn(`int f() {\n  g("}");\n}\n`)).toEqual([]);
});

test.each([
  ['src', /\.[ch]pp$/],
  ['web', /\.ts$/],
  ['tools', /\.(?:mjs|cpp)$/],
] as [string, RegExp][])('no function of %s is longer than a screen', (folder, isSource) => {
  const all = files(folder, isSource);
  expect(all.length).toBeGreaterThan(5);
  const long = all.flatMap((file) =>
    longIn(readFileSync(join(root, file), 'utf8')).map(([line, length]) => `${file}:${line} has ${length} lines`),
  );
  expect(long).toEqual([]);
});
