import { EngineError } from '../../commands/engine.ts';

/** What a recipe needs is not here; another worker may have it. */
export class MissingFileError extends EngineError {
  constructor(noun: string, name: string) {
    super(
      'invalid',
      `The ${noun} ${name} of this recipe is not here any more, or is another file now: choose one that is.`,
    );
    this.name = 'MissingFileError';
  }
}
