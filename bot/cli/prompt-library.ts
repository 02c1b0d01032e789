import type { Engine, ModelSource } from '../../commands/engine.ts';
import type { PromptLibrary } from '../../commands/extras.ts';
import type { Extra } from '../../commands/services.ts';
import type { Config } from '../../config/index.ts';
import { EXTRA_ENDING, ExtraShelf } from '../extras/extra-shelf.ts';
import { listNames } from '../extras/list-names.ts';
import { createWildcardService } from '../services/wildcards.ts';
import { printError } from './terminal.ts';

/** What the configured folders hold for one model, of which only that is described which `typed` can mean. */
export async function openLibrary(
  { loraDir, embeddingDir, wildcardDir }: Pick<Config, 'loraDir' | 'embeddingDir' | 'wildcardDir'>,
  engine: Engine,
  model: { readonly name: string; readonly source: ModelSource },
  typed: string,
): Promise<{ readonly library: PromptLibrary; readonly shelf: ExtraShelf }> {
  const shelf = new ExtraShelf({
    folders: { lora: loraDir, embedding: embeddingDir },
    models: () => new Map([[model.name, model.source]]),
    engine,
    warn: (problem) => printError(`${problem}\n`),
  });
  // A wildcard's line may name any of them.
  const names = typed.toLowerCase();
  await shelf.refresh((name) => names.includes('__') || names.includes(name.toLowerCase()));
  const offers = shelf.offers();
  return {
    shelf,
    library: {
      model: model.name,
      loras: [...offers.filter(({ kind }) => kind === 'lora'), ...(await unread(loraDir, model.name))],
      embeddings: offers.filter(({ kind, models }) => kind === 'embedding' && models.includes(model.name)),
      wildcards: createWildcardService(wildcardDir),
    },
  };
}

/** The others' names: to be told what there is, nobody has to read them. */
async function unread(folder: string, model: string): Promise<readonly Extra[]> {
  return (await listNames(folder, EXTRA_ENDING)).map(({ name }) => ({ name, hash: '', models: [model] }));
}
