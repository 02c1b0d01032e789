import { escapeInJson } from '../../config/escape-json.ts';
import { displayText } from '../display-text.ts';

let redact = (text: string): string => text;

/** What `print` and the like take out from now on, beside what would steer a terminal. */
export function hideOnTerminal(hide: (text: string) => string): void {
  redact = hide;
}

/**
 * A text as it may be shown on a terminal, wherever its words come from (files, hubs, servers, people): without the
 * configuration's secrets and without signs that a terminal obeys or that hide what they stand beside.
 */
export function forTerminal(text: string): string {
  return displayText(redact(text));
}

/** The program's answer, on standard output. */
export function print(text: string): void {
  process.stdout.write(forTerminal(text));
}

/** What is told beside the answer, on standard error. */
export function printError(text: string): void {
  process.stderr.write(forTerminal(text));
}

/** A value for programs to read, which a terminal does not obey either. */
export function printJson(value: unknown): void {
  process.stdout.write(`${escapeInJson(redact(JSON.stringify(value, null, 2)))}\n`);
}
