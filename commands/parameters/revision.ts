import { z } from 'zod';
import { defineParameter } from './parameter.ts';

/** What recipes are made under now. */
export const LATEST_REVISION = 2;

/** How a recipe is drawn, as far as that has changed. */
export interface DrawingRules {
  /**
   * Weighted words are scaled to the mean that the prompt had without weights. SDXL's states have a mean near zero, so that
   * this multiplied whole prompts by anything, negative numbers included.
   */
  readonly restoresMean: boolean;
  /** Every sampler takes the noise that the model was trained with; before, seven took another at zero terminal SNR. */
  readonly trainedNoise: boolean;
  /** Words may change from step to step, and AND joins prompts; before, both were read as they stand. */
  readonly changesWords: boolean;
}

/**
 * The rules under which a picture is drawn, so that a recipe gives the same picture after they have changed. Absent: 1, the
 * first; such a recipe keeps its id.
 */
export const revision = defineParameter({
  shape: { revision: z.literal(LATEST_REVISION).optional() },
  choose: () => ({ revision: LATEST_REVISION }) as const,
  write: (recipe) => ({ 'Easel revision': recipe.revision }),
  read: (settings) => ({ revision: settings.number('Easel revision') }),
});

/** The rules that this recipe was made under. */
export function rulesOf({ revision }: { readonly revision?: typeof LATEST_REVISION | undefined }): DrawingRules {
  const isLatest = revision === LATEST_REVISION;
  return { restoresMean: !isLatest, trainedNoise: isLatest, changesWords: isLatest };
}
