import { z } from 'zod';
import { defineParameter } from './parameter.ts';

export const MAX_SEED = Number.MAX_SAFE_INTEGER;

export const seed = defineParameter({
  shape: { seed: z.int().min(0).max(MAX_SEED) },
  options: {
    seed: {
      type: 'integer',
      min: 0,
      max: MAX_SEED,
      autocomplete: 'seed',
      description: 'The same seed and options give the same picture; by default a random one',
    },
  },
  choose: (_given, choice) => ({ seed: choice.seed }),
  write: (recipe) => ({ Seed: recipe.seed }),
  read: (settings) => ({ seed: settings.number('Seed') }),
  describe: (recipe) => [['Seed', recipe.seed]],
  typed: (recipe) => `--seed ${recipe.seed}`,
});
