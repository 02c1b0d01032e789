import { z } from 'zod';
import { blobKeySchema, type RecipeId, recipeIdSchema } from './ids.ts';
import { shortDigest } from './short-digest.ts';

export const MAX_SEED = Number.MAX_SAFE_INTEGER;
export const MAX_PROMPT_LENGTH = 4000;
/** Pictures of each prompt. */
export const MAX_COUNT = 4;
/** Pictures of one request, over all prompts that its braces give: as many as a Discord message can carry. */
export const MAX_PICTURES = 10;
export const MAX_LORAS = 8;
/** Beyond these a LoRA gives noise. */
export const MAX_LORA_WEIGHT = 4;
export const MAX_EMBEDDINGS = 16;

/** A model as a recipe names it: what people call it, and the SHA-256 (or its first digits) of its weights. */
export const modelReferenceSchema = z.strictObject({ name: z.string().min(1).max(200), hash: z.string().max(64) });
export type ModelReference = z.infer<typeof modelReferenceSchema>;

const side = z.int().min(64).max(4096).multipleOf(8);

/** A rectangle of a picture, in pixels. */
export const placeSchema = z.strictObject({
  x: z.int().min(0).max(4096),
  y: z.int().min(0).max(4096),
  width: z.int().min(8).max(4096),
  height: z.int().min(8).max(4096),
});
export type Place = z.infer<typeof placeSchema>;

/** The share of the steps that the base takes before the refiner goes on; null: the base takes them all. */
export const refineSchema = z.number().gt(0).lt(1).nullable();

/**
 * Everything that determines one picture. The same recipe with the same weights gives the same picture, to the
 * rounding of the processor's arithmetic. A request for several pictures is one recipe and a count: see `pictureRecipe`.
 */
export const recipeSchema = z.strictObject({
  prompt: z.string().max(MAX_PROMPT_LENGTH),
  /** For the second text encoder, where it differs. */
  prompt2: z.string().max(MAX_PROMPT_LENGTH).optional(),
  /** Absent and empty differ: absent lets the model zero the unconditional embedding, empty encodes ''. */
  negative: z.string().max(MAX_PROMPT_LENGTH).optional(),
  negative2: z.string().max(MAX_PROMPT_LENGTH).optional(),
  width: side,
  height: side,
  steps: z.int().min(1).max(200),
  guidance: z.number().min(0).max(50),
  guidanceRescale: z.number().min(0).max(1),
  /** An id of the engine's list (ModelDescription.samplers). */
  sampler: z.string().min(1).max(40),
  seed: z.int().min(0).max(MAX_SEED),
  refine: refineSchema,
  model: modelReferenceSchema,
  refiner: modelReferenceSchema.optional(),
  loras: z
    .array(modelReferenceSchema.extend({ weight: z.number().min(-MAX_LORA_WEIGHT).max(MAX_LORA_WEIGHT) }))
    .max(MAX_LORAS),
  /** Names in the prompts that stand for vectors of their own; what is not listed here is plain text. */
  embeddings: z.array(modelReferenceSchema).max(MAX_EMBEDDINGS).optional(),
  /** Only every so many steps the whole network is computed, which is faster and less careful; absent: at every step. */
  deepEvery: z.int().min(2).max(10).optional(),
  /** Picture to picture: the start, and how far from it (1: all the way). */
  init: z
    .strictObject({
      picture: blobKeySchema,
      strength: z.number().gt(0).max(1),
      /** Where it lies where it does not fill the picture: what is around it is drawn. */
      place: placeSchema.optional(),
    })
    .optional(),
  /** Where to draw (white) and what to keep (black); only with `init`, and not with its `place`. */
  mask: blobKeySchema.optional(),
  /**
   * Over how many pixels what is drawn fades into what is kept, which is the start picture's own pixels. Absent: the whole
   * picture is as the autoencoder gives it.
   */
  feather: z.int().min(1).max(512).optional(),
  /** What this was made from, and by which command. */
  parent: z.strictObject({ recipe: recipeIdSchema, by: z.string().max(32) }).optional(),
  /** The enlargement after drawing; absent: none. */
  upscale: z
    .strictObject({
      factor: z.int().min(2).max(4),
      method: z.string().max(40),
      /** How far the enlarged picture is drawn over, as a strength: so that there is more to see. */
      detail: z.number().gt(0).max(1).optional(),
    })
    .optional(),
});
export type Recipe = z.infer<typeof recipeSchema>;

/** In what the pictures of one request may differ. */
export const pictureTextsSchema = recipeSchema.pick({
  prompt: true,
  prompt2: true,
  negative: true,
  negative2: true,
  seed: true,
  loras: true,
  embeddings: true,
});
export type PictureTexts = z.infer<typeof pictureTextsSchema>;

/** The recipe of the picture with this index: pictures of one request take seeds S, S+1, ... (wrapping after 2^53 - 1). */
export function pictureRecipe(recipe: Recipe, index: number): Recipe {
  return { ...recipe, seed: seedAfter(recipe.seed, index) };
}

/** The seed `index` places after this one; after the largest comes 0. */
export function seedAfter(seed: number, index: number): number {
  const room = MAX_SEED - seed;
  return index <= room ? seed + index : index - room - 1;
}

/** The recipe with these texts, and none of its own. */
export function withTexts(recipe: Recipe, texts: PictureTexts): Recipe {
  const { prompt2: _prompt2, negative: _negative, negative2: _negative2, embeddings: _embeddings, ...shared } = recipe;
  return { ...shared, ...texts };
}

/** The recipe's short public id: depends on its content only, not on the order of its keys. */
export function recipeId(recipe: Recipe): RecipeId {
  return recipeIdSchema.parse(shortDigest(canonicalJson(recipe), 10));
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
