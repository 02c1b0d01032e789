import type { JobProgress } from '../../commands/job.ts';

/** Carries live progress from workers to platforms. What is lost on the way is only less to look at. */
export interface ProgressBus {
  publish(progress: JobProgress): void;
  /** Returns what ends the subscription. */
  subscribe(listener: (progress: JobProgress) => void): () => void;
  close(): Promise<void>;
}

/** For a bot that draws in its own process. */
export function localProgress(): ProgressBus {
  const listeners = new Set<(progress: JobProgress) => void>();
  return {
    publish(progress) {
      for (const listener of listeners) listener(progress);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      listeners.clear();
    },
  };
}

/** The same state without its picture: where it is too long to carry, or not to be seen. */
export function withoutPreview(progress: JobProgress): JobProgress {
  if (progress.state !== 'running') return progress;
  const { preview: _, ...rest } = progress;
  return rest;
}
