import { type Logger as BoltLogger, LogLevel } from '@slack/bolt';
import type { Logger } from 'pino';

/**
 * Bolt's logger on ours. Its debug lines hold whole payloads, response URLs included, so they go nowhere, and its notices
 * are debug to us.
 */
export function boltLogger(log: Logger): BoltLogger {
  const line = (parts: unknown[]) =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug: () => {},
    info: (...parts: unknown[]) => log.debug(line(parts)),
    warn: (...parts: unknown[]) => log.warn(line(parts)),
    error: (...parts: unknown[]) => log.error(line(parts)),
    getLevel: () => LogLevel.INFO,
    setLevel: () => {},
    setName: () => {},
  };
}

/** For the Web API's client: what it complains of comes to us as an error, and is logged where it is dealt with. */
export function quietLogger(log: Logger): BoltLogger {
  const logger = boltLogger(log);
  return { ...logger, warn: logger.info, error: logger.info };
}
