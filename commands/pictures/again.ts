import { defineCommand } from '../command.ts';
import { drawWork } from '../draw-work.ts';
import { pictureCount, type Work } from '../job.ts';
import { type Recipe, seedAfter } from '../recipe.ts';
import { submit } from '../submit.ts';
import { findPicture, targetOption } from '../targets.ts';

/** The same recipe with a new seed; a request for several pictures gives as many again. */
export const again = defineCommand({
  name: 'again',
  description: 'Draw the same again with a new seed',
  options: { target: targetOption },
  permission: 'everyone',
  onPicture: { label: 'Again', reactions: ['repeat'] },
  async run(request, options, services) {
    const { picture, job } = await findPicture(options.target, request, services, 'first');
    const { upscale: _upscale, ...drawn } = picture.recipe;
    const recipe: Recipe = { ...drawn, parent: { recipe: picture.recipeId, by: 'again' } };
    return submit(request, services, workAgain(job.work, recipe, services.randomSeed()), job.visibility);
  },
});

function workAgain(work: Work, recipe: Recipe, seed: number): Work {
  const variants = work.kind === 'draw' ? work.variants : undefined;
  if (variants === undefined) return { kind: 'draw', recipe: { ...recipe, seed }, count: pictureCount(work) };
  // Those that shared a seed share one again.
  const seeds = [...new Set(variants.map((texts) => texts.seed))];
  return drawWork(
    recipe,
    variants.map((texts) => ({ ...texts, seed: seedAfter(seed, seeds.indexOf(texts.seed)) })),
  );
}
