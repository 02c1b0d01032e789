import type { Logger } from '../../config/index.ts';
import { type Repeated, repeat } from '../repeat.ts';
import { DatabaseError } from './database.ts';
import type { Store } from './store.ts';

const LOOK_MS = 10_000;

/**
 * Ends this program in good order when a newer Easel has brought the database up to date meanwhile: what it would read and
 * write from then on, it cannot know. Bots and workers speak through the store, so a change of what they say to one
 * another (`Work`, above all) comes with a migration, and is met here by all who do not understand it.
 */
export function watchVersion(parts: {
  readonly store: Pick<Store, 'requireCurrent'>;
  readonly giveUp: (error: Error) => void;
  readonly log: Logger;
  readonly everyMilliseconds?: number;
}): Pick<Repeated, 'stop'> {
  const { store, giveUp, log, everyMilliseconds = LOOK_MS } = parts;
  const onError = (error: unknown): void => {
    if (error instanceof DatabaseError) giveUp(error);
    else log.debug({ error }, 'the version of the database could not be read');
  };
  return repeat(everyMilliseconds, () => store.requireCurrent(), onError);
}
