import { commands, findCommand } from '../commands/index.ts';
import { commandOfReaction } from '../commands/reactions.ts';
import { isPersonal } from '../commands/request.ts';
import type { Services } from '../commands/services.ts';
import type { Logger } from '../config/index.ts';
import type { Blobs } from './blobs/blobs.ts';
import { inCommandSlot } from './command-slots.ts';
import { dispatch } from './dispatch.ts';
import type { PlatformHost } from './platform.ts';
import { suggest } from './services/suggest.ts';
import type { Store } from './store/store.ts';

/** What every platform adapter is given. */
export function createHost(parts: {
  readonly services: Services;
  readonly store: Store;
  /** As people are shown them. */
  readonly blobs: Pick<Blobs, 'get'>;
  /** Whether Easel draws where no guild sets rules. */
  readonly directMessages?: boolean;
  readonly log: Logger;
  readonly giveUp: PlatformHost['giveUp'];
}): PlatformHost {
  const { services, store, blobs, directMessages = true, log, giveUp } = parts;
  return {
    commands,
    dispatch: (request) =>
      inCommandSlot(() => dispatch(request, services, log, (asked) => directMessages || !isPersonal(asked))),
    async reactionCommand(guild, reaction) {
      return commandOfReaction(reaction, await services.settings.of(guild), commands);
    },
    async suggest(request, option, typed) {
      const definition = findCommand(request.command)?.options[option];
      if (definition === undefined || !('autocomplete' in definition) || definition.autocomplete === undefined)
        return [];
      return suggest(definition.autocomplete, typed, request, services).catch((error: unknown) => {
        log.warn({ error, option }, 'no suggestions');
        return [];
      });
    },
    readBlob: (key) => blobs.get(key),
    mayShow: (key, person) => store.pictures.isShownTo(key, person),
    keepReplyTo: (job, replyTo, message) => store.jobs.keepReplyTo(job, replyTo, message),
    giveUp,
  };
}
