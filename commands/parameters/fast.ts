import { z } from 'zod';
import { defineParameter } from './parameter.ts';

/** Every so many steps of a fast picture the whole network is computed. */
export const FAST_DEEP_EVERY = 3;

/**
 * Deep features are kept over steps (DeepCache, Ma et al. 2023): only every so many steps the whole network is computed,
 * which is faster and less careful. Absent: at every step.
 */
export const fast = defineParameter({
  shape: { deepEvery: z.int().min(2).max(10).optional() },
  options: {
    fast: { type: 'boolean', description: 'Faster and a little less exact: coarse features are kept over steps' },
  },
  choose: (given, { start }) => {
    const deepEvery = given.fast === undefined ? start?.deepEvery : given.fast ? FAST_DEEP_EVERY : undefined;
    return deepEvery === undefined ? {} : { deepEvery };
  },
  write: (recipe) => ({ 'Deep features every': recipe.deepEvery }),
  read: (settings) => ({ deepEvery: settings.number('Deep features every') }),
  describe: ({ deepEvery }, { fields }) => [['Fast', deepEvery === undefined ? undefined : fields.fastBy(deepEvery)]],
  typed: (recipe) => (recipe.deepEvery === undefined ? null : '--fast'),
});
