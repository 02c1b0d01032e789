import { createHash } from 'node:crypto';
import { z } from 'zod';
import { blobKeySchema, type RecipeId, recipeIdSchema } from './ids.ts';

export const MAX_SEED = Number.MAX_SAFE_INTEGER;
export const MAX_PROMPT_LENGTH = 4000;
export const MAX_COUNT = 4;

/** A model as a recipe names it: what people call it, and the SHA-256 (or its first digits) of its weights. */
export const modelReferenceSchema = z.strictObject({ name: z.string().min(1).max(200), hash: z.string().max(64) });
export type ModelReference = z.infer<typeof modelReferenceSchema>;

const side = z.int().min(64).max(4096).multipleOf(8);

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
  loras: z.array(modelReferenceSchema.extend({ weight: z.number().min(-4).max(4) })).max(8),
  /** Picture to picture: the start, and how far from it (1: all the way). */
  init: z.strictObject({ picture: blobKeySchema, strength: z.number().gt(0).max(1) }).optional(),
  /** Where to draw (white) and what to keep (black); only with `init`. */
  mask: blobKeySchema.optional(),
  /** What this was made from, and by which command. */
  parent: z.strictObject({ recipe: recipeIdSchema, by: z.string().max(32) }).optional(),
  /** The enlargement after drawing; absent: none. */
  upscale: z.strictObject({ factor: z.int().min(2).max(4), method: z.string().max(40) }).optional(),
});
export type Recipe = z.infer<typeof recipeSchema>;

/** The recipe of the picture with this index: pictures of one request take seeds S, S+1, ... (wrapping after 2^53 - 1). */
export function pictureRecipe(recipe: Recipe, index: number): Recipe {
  const room = MAX_SEED - recipe.seed;
  return { ...recipe, seed: index <= room ? recipe.seed + index : index - room - 1 };
}

/** The recipe's short public id: depends on its content only, not on the order of its keys. */
export function recipeId(recipe: Recipe): RecipeId {
  const digest = createHash('sha256').update(canonicalJson(recipe)).digest();
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  let bits = BigInt(`0x${digest.subarray(0, 8).toString('hex')}`) >> 14n;
  let text = '';
  for (let i = 0; i < 10; i++) {
    text = alphabet.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return recipeIdSchema.parse(text);
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
