import { EngineError, type EngineErrorCode } from '../../commands/engine.ts';
import { CheckpointError } from '../checkpoint/errors.ts';
import { WeightsMismatchError } from '../graph/bind-weights.ts';
import { SessionError } from '../graph/session.ts';
import { isOutOfMemory } from '../out-of-memory.ts';

/** What an error of the engine's insides is to the bot: a code to act on and one message for a person. */
export function failureOf(error: unknown): { code: EngineErrorCode; message: string; subject?: string } {
  if (error instanceof EngineError) {
    const { code, message, subject } = error;
    return { code, message, ...(subject !== undefined && { subject }) };
  }
  if (error instanceof CheckpointError || error instanceof WeightsMismatchError) {
    return { code: 'checkpoint', message: error.message };
  }
  if (error instanceof SessionError && error.reason !== 'failed') return { code: error.reason, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  if (isOutOfMemory(message)) {
    return {
      code: 'out_of_memory',
      message: 'The picture needs more memory than this machine has: ask for a smaller size or fewer pictures at once.',
    };
  }
  return { code: 'internal', message: `The engine failed: ${message.split('\n', 1)[0]}` };
}
