import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, configOf } from './config.ts';
import { environmentName, type KeyName, keyNames, keys, type Values } from './keys.ts';
import { secretsOf } from './secrets.ts';

export const CONFIG_FILE = 'easel.config.json';

/** As many of one kind as an operator mends at a time. */
const MAX_PROBLEMS = 5;
/** The longest lists every key. */
const MAX_LINE = 2_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that cannot be used: one line for each, naming the key, what was given and what is allowed. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const lines = problems.map((problem) => shorten(problem, MAX_LINE));
    super(lines.join('\n'));
    this.name = 'ConfigError';
    this.problems = lines;
  }
}

/**
 * Reads the environment and, where there is one, the folder's easel.config.json. Throws a ConfigError with a line for
 * every wrong value at once; a secret's value is never in it.
 */
export function loadConfig(environment: Environment = process.env, folder: string = process.cwd()): Config {
  const problems: string[] = [];
  const file = readConfigFile(folder, problems);
  const values: Record<string, unknown> = {};
  for (const name of keyNames) {
    const given = fromEnvironment(name, environment, problems) ?? fromFile(name, file);
    const parsed = keys[name].schema.safeParse(given?.value);
    if (parsed.success) values[name] = parsed.data;
    else {
      for (const issue of parsed.error.issues.slice(0, MAX_PROBLEMS)) problems.push(problemLine(name, given, issue));
    }
  }
  // Each value has just been parsed by the schema that types it.
  const config = problems.length === 0 ? configOf(values as Values, folder, problems) : null;
  if (config === null || problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Every secret that is set, whether or not the rest of the configuration can be used: for what is told of a failure. */
export function givenSecrets(
  environment: Environment = process.env,
  folder: string = process.cwd(),
): readonly string[] {
  const problems: string[] = [];
  const file = readConfigFile(folder, problems);
  const givenAs = (name: KeyName) => (fromEnvironment(name, environment, problems) ?? fromFile(name, file))?.value;
  return secretsOf(Object.fromEntries(keyNames.map((name) => [name, givenAs(name)])));
}

interface Given {
  readonly value: unknown;
  /** As a person calls it: PORT, or "port" in easel.config.json. */
  readonly place: string;
}

function fromEnvironment(name: KeyName, environment: Environment, problems: string[]): Given | undefined {
  const variable = environmentName(name);
  const value = environment[variable];
  // Compose files pass unset variables on as empty ones.
  if (value !== undefined && value !== '')
    return { value: isStructured(name) ? parseJson(value, variable, problems) : value, place: variable };
  const path = 'secret' in keys[name] ? environment[`${variable}_FILE`] : undefined;
  if (path === undefined || path === '') return undefined;
  try {
    return { value: readFileSync(path, 'utf8').trim(), place: `${variable}_FILE` };
  } catch {
    problems.push(
      `${variable}_FILE names ${shorten(path)}, which cannot be read: make the file, or unset the variable.`,
    );
    return undefined;
  }
}

function fromFile(name: KeyName, file: Readonly<Record<string, unknown>>): Given | undefined {
  return Object.hasOwn(file, name) ? { value: file[name], place: `"${name}" in ${CONFIG_FILE}` } : undefined;
}

/** What has parts is JSON in the environment. */
function isStructured(name: KeyName): boolean {
  return name === 'models' || name === 'upscalers' || name === 'classifier';
}

function readConfigFile(folder: string, problems: string[]): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(join(folder, CONFIG_FILE), 'utf8');
  } catch {
    return {};
  }
  const value = parseJson(text, CONFIG_FILE, problems);
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push(`${CONFIG_FILE} must be a JSON object such as {"port": 3000}.`);
    return {};
  }
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(keys, name));
  if (unknown.length > 0) {
    const names = shorten(unknown.map((name) => `"${name}"`).join(', '));
    const verb = unknown.length === 1 ? 'is' : 'are';
    problems.push(`${names} in ${CONFIG_FILE} ${verb} not known; known are ${keyNames.join(', ')}.`);
  }
  return { ...value };
}

function parseJson(text: string, place: string, problems: string[]): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    problems.push(`${place} is not sound JSON${placeOf(error)}.`);
    return undefined;
  }
}

/** Not the parser's whole message: it quotes the text, in which secrets stand. */
function placeOf(error: unknown): string {
  const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  return position === undefined ? '' : `: character ${position} is not what belongs there`;
}

function problemLine(
  name: KeyName,
  given: Given | undefined,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
): string {
  const where = issue.path.length > 0 ? `, at ${shorten(issue.path.map(String).join('.'))},` : '';
  const shown =
    'secret' in keys[name] || typeof given?.value === 'object' || mayHavePassword(given?.value)
      ? ''
      : `, not ${shorten(JSON.stringify(given?.value) ?? 'nothing')}`;
  return `${given?.place ?? environmentName(name)}${where} ${shorten(issue.message)}${shown}.`;
}

/** An address with a name or a password, however it is written. */
function mayHavePassword(value: unknown): boolean {
  return typeof value === 'string' && /:\/\/.*@/s.test(value);
}

/** A line stays a line, whatever stands in the file. */
function shorten(text: string, length = 200): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
