import { z } from 'zod';
import { defineParameter } from './parameter.ts';

/** How far guided predictions are brought back to the spread of the conditional ones (Lin et al. 2023, section 3.4). */
export const guidanceRescale = defineParameter({
  shape: { guidanceRescale: z.number().min(0).max(1) },
  advancedOptions: {
    'guidance-rescale': {
      type: 'number',
      min: 0,
      max: 1,
      description: 'Tames colours that strong guidance burns: 0 is off, 0.7 is usual',
    },
  },
  choose: (given, { start, model }) => ({
    guidanceRescale: given['guidance-rescale'] ?? start?.guidanceRescale ?? model.defaults.guidanceRescale,
  }),
  write: (recipe) => ({ 'CFG rescale': recipe.guidanceRescale || undefined }),
  read: (settings) => ({ guidanceRescale: settings.number('CFG rescale') ?? 0 }),
  describe: (recipe) => [['Guidance rescale', recipe.guidanceRescale || undefined]],
  typed: (recipe) => (recipe.guidanceRescale === 0 ? null : `--guidance-rescale ${recipe.guidanceRescale}`),
});
