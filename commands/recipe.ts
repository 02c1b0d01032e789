import { z } from 'zod';
import { type RecipeId, recipeIdSchema } from './ids.ts';
import { parameters, recipeShape } from './parameters/index.ts';
import { MAX_SEED } from './parameters/seed.ts';
import { shortDigest } from './short-digest.ts';

/** Pictures of each prompt. */
export const MAX_COUNT = 4;
/** Pictures of one request, over all prompts that its braces give: as many as a Discord message can carry. */
export const MAX_PICTURES = 10;

/**
 * Everything that determines one picture. The same recipe with the same weights gives the same picture, to the
 * rounding of the processor's arithmetic. A request for several pictures is one recipe and a count: see `pictureRecipe`.
 */
export const recipeSchema = z.strictObject(recipeShape);
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

/** What is left of a recipe when its author is forgotten: what says nothing about a person. */
export function impersonal(recipe: Recipe): Recipe {
  return recipeSchema.parse(
    Object.assign({}, ...parameters.map(({ shape, blank }) => blank ?? pick(recipe, Object.keys(shape)))),
  );
}

function pick(recipe: Recipe, keys: readonly string[]): Partial<Recipe> {
  return Object.fromEntries(Object.entries(recipe).filter(([key]) => keys.includes(key)));
}

/**
 * The recipe's short public id: depends on its content only, not on the order of its keys. Of a picture that was drawn, take
 * the id that it has: it may be an older one, or a longer one.
 */
export function recipeId(recipe: Recipe): RecipeId {
  return recipeIds(recipe)[0];
}

/**
 * The ids that a recipe may have, the shorter first: who computes for long enough finds two recipes with the same 80 bits, and the
 * second is to have an id of its own.
 */
export function recipeIds(recipe: Recipe): readonly [RecipeId, RecipeId] {
  const text = canonicalJson(recipe);
  return [recipeIdSchema.parse(shortDigest(text, 16)), recipeIdSchema.parse(shortDigest(text, 26))];
}

/** Whether two recipes are the same in every value. */
export function isSameRecipe(one: Recipe, other: Recipe): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
