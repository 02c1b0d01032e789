import { z } from 'zod';
import type { ModelDescription } from '../engine.ts';
import { UserError } from '../request.ts';
import { modelReferenceSchema } from './model.ts';
import { type Choice, defineParameter } from './parameter.ts';

/** The share of the steps that the base takes where "on" is all that was said; also where a hand-off is kept for later. */
const DEFAULT_REFINE = 0.8;

/** The share of the steps that the base takes before the refiner goes on; null: the base takes them all. */
export const refineSchema = z.number().gt(0).lt(1).nullable();

export const refine = defineParameter({
  shape: { refine: refineSchema, refiner: modelReferenceSchema.optional() },
  options: {
    refine: {
      type: 'string',
      maxLength: 8,
      description: 'on, auto, or the base’s share such as 0.8; by default off: Refine is a button under the picture',
    },
  },
  preferences: {
    refine: {
      label: 'Refiner',
      option: {
        type: 'string',
        maxLength: 3,
        choices: ['on', 'off'],
        description: 'Whether the refiner ends each picture',
      },
      schema: z.enum(['on', 'off']),
    },
  },
  choose: (given, choice) => {
    const share = chooseShare(given.refine, choice);
    const { refiner } = choice.model;
    return { refine: share, ...(share === null || refiner === null ? {} : { refiner }) };
  },
  write: ({ refine: share, refiner }) => ({
    Refiner: refiner?.name,
    'Refiner hash': refiner?.hash,
    'Refiner switch at': share ?? undefined,
  }),
  read: (settings) => {
    const name = settings.text('Refiner');
    return {
      refine: settings.number('Refiner switch at') ?? null,
      refiner: name === undefined ? undefined : { name, hash: settings.text('Refiner hash') },
    };
  },
  describe: ({ refine: share }, { fields }) => [
    ['Refiner', share === null ? fields.refineOff : fields.refineFrom(share)],
  ],
  typed: (recipe) => `--refine ${recipe.refine ?? 'off'}`,
});

function chooseShare(
  given: string | undefined,
  { start, model, drawsFromPicture, messages }: Choice<{ readonly refine: number | null }>,
): number | null {
  const wish = given?.trim().toLowerCase() ?? 'auto';
  if (wish === 'off') return null;
  if (wish === 'auto') {
    if (model.refiner === null || drawsFromPicture) return null;
    return start === undefined ? model.defaults.refine : start.refine;
  }
  const share = wish === 'on' ? refineShare(model) : Number(wish.replace(',', '.'));
  if (!(share > 0 && share < 1)) throw new UserError('invalid_refine', messages.recipe.refine(given ?? ''));
  if (model.refiner === null) throw new UserError('no_refiner', messages.recipe.noRefiner(model.name));
  return share;
}

/** Where the refiner goes on, where a person only says that it should. */
export function refineShare({ defaults }: ModelDescription): number {
  return defaults.refine ?? DEFAULT_REFINE;
}
