import { z } from 'zod';
import { defineParameter } from './parameter.ts';

/** What SDXL was trained with: the last layer but one. */
const USUAL = 2;
const limits = { min: 1, max: 12 };

/**
 * Which layer of the text encoders the UNet reads, counted from the end as the web UI counts: 1 is the last layer, 2 the one
 * before. Absent: 2. diffusers counts its `clip_skip` from there (3 here is 1 there),
 * and like it Easel reads the negative prompt always at 2.
 */
export const clipSkip = defineParameter({
  shape: { clipSkip: z.int().min(limits.min).max(limits.max).optional() },
  advancedOptions: {
    'clip-skip': {
      type: 'integer',
      ...limits,
      description: 'Which layer of the text encoders is read, from the end: 2 is usual, more reads less of the words',
    },
  },
  choose: (given, { start }) => {
    const chosen = given['clip-skip'] ?? start?.clipSkip ?? USUAL;
    return chosen === USUAL ? {} : { clipSkip: chosen };
  },
  write: (recipe) => ({ 'Clip skip': recipe.clipSkip }),
  read: (settings) => {
    const clipSkip = settings.number('Clip skip');
    return clipSkip === USUAL ? {} : { clipSkip };
  },
  describe: (recipe) => [['CLIP skip', recipe.clipSkip]],
  typed: (recipe) => (recipe.clipSkip === undefined ? null : `--clip-skip ${recipe.clipSkip}`),
});
