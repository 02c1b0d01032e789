import type { Arithmetic, ExtraKind } from './engine.ts';
import { type Work, workRecipes } from './job.ts';
import type { Recipe } from './recipe.ts';
import { comesWithEasel } from './upscale-methods.ts';

/** What a worker holds beside its models, each in a file of its own. */
export type HeldKind = ExtraKind | 'upscaler' | 'arithmetic';

/** A file that a worker must have. Recipes know LoRAs and embeddings by their hash, upscalers by their name alone. */
export type Need =
  | { readonly kind: ExtraKind; readonly name: string; readonly hash: string }
  /** `arithmetic`: a model computed in it, as `computedIn` names it. */
  | { readonly kind: 'upscaler' | 'arithmetic'; readonly name: string };

/** A recipe may have shortened a hash to its first digits; so many it has at least. */
export const HASH_DIGITS = 8;

/** What a worker offers that computes a model so. */
export function computedIn(model: string, arithmetic: Arithmetic): string {
  return `${model} (${arithmetic})`;
}

/** Equal where a file that is held is the one that is needed. */
export function needKey(need: Need): string {
  const known = 'hash' in need ? need.hash.slice(0, HASH_DIGITS).toLowerCase() : need.name;
  return `${need.kind} ${known}`;
}

/** The files that the work cannot be done without beside its model, each once. */
export function needsOf(work: Work): readonly Need[] {
  const files = workRecipes(work).flatMap((recipe) => neededFor(work.kind, recipe));
  const arithmetic = 'arithmetic' in work ? work.arithmetic : undefined;
  const needs: readonly Need[] =
    arithmetic === undefined
      ? files
      : [...files, { kind: 'arithmetic', name: computedIn(work.recipe.model.name, arithmetic) }];
  return [...new Map(needs.map((need) => [needKey(need), need])).values()];
}

function neededFor(kind: Work['kind'], recipe: Recipe): readonly Need[] {
  // LoRAs are the base's: a refiner goes on without them.
  const loras = kind === 'draw' || kind === 'detail' ? recipe.loras : [];
  const embeddings = kind === 'upscale' ? [] : (recipe.embeddings ?? []);
  const method = kind === 'upscale' || kind === 'detail' ? recipe.upscale?.method : undefined;
  return [
    ...loras.map(({ name, hash }): Need => ({ kind: 'lora', name, hash })),
    ...embeddings.map(({ name, hash }): Need => ({ kind: 'embedding', name, hash })),
    ...(method === undefined || comesWithEasel(method) ? [] : [{ kind: 'upscaler', name: method } as const]),
  ];
}
