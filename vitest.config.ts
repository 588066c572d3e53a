import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ['tests/engine/**/*.test.ts', 'tests/page/**/*.test.ts', 'tests/browser/**/*.test.ts'],
  },
});
