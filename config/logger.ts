import pino, { type Logger } from 'pino';
import type { Config } from './config.ts';
import { redactor } from './secrets.ts';

export type { Logger } from 'pino';

/** The program's log: JSON lines on standard error, without any of the configuration's secrets wherever they may turn up. */
export function createLogger(
  { logLevel, secrets }: Pick<Config, 'logLevel' | 'secrets'>,
  destination: pino.DestinationStream = pino.destination(2),
): Logger {
  const redact = redactor(secrets);
  return pino(
    { level: logLevel, base: null, errorKey: 'error', serializers: { error: pino.stdSerializers.err } },
    { write: (line: string) => destination.write(redact(line)) },
  );
}
