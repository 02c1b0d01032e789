import { EngineError } from '../../commands/engine.ts';

/** Whether the engine says that a file cannot be used; else it is the engine that could not look, and may the next time. */
export function isOfTheFile(error: unknown): error is EngineError {
  return error instanceof EngineError && (error.code === 'checkpoint' || error.code === 'internal');
}
