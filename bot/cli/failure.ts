import { CommanderError } from 'commander';
import { EngineError } from '../../commands/engine.ts';
import { UserError } from '../../commands/request.ts';
import { ConfigError } from '../../config/load.ts';
import { isDiskFull } from '../disk-full.ts';

/** What a shell is told: 0 done, 1 failed, 2 asked for wrongly, 130 interrupted by Ctrl-C. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** The person pressed Ctrl-C. */
export class InterruptedError extends Error {
  constructor() {
    super('Interrupted.');
    this.name = 'InterruptedError';
  }
}

/** How the program ends for an error: the code, and what is said on standard error: one line, or one for
 * each wrong setting. */
export function failureOf(error: unknown): { exitCode: number; line: string | null } {
  // Commander has written its own line by then; help and version come this way with code 0.
  if (error instanceof CommanderError) {
    return { exitCode: error.exitCode === 0 ? exitCodes.done : exitCodes.usage, line: null };
  }
  if (error instanceof InterruptedError) return { exitCode: exitCodes.interrupted, line: null };
  if (error instanceof UserError) return { exitCode: exitCodes.usage, line: error.message };
  if (error instanceof EngineError) {
    return { exitCode: error.code === 'invalid' ? exitCodes.usage : exitCodes.failed, line: error.message };
  }
  if (error instanceof ConfigError) return { exitCode: exitCodes.failed, line: error.problems.join('\neasel: ') };
  if (isDiskFull(error)) {
    const line = `${error.message}: make room, or set DATA_DIR to a folder on another disk.`;
    return { exitCode: exitCodes.failed, line };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: exitCodes.failed, line: message.split('\n', 1)[0] ?? message };
}
