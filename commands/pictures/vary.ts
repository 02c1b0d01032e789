import { defineCommand } from '../command.ts';
import type { Recipe } from '../recipe.ts';
import { submit } from '../submit.ts';
import { findPicture, requireKept, targetOption } from '../targets.ts';

/** How far picture to picture goes from the parent. */
const strengths = { subtle: 0.45, strong: 0.75 } as const;

/** Draws a picture again from itself, with new noise: near to it or far from it. */
export const vary = defineCommand({
  name: 'vary',
  description: 'Draw a variation of a picture',
  options: {
    target: targetOption,
    change: {
      type: 'string',
      maxLength: 6,
      choices: ['subtle', 'strong'],
      description: 'How much may change; strong by default',
    },
  },
  permission: 'everyone',
  onPicture: { label: 'Vary', reactions: ['twisted_rightwards_arrows'] },
  async run(request, options, services) {
    const { picture, job } = await findPicture(options.target, request, services);
    requireKept(picture, request);
    const { upscale: _upscale, refiner: _refiner, mask: _mask, feather: _feather, ...recipe } = picture.recipe;
    const strength = options.change === 'subtle' ? strengths.subtle : strengths.strong;
    const varied: Recipe = {
      ...recipe,
      // The parent's picture has been refined, if it has, so the base alone varies it.
      refine: null,
      seed: services.randomSeed(),
      init: { picture: picture.blob, strength: Math.max(strength, 1 / recipe.steps) },
      parent: { recipe: picture.recipeId, by: 'vary' },
    };
    return submit(request, services, { kind: 'draw', recipe: varied, count: 1 }, job.visibility);
  },
});
