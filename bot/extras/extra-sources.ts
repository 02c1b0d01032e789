import type { EmbeddingSource, ModelSource } from '../../commands/engine.ts';
import type { Recipe } from '../../commands/recipe.ts';
import type { ExtraShelf } from './extra-shelf.ts';

/** The model with the recipe's LoRAs. They are the base's: the refiner goes on without them. */
export async function withLoras(
  model: ModelSource,
  { loras }: Recipe,
  extras: Pick<ExtraShelf, 'find'>,
): Promise<ModelSource> {
  if (loras.length === 0) return model;
  const found = loras.map(async (lora) => ({ path: await extras.find('lora', lora), weight: lora.weight }));
  return { ...model, loras: await Promise.all(found) };
}

/** Where the recipe's embeddings lie. */
export function embeddingSources(
  { embeddings = [] }: Recipe,
  extras: Pick<ExtraShelf, 'find'>,
): Promise<readonly EmbeddingSource[]> {
  return Promise.all(
    embeddings.map(async (embedding) => ({
      name: embedding.name,
      path: await extras.find('embedding', embedding),
    })),
  );
}
