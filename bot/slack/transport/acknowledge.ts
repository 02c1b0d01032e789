import type { Logger } from 'pino';
import { inRequest } from '../../tracing/request-scope.ts';

/** Slack tells the person that the app failed after this. */
const LIMIT_MS = 3000;

/**
 * Acknowledges before anything else is done. Socket Mode, unlike HTTP, neither times this nor reports a failure, so both
 * are done here: where the connection has just been lost, Slack delivers again what was not acknowledged, and we go on
 * with what we have, since the same event is performed once.
 */
export function acknowledge(
  event: string,
  ack: () => Promise<void>,
  context: Readonly<Record<string, unknown>>,
  log: Logger,
): Promise<void> {
  return inRequest({ platform: 'slack', event }, async () => {
    try {
      await ack();
    } catch (error) {
      log.warn({ error }, 'Slack could not be told that its event has arrived');
    }
    const { receivedAt } = context;
    const took = typeof receivedAt === 'number' ? performance.now() - receivedAt : 0;
    if (took > LIMIT_MS)
      log.error({ milliseconds: Math.round(took) }, 'Acknowledged after the three seconds that Slack allows');
  });
}
