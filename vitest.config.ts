import { defineConfig } from 'vitest/config';

/** The suite `npm test` runs; the heavier tier (faults, peers, real data) has its own configuration. */
export default defineConfig({
  test: {
    setupFiles: ['test/support/property-seed.ts'],
    include: ['test/**/*.test.ts'],
    exclude: ['test/heavy/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
