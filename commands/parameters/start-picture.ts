import { z } from 'zod';
import { blobKeySchema } from '../ids.ts';
import { defineParameter } from './parameter.ts';

/** How far picture to picture goes where nothing was said. */
export const DEFAULT_STRENGTH = 0.6;
/** Under a mask something else is wanted, not the same again. */
export const MASK_STRENGTH = 0.9;

export const strengthLimits = { min: 0.01, max: 1 } as const;

/** A rectangle of a picture, in pixels. */
const placeSchema = z.strictObject({
  x: z.int().min(0).max(4096),
  y: z.int().min(0).max(4096),
  width: z.int().min(8).max(4096),
  height: z.int().min(8).max(4096),
});
export type Place = z.infer<typeof placeSchema>;

/** Picture to picture. `buildRecipe` chooses it, because it depends on the size and the steps. */
export const startPicture = defineParameter({
  shape: {
    /** The start, and how far from it (1: all the way). */
    init: z
      .strictObject({
        picture: blobKeySchema,
        strength: z.number().gt(0).max(1),
        /** Where it lies where it does not fill the picture: what is around it is drawn. */
        place: placeSchema.optional(),
      })
      .optional(),
    /** Where to draw (white) and what to keep (black); only with `init`, and not with its `place`. */
    mask: blobKeySchema.optional(),
    /**
     * Over how many pixels what is drawn fades into what is kept, which is the start picture's own pixels. Absent: the
     * whole picture is as the autoencoder gives it.
     */
    feather: z.int().min(1).max(512).optional(),
  },
  options: {
    picture: {
      type: 'attachment',
      description: 'A picture to start from; where it is transparent, only that is drawn',
    },
    mask: { type: 'attachment', description: 'What of it to draw anew: white on black, or a hole in a picture' },
    strength: {
      type: 'number',
      ...strengthLimits,
      description: 'How far from that picture: 0.01 is hardly, 1 is all the way',
    },
  },
  blank: {},
  write: ({ init, mask, feather }) => ({
    'Denoising strength': init?.strength,
    'Init image': init?.picture,
    'Init place': init?.place && formatPlace(init.place),
    Mask: mask,
    'Mask blur': feather,
  }),
  read: (settings) => {
    const strength = settings.number('Denoising strength');
    const place = parsePlace(settings.text('Init place'));
    return {
      init:
        strength === undefined
          ? undefined
          : { picture: settings.text('Init image'), strength, ...(place && { place }) },
      mask: settings.text('Mask'),
      feather: settings.number('Mask blur'),
    };
  },
  describe: ({ init, mask }, { fields }) => {
    const place = init?.place;
    return [
      ['Strength', init?.strength],
      ['Extended from', place && fields.place(place.width, place.height, place.x, place.y)],
      ['Drawn only', mask && fields.maskValue],
    ];
  },
  typed: ({ init }) => (init === undefined ? null : `--strength ${init.strength}`),
});

/** As X11 writes a rectangle: `128x128+64+64`. */
function formatPlace({ width, height, x, y }: Place): string {
  return `${width}x${height}+${x}+${y}`;
}

function parsePlace(text: string | undefined): Record<keyof Place, number> | undefined {
  if (text === undefined) return undefined;
  const [, width, height, x, y] = /^(\d{1,5})x(\d{1,5})\+(\d{1,5})\+(\d{1,5})$/.exec(text) ?? [];
  return { width: Number(width), height: Number(height), x: Number(x), y: Number(y) };
}
