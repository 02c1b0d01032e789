import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { modelAccessSchema } from '../../config/index.ts';
import { parser } from './configuration-parser.ts';
import { readJson } from './read-json.ts';

/** What a model's own `easel.json` may say of it; every key is optional. Paths are relative to the card. */
const modelCardSchema = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  licence: z.string().max(200).optional(),
  /** The refiner that goes with it, and a VAE to use instead of its own. */
  refiner: z.string().min(1).optional(),
  vae: z.string().min(1).optional(),
  /** How it was trained to predict, where its files do not say it. */
  predictionType: z.enum(['epsilon', 'v_prediction', 'sample']).optional(),
  allow: modelAccessSchema.optional(),
  /** What a recipe has where a person asks for nothing else. */
  defaults: z
    .strictObject({
      sampler: z.string().optional(),
      steps: z.int().min(1).max(200).optional(),
      guidance: z.number().min(0).max(50).optional(),
      guidanceRescale: z.number().min(0).max(1).optional(),
      refine: z.number().gt(0).lt(1).nullable().optional(),
      /** How far what is drawn around a picture goes from the colours of its edge, as a strength. */
      outpaint: z.number().gt(0).max(1).optional(),
    })
    .default({}),
  /** The sizes that it was trained on, in pixels; else they follow from its native size. */
  buckets: z
    .array(z.strictObject({ width: z.int().min(64).multipleOf(8), height: z.int().min(64).multipleOf(8) }))
    .min(1)
    .optional(),
});
export type ModelCard = z.infer<typeof modelCardSchema>;

const parse = parser(modelCardSchema);

/** Where a model's card lies: in its folder, or beside its file as `NAME.easel.json`. */
function cardPath(model: string): string {
  return model.endsWith(ENDING) ? `${model.slice(0, -ENDING.length)}.easel.json` : join(model, 'easel.json');
}

const ENDING = '.safetensors';

/** Reads a model's card, its paths made absolute; a model without one says nothing. Throws CheckpointError for a wrong value. */
export async function readModelCard(model: string): Promise<ModelCard> {
  const path = cardPath(model);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere) return { defaults: {} };
  const { refiner, vae, ...card } = parse(await readJson(path), path);
  return {
    ...card,
    ...(refiner !== undefined && { refiner: resolve(dirname(path), refiner) }),
    ...(vae !== undefined && { vae: resolve(dirname(path), vae) }),
  };
}
