import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/**
 * Files that take long, or that change their process for good (its environment, what traces or draws for it). Each has a
 * process of its own, and they start first: a long one that starts last is waited for alone.
 */
const APART = [
  'test/bot/cli/{commands,imagine,secrets,serve}.test.ts',
  // undici has once, in a process that had sent many forms, taken a form for none (Node 20: "action is not a function").
  'test/bot/discord/**/*.test.ts',
  'test/bot/store/{conformance,growth,open-store}.test.ts',
  'test/bot/tracing/**/*.test.ts',
  'test/bot/worker/worker.test.ts',
  'test/golden/mini.test.ts',
  'test/inference/graph/graph.test.ts',
  'test/inference/models/gpu.test.ts',
  'test/scenarios/**/*.test.ts',
];

const everywhere = {
  setupFiles: 'test/canary-setup.ts',
  pool: 'forks',
  // Most tests wait (for timers, for processes) more than they compute: a core carries more than one file.
  maxWorkers: 3,
  // Test files run side by side: an engine with a thread for every core would only wait for the others'.
  env: { THREADS: '1', ORT_DISABLE_TELEMETRY: '1' },
  testTimeout: 120_000,
  hookTimeout: 120_000,
} as const satisfies TestProjectInlineConfiguration['test'];

export default defineConfig({
  test: {
    globalSetup: ['test/canary-run.ts', 'test/compiled-run.ts'],
    projects: [
      { test: { ...everywhere, name: 'apart', include: APART } },
      // Loading what a file needs takes longer than most of these tests: the files that a process runs share it.
      {
        test: {
          ...everywhere,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', ...APART],
          isolate: false,
        },
      },
    ],
  },
});
