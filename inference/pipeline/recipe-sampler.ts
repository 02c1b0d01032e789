import { rulesOf } from '../../commands/parameters/revision.ts';
import type { Recipe } from '../../commands/recipe.ts';
import type { SchedulerConfig } from '../checkpoint/configuration.ts';
import type { Sampler } from '../sampling/sampler.ts';
import { createSampler } from '../sampling/samplers.ts';

/** A recipe's sampler over the noise of this model; throws as `createSampler`. */
export function recipeSampler(recipe: Recipe, model: SchedulerConfig): Sampler {
  const { trainedNoise } = rulesOf(recipe);
  return createSampler(recipe.sampler, model, recipe.steps, { trainedNoise });
}
