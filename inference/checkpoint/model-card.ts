import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parser } from './configuration-parser.ts';
import { readJson } from './read-json.ts';

/** What a model's own `easel.json` may say of it; every key is optional. */
const modelCardSchema = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  licence: z.string().max(200).optional(),
  /** What a recipe has where a person asks for nothing else. */
  defaults: z
    .strictObject({
      sampler: z.string().optional(),
      steps: z.int().min(1).max(200).optional(),
      guidance: z.number().min(0).max(50).optional(),
      guidanceRescale: z.number().min(0).max(1).optional(),
      refine: z.number().gt(0).lt(1).nullable().optional(),
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

/** Reads a model's `easel.json`; a model without one, or a single file, says nothing. Throws CheckpointError for a wrong value. */
export async function readModelCard(model: string): Promise<ModelCard> {
  const path = join(model, 'easel.json');
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  return isThere ? parse(await readJson(path), path) : { defaults: {} };
}
