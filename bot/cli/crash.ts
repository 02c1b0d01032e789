import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { displayText } from '../display-text.ts';
import { exitCodes } from './failure.ts';

/**
 * The last words of a program that breaks where nobody expected it. Node would print the whole error, and libraries hang
 * what they were doing on theirs: ioredis the command AUTH with its password.
 */
export function tellCrashes(redact: (text: string) => string): void {
  process.on('uncaughtException', (error) => {
    writeSync(process.stderr.fd, displayText(redact(`easel: this is a fault of Easel's: ${inspect(error)}\n`)));
    process.exit(exitCodes.failed);
  });
}
