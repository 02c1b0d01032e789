/** Something that is done over and over. */
export interface Repeated {
  /** Does it at once, unless it is being done. */
  now(): void;
  /** Resolves when what is being done has ended; then nothing more is done. */
  stop(): Promise<void>;
}

/** Does something each so many milliseconds, never twice at a time. What it rejects with is told, and it goes on. */
export function repeat(milliseconds: number, work: () => Promise<void>, onError: (error: unknown) => void): Repeated {
  let working: Promise<void> | null = null;
  const now = (): void => {
    working ??= work()
      .catch(onError)
      .finally(() => {
        working = null;
      });
  };
  const timer = setInterval(now, milliseconds);
  return {
    now,
    async stop() {
      clearInterval(timer);
      await working;
    },
  };
}
