import pino, { type Logger } from 'pino';
import type { Config } from './config.ts';

export type { Logger } from 'pino';

/** The program's log: JSON lines on standard error, without any of the configuration's secrets wherever they may turn up. */
export function createLogger(config: Config, destination: pino.DestinationStream = pino.destination(2)): Logger {
  const secrets = secretsOf(config);
  const redact = (line: string): string => secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), line);
  return pino(
    { level: config.logLevel, base: null, errorKey: 'error', serializers: { error: pino.stdSerializers.err } },
    { write: (line: string) => destination.write(redact(line)) },
  );
}

/** Every secret as it would stand in a JSON line; short ones would take ordinary words with them. */
function secretsOf({ databaseUrl, redisUrl, discord, slack, s3 }: Config): readonly string[] {
  const passwords = [databaseUrl, redisUrl].flatMap((url) => {
    const password = url === undefined ? '' : new URL(url).password;
    return [password, decodeURIComponent(password)];
  });
  const tokens = [
    discord?.token,
    slack?.botToken,
    slack?.appToken,
    slack?.signingSecret,
    s3?.secretAccessKey,
    s3?.accessKeyId,
  ];
  return [...new Set([...passwords, ...tokens])]
    .filter((secret): secret is string => secret !== undefined && secret.length >= 6)
    .map((secret) => JSON.stringify(secret).slice(1, -1))
    .sort((a, b) => b.length - a.length);
}
