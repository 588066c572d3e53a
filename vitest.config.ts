import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Files that hold what they see against a clock: nothing runs beside them. */
const timed = [
  'tests/engine/{budgets,hostile,refusals,simulation,terminal}.test.ts',
  'tests/browser/{bits,dice,parts,story}.test.ts',
];
const defaults = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // What a page shows after a step, on a machine that is busy.
  expect: { poll: { timeout: 15_000 } },
};
const projects = [
  // In a browser half of the time is spent waiting: two files at once, also where there are two processors.
  { name: 'browser', include: ['tests/browser/**/*.test.ts'], exclude: timed, maxWorkers: 2 },
  {
    name: 'numbers',
    include: ['tests/{engine,samples,language,page}/**/*.test.ts'],
    exclude: timed,
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
  { name: 'timed', include: timed, maxWorkers: 1 },
];

export default defineConfig({
  test: {
    projects: projects.map((project, groupOrder) => ({ test: { ...defaults, ...project, sequence: { groupOrder } } })),
  },
});
