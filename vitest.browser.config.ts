import { defineConfig } from 'vitest/config';

/** The page in a real browser: Chromium as Debian packages it, or the one that CHROMIUM_PATH names. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/canary-run.ts', 'test/compiled-run.ts'],
    setupFiles: 'test/canary-setup.ts',
    pool: 'forks',
    // Test files run side by side: an engine with a thread for every core would only wait for the others'.
    env: { THREADS: '1', ORT_DISABLE_TELEMETRY: '1' },
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
