import { z } from 'zod';
import { parseAspect } from '../sizes.ts';
import { defineParameter } from './parameter.ts';

const side = z.int().min(64).max(4096).multipleOf(8);

/** In pixels. `buildRecipe` chooses it: it follows the start picture where nothing else was said. */
export const size = defineParameter({
  shape: { width: side, height: side },
  options: {
    aspect: {
      type: 'string',
      maxLength: 11,
      autocomplete: 'aspect',
      description: 'Width to height, such as 16:9; the nearest size that the model knows is taken',
    },
    size: {
      type: 'string',
      maxLength: 11,
      autocomplete: 'size',
      description: 'WIDTHxHEIGHT in pixels, multiples of 8 (instead of aspect)',
    },
  },
  preferences: {
    aspect: {
      label: 'Aspect',
      option: {
        type: 'string',
        maxLength: 11,
        autocomplete: 'aspect',
        description: 'Width to height, such as 16:9',
      },
      schema: z
        .string()
        .max(11)
        .refine((text) => parseAspect(text) !== null),
    },
  },
  write: ({ width, height }) => ({ Size: `${width}x${height}` }),
  read: (settings) => {
    const given = /^(\d{1,5})x(\d{1,5})$/.exec(settings.text('Size') ?? '');
    return { width: Number(given?.[1]), height: Number(given?.[2]) };
  },
  describe: ({ width, height }) => [['Size', `${width}x${height}`]],
});
