import type { z } from 'zod';
import { type Recipe, recipeSchema } from '../../commands/recipe.ts';

/** A picture that the miniature draws in a moment. */
export const smallRecipe = (changes: Partial<z.input<typeof recipeSchema>> = {}): Recipe =>
  recipeSchema.parse({
    prompt: 'a cat in the snow',
    width: 128,
    height: 128,
    steps: 4,
    guidance: 5,
    guidanceRescale: 0,
    sampler: 'euler',
    seed: 7,
    refine: null,
    model: { name: 'mini', hash: '' },
    loras: [],
    ...changes,
  });
