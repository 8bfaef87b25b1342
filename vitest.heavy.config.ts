import { defineConfig } from 'vitest/config';

/** The heavier tier: real data, peers, faults, whole surveys. One file at a time: they measure and they kill. */
export default defineConfig({
  test: {
    setupFiles: ['test/support/property-seed.ts'],
    include: ['test/heavy/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
