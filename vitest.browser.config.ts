import { defineConfig } from 'vitest/config';

/** The page in a real browser: Chromium as Debian packages it, or the one that CHROMIUM_PATH names. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
