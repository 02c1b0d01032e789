import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**'],
    globalSetup: 'test/canary-run.ts',
    setupFiles: 'test/canary-setup.ts',
    pool: 'forks',
    // Most tests wait (for timers, for processes) more than they compute: a core carries more than one file.
    maxWorkers: 3,
    // Test files run side by side: an engine with a thread for every core would only wait for the others'.
    env: { THREADS: '1' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
