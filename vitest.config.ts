import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What a page shows after a step, on a machine that is busy.
    expect: { poll: { timeout: 15_000 } },
    include: [
      'tests/engine/**/*.test.ts',
      'tests/samples/**/*.test.ts',
      'tests/language/**/*.test.ts',
      'tests/page/**/*.test.ts',
      'tests/browser/**/*.test.ts',
    ],
  },
});
