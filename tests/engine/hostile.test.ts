import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type * as cli from '../../web/cli/tiltlab.js';
import { hostileInputs } from './hostile.js';

/** The command as it is built. */
const { command }: typeof cli = await import(new URL('../../build/lib/node/cli.js', import.meta.url).href);
const bin = join(import.meta.dirname, '../../web/cli/bin.js');
const folder = mkdtempSync(join(tmpdir(), 'tiltlab-hostile-'));

/** What a terminal would obey, hide or turn around; and what JavaScript says of itself. */
const unclean = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029\ufeff]/u;
const inner = /\b(?:URI|Type|Range|Syntax|Reference)Error\b|ASSERTIONS|\[object |\bat .*\.js:\d|call stack/;

function faultsOf({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }): string[] {
  const line = stderr.replace(/\n$/, '');
  return [
    ...(status === 2 ? [] : [`exit code ${status}`]),
    ...(stdout === '' ? [] : ['something on standard output']),
    ...(line === stderr || line === '' ? ['no line'] : []),
    ...(unclean.test(line) ? ['not clean'] : []),
    ...(inner.test(line) ? ['says what is inside'] : []),
    ...(line.length > 1200 ? ['long'] : []),
  ];
}

test('1,000 hostile inputs: exit code 2, nothing on standard output, one clean line, under a second each', async () => {
  const failed: unknown[] = [];
  for (const { what, args } of hostileInputs(join(folder, 'many'), 29, 1000)) {
    const start = performance.now();
    const left = await command(args, async () => true).catch((error: Error) => ({
      status: 1,
      stdout: '',
      stderr: `${error.stack}\n`,
    }));
    const faults = faultsOf(left);
    if (performance.now() - start > 1000) faults.push('slow');
    if (faults.length > 0) failed.push({ what, args, faults, line: left.stderr.slice(0, 600) });
  }
  expect(failed).toEqual([]);
});

test('the same as processes', () => {
  const failed: unknown[] = [];
  for (const { what, args } of hostileInputs(join(folder, 'few'), 7, 33)) {
    const start = performance.now();
    const left = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });
    const faults = faultsOf(left);
    if (performance.now() - start > 5000) faults.push('slow');
    if (faults.length > 0) failed.push({ what, args, faults, line: left.stderr.slice(0, 600) });
  }
  expect(failed).toEqual([]);
});
