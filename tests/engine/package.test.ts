import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { FullModule } from '../../web/engine/module.js';

const root = resolve(import.meta.dirname, '../..');

const moduleOf = async (name: 'core' | 'full'): Promise<FullModule & Record<string, unknown>> => {
  const file = (ending: string) => new URL(`../../build/wasm/tiltlab_${name}.${ending}`, import.meta.url);
  const { default: create } = await import(file('mjs').href);
  return create({ wasmBinary: readFileSync(file('wasm')) });
};

test.each(['core', 'full'] as const)('the declarations list exactly what the %s module exports', async (name) => {
  const core = await moduleOf(name);
  const declared = readFileSync(new URL('../../web/engine/module.d.ts', import.meta.url), 'utf8');
  const namesOf = (type: string) =>
    [
      ...(new RegExp(`interface ${type} .*\\{([\\s\\S]*?)\\n\\}`).exec(declared)?.[1] ?? '').matchAll(/^ {2}(\w+)\(/gm),
    ].map(([, declaredName]) => declaredName as string);
  const names = [...namesOf('CoreModule'), ...(name === 'full' ? namesOf('FullModule') : [])];
  expect(names.length).toBeGreaterThan(name === 'full' ? 15 : 4);
  // Emscripten's own names, of which newer versions export fewer, are not ours.
  const exported = Object.keys(core).filter(
    (key) => /^[a-z]+(_[a-z]+)*$/.test(key) && typeof core[key] === 'function' && key !== 'ready',
  );
  expect(
    exported.filter((key) => !['asm', 'inspect', 'run', 'count_emval_handles', 'get_first_emval'].includes(key)).sort(),
  ).toEqual(names.sort());
});

test('the library works by its name, with types', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiltlab-package-'));
  execFileSync('mkdir', ['-p', join(folder, 'node_modules')]);
  symlinkSync(root, join(folder, 'node_modules/tiltlab'));
  const source = `import { loadEngine, type Scenario } from 'tiltlab';
const scenario: Scenario = { v: 1, model: { kind: 'finite', outcomes: [{ p: 0.5, reward: 0 }, { p: 0.5, reward: 1 }] }, budget: { n: 4 } };
const reward: number | null = (await loadEngine()).evaluate(scenario).best_of_n.reward;
console.log(reward);
`;
  writeFileSync(join(folder, 'use.ts'), source);
  writeFileSync(
    join(folder, 'use.mjs'),
    source.replace(', type Scenario', '').replace(': Scenario', '').replace(': number | null', ''),
  );
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  expect(execFileSync('node', ['use.mjs'], { cwd: folder, encoding: 'utf8' }).trim()).toBe('0.9375');
  const compile = spawnSync(
    join(root, 'node_modules/.bin/tsc'),
    [
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
      '--types',
      '',
      'use.ts',
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  expect({ status: compile.status, stdout: compile.stdout }).toEqual({ status: 0, stdout: '' });
});
