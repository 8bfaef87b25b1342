import { defineConfig } from 'vitest/config';

const common = {
  testTimeout: 900_000,
  hookTimeout: 300_000,
};

/**
 * The heavier tier: real data, peers, faults, whole surveys, and the tests of the butler on real servers. One file at a time: they
 * measure and they kill. The servers are started for them, unless SKYMILL_TEST_POSTGRES and SKYMILL_TEST_MARIADB name some.
 */
export default defineConfig({
  test: {
    globalSetup: ['test/support/servers.ts'],
    fileParallelism: false,
    projects: [
      {
        test: {
          ...common,
          name: 'heavy',
          setupFiles: ['test/support/property-seed.ts'],
          include: ['test/heavy/**/*.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'postgresql',
          setupFiles: ['test/support/property-seed.ts', 'test/support/drop-schemas.ts'],
          include: ['test/butler/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          env: { SKYMILL_TEST_ENGINE: 'postgresql' },
        },
      },
      {
        test: {
          ...common,
          name: 'mariadb',
          setupFiles: ['test/support/property-seed.ts', 'test/support/drop-schemas.ts'],
          include: ['test/butler/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          env: { SKYMILL_TEST_ENGINE: 'mariadb' },
        },
      },
    ],
  },
});
