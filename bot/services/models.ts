import type { ModelDescription } from '../../commands/engine.ts';
import { UserError } from '../../commands/request.ts';
import type { ModelService } from '../../commands/services.ts';
import type { ModelStore } from '../store/store.ts';

/** What workers offer changes when they come and go, not from one request to the next. */
const KEEP_MS = 5_000;

/** The models that are configured, as the workers that serve them describe them. */
export function createModelService(store: ModelStore, configured: readonly string[]): ModelService {
  let known: ReadonlyMap<string, ModelDescription> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;

  const describe = async (name = configured[0] ?? ''): Promise<ModelDescription> => {
    if (performance.now() - readAt > KEEP_MS || !known.has(name)) {
      known = new Map((await store.available()).map((model) => [model.name, model.description]));
      readAt = performance.now();
    }
    const found = known.get(name);
    if (found !== undefined) return found;
    throw new UserError(
      'unknown_model',
      configured.includes(name)
        ? `No worker serves the model ${name} at the moment: try again in a minute.`
        : `There is no model ${JSON.stringify(name.slice(0, 60))} here; there are: ${configured.join(', ')}.`,
    );
  };
  return { names: () => configured, describe };
}
