import { z } from 'zod';
import { recipeIdSchema } from '../ids.ts';
import { defineParameter } from './parameter.ts';

/** The enlargement after drawing. */
export const upscale = defineParameter({
  shape: {
    upscale: z
      .strictObject({
        factor: z.int().min(2).max(4),
        method: z.string().max(40),
        /** How far the enlarged picture is drawn over, as a strength: so that there is more to see. */
        detail: z.number().gt(0).max(1).optional(),
      })
      .optional(),
  },
  write: (recipe) => ({
    'Hires upscale': recipe.upscale?.factor,
    'Hires upscaler': recipe.upscale?.method,
    'Hires detail': recipe.upscale?.detail,
  }),
  read: (settings) => {
    const factor = settings.number('Hires upscale');
    const detail = settings.number('Hires detail');
    if (factor === undefined) return {};
    return {
      upscale: { factor, method: settings.text('Hires upscaler'), ...(detail === undefined ? {} : { detail }) },
    };
  },
  describe: (recipe, { fields }) => {
    const { factor, method, detail } = recipe.upscale ?? {};
    if (factor === undefined) return [];
    return [['Enlarged', [`${factor}x`, method, ...(detail === undefined ? [] : [fields.detail])].join(', ')]];
  },
});

/** What the picture was made from, and by which command. */
export const parent = defineParameter({
  shape: { parent: z.strictObject({ recipe: recipeIdSchema, by: z.string().max(32) }).optional() },
  blank: {},
  write: (recipe) => ({ Parent: recipe.parent?.recipe, 'Parent by': recipe.parent?.by }),
  read: (settings) => {
    const recipe = settings.text('Parent');
    return recipe === undefined ? {} : { parent: { recipe, by: settings.text('Parent by') } };
  },
  describe: (recipe) => [['Made from', recipe.parent && `${recipe.parent.recipe} (${recipe.parent.by})`]],
});
