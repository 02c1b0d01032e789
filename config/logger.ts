import pino, { type Logger } from 'pino';
import type { Config } from './config.ts';
import { escapeInJson } from './escape-json.ts';
import { redactor } from './secrets.ts';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly destination?: pino.DestinationStream;
  /** What every line says beside its own, asked as it is written. */
  readonly fields?: () => object;
}

/** The program's log: JSON lines on standard error, without any of the configuration's secrets wherever they may turn up. */
export function createLogger(
  { logLevel, secrets }: Pick<Config, 'logLevel' | 'secrets'>,
  { destination = pino.destination(2), fields = () => ({}) }: LogOptions = {},
): Logger {
  const redact = redactor(secrets);
  const serializers = { error: withoutValues };
  return pino(
    { level: logLevel, base: null, errorKey: 'error', serializers, mixin: fields },
    { write: (line: string) => destination.write(escapeInJson(redact(line))) },
  );
}

/** An error of a statement repeats the values that it was given: people's prompts, and tokens of their interactions. */
function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { params: _params, message, stack, ...told } = pino.stdSerializers.err(error);
  return { ...told, message: cutValues(message, error), stack: cutValues(stack, error) };
}

/** A text about an error without the values that its statement was given: for whatever tells of it beside the log. */
export function cutValues(text: string, error: unknown): string {
  return valuesOf(error).reduce((rest, value) => rest.replaceAll(value, ''), text);
}

/** How drizzle's DrizzleQueryError shows them, of an error and of what caused it. */
function valuesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const own = 'params' in error && Array.isArray(error.params) ? [`\nparams: ${error.params}`] : [];
  return [...own, ...valuesOf(error.cause)];
}
