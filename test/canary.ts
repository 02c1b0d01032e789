import type { ChildProcess } from 'node:child_process';
import { createLogger, type Logger } from '../config/logger.ts';

/**
 * Every secret that a test gives to Easel (tokens, passwords, keys, an interaction's token) has this word in it. No log, no
 * error and no output of a program may hold it, whatever the test is about: `canary-setup.ts` looks after every test at
 * what was logged here, `canary-run.ts` at all that the whole run prints.
 */
export const CANARY = 'c4nary';

const heard: string[] = [];

/** What was logged or printed with a secret in it since the last call. */
export function takeHeard(): readonly string[] {
  return heard.splice(0);
}

function listen(text: string): void {
  if (text.includes(CANARY)) heard.push(text.slice(0, 2_000));
}

/**
 * The program's log for what is tested, except that it knows no secrets: what it takes out by itself is not to get there.
 * `keep` is given its lines, `fields` what each says beside its own.
 */
export function watchedLog(keep: (line: string) => void = () => {}, fields: () => object = () => ({})): Logger {
  const write = (line: string): void => {
    listen(line);
    keep(line);
  };
  const log = createLogger({ logLevel: 'debug', secrets: [] }, { destination: { write }, fields });
  log.level = 'trace';
  return log;
}

/** Listens to all that a program prints on the streams that are piped; to be called when it has just been started. */
export function watchOutput(child: ChildProcess): void {
  for (const stream of [child.stdout, child.stderr]) {
    let line = '';
    stream?.on('data', (chunk) => {
      const lines = `${line}${chunk}`.split('\n');
      line = lines.pop() ?? '';
      for (const each of lines) listen(each);
    });
    stream?.once('end', () => listen(line));
  }
}
