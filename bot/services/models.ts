import type { ModelDescription } from '../../commands/engine.ts';
import { messagesFor } from '../../commands/locale/index.ts';
import { type Asker, mayUse } from '../../commands/model-access.ts';
import { UserError } from '../../commands/request.ts';
import type { ModelService } from '../../commands/services.ts';
import type { ModelStore } from '../store/store.ts';

/** What workers offer changes when they come and go, not from one request to the next. */
const KEEP_MS = 5_000;

/** The models that workers serve, as these describe them: the configured ones first, in their order. */
export function createModelService(store: ModelStore, configured: readonly string[]): ModelService {
  let known: ReadonlyMap<string, ModelDescription> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;

  const read = async (wanted: string | undefined): Promise<void> => {
    const isKnown = wanted === undefined ? known.size > 0 : known.has(wanted);
    if (isKnown && performance.now() - readAt <= KEEP_MS) return;
    const offered = new Map((await store.available()).map(({ name, description }) => [name, description]));
    const inOrder = [...configured.filter((name) => offered.has(name)), ...offered.keys()];
    known = new Map(inOrder.flatMap((name) => [[name, offered.get(name)] as const]).filter(isOffered));
    readAt = performance.now();
  };
  const usable = (asker: Asker): readonly string[] =>
    [...known].filter(([, { allow }]) => mayUse(allow, asker)).map(([name]) => name);

  return {
    async names(asker) {
      await read(undefined);
      return usable(asker);
    },
    async describe(asker, name) {
      await read(name);
      const { rules } = messagesFor(asker.actor.locale);
      const names = usable(asker);
      const wanted = name ?? names[0] ?? configured[0] ?? '';
      const found = names.includes(wanted) ? known.get(wanted) : undefined;
      if (found !== undefined) return found;
      throw new UserError(
        'unknown_model',
        configured.includes(wanted) && !known.has(wanted) ? rules.modelAway(wanted) : rules.unknownModel(wanted, names),
      );
    },
  };
}

function isOffered(entry: readonly [string, ModelDescription | undefined]): entry is [string, ModelDescription] {
  return entry[1] !== undefined;
}
