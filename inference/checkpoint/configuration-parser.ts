import { z } from 'zod';
import { CheckpointError } from './errors.ts';

/*
 * How the configuration files of a diffusers folder are parsed. A key that is absent has the default of its diffusers
 * or transformers class; a key that would change the computation in a way that Easel does not know is held to the
 * value that it does know.
 */

/** A key that may only have these values; the first is the default. */
export function only<const Value extends string | number | boolean | null>(...values: readonly [Value, ...Value[]]) {
  const allowed = values.map((value) => JSON.stringify(value)).join(' or ');
  return z
    .literal(values, { error: (issue) => `is ${JSON.stringify(issue.input)}, but Easel supports only ${allowed}` })
    .default(() => values[0]);
}

/**
 * Makes a schema into a parser of a file's JSON value. `path` is what errors call the file; the parser throws
 * CheckpointError, which names the file and every key at fault.
 */
export function parser<Config>(schema: z.ZodType<Config>): (value: unknown, path: string) => Config {
  return (value, path) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
    throw new CheckpointError(path, problems.join('; '));
  };
}
