/** A service that was started. */
interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Starts a service and resolves when it has been stopped in good order by Ctrl-C or SIGTERM. A second signal waits no
 * longer. Rejects where it could not be started.
 */
export async function untilStopped(start: () => Promise<Stoppable>): Promise<void> {
  const service = await start();
  await new Promise<void>((resolve) => {
    const onSignal = (): void => {
      process.once('SIGINT', () => process.exit(130));
      resolve();
    };
    process.once('SIGINT', onSignal);
    process.once('SIGTERM', onSignal);
  });
  await service.stop();
}
