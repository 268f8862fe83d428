import { defineConfig } from 'vitest/config';

const setupFiles = ['scripts/testing/leak-guard.ts'];

// Groups run one after the other, so that tests which start the product never share the machine with others.
export default defineConfig({
  test: {
    reporters: ['default', './scripts/testing/run-reporter.ts'],
    // A test that expects nothing proves nothing.
    expect: { requireAssertions: true },
    teardownTimeout: 30_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{contracts,server/src,cli,gateway/src,scripts}/**/*.test.ts'],
          setupFiles,
          sequence: { groupOrder: 0 },
          testTimeout: 10_000,
          hookTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['server/test/**/*.test.ts'],
          globalSetup: ['server/test/support/global-setup.ts'],
          setupFiles,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'gateway',
          include: ['gateway/test/**/*.test.ts'],
          globalSetup: ['gateway/test/support/global-setup.ts'],
          setupFiles,
          sequence: { groupOrder: 2 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'acceptance',
          include: ['acceptance/**/*.test.ts'],
          setupFiles,
          // Each file starts products with a Postgres of their own: two at a time keep two cores busy.
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
