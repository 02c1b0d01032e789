import { within } from '../within.ts';

/** What is still open after a stop in good order (a socket that a library forgot) has no work left to do. */
const LINGER_MS = 2_000;
/** How long a start that is under way may take when it is to end: then it holds nothing that could be lost. */
const START_MS = 5_000;

/** A service that was started. */
interface Stoppable {
  /** Resolves where it cannot go on by itself. */
  readonly failure?: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * Starts a service and resolves when it has been stopped in good order by Ctrl-C or SIGTERM, which may come while it is
 * being started. A second signal waits no longer. Rejects where it could not be started, and, once it is stopped, where
 * it could not go on.
 */
export async function untilStopped(start: () => Promise<Stoppable>): Promise<void> {
  const signalled = new Promise<null>((resolve) => {
    const onSignal = (): void => {
      process.once('SIGINT', () => process.exit(130));
      resolve(null);
    };
    process.once('SIGINT', onSignal);
    process.once('SIGTERM', onSignal);
  });
  // What it writes is nobody else's to read, the engine's files included.
  process.umask(0o077);
  const starting = start();
  const isEarly = (await Promise.race([starting, signalled])) === null;
  const service = isEarly ? await within(START_MS, starting).catch(() => null) : await starting;
  const failure = isEarly || service === null ? null : await Promise.race([signalled, failureOf(service)]);
  await service?.stop();
  setTimeout(() => process.exit(), LINGER_MS).unref();
  if (failure !== null) throw failure;
}

function failureOf({ failure }: Stoppable): Promise<Error> {
  return failure ?? new Promise(() => {});
}
