import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { decodeSafetensors } from '../../inference/checkpoint/safetensors.ts';
import type { Tensor } from '../../inference/tensor.ts';
import { goldenPath } from './golden-folder.ts';

const size = z.tuple([z.number(), z.number()]);
const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const argsSchema = z.object({
  prompt: oneOrMore,
  prompt_2: z.string().optional(),
  negative_prompt: oneOrMore.optional(),
  negative_prompt_2: z.string().optional(),
  num_images_per_prompt: z.number().default(1),
  num_inference_steps: z.number(),
  guidance_scale: z.number(),
  guidance_rescale: z.number().default(0),
  denoising_end: z.number().optional(),
  denoising_start: z.number().optional(),
  strength: z.number().optional(),
  output_type: z.string().optional(),
  original_size: size.optional(),
  crops_coords_top_left: size.default([0, 0]),
  target_size: size.optional(),
  negative_original_size: size.optional(),
  negative_crops_coords_top_left: size.default([0, 0]),
  negative_target_size: size.optional(),
  aesthetic_score: z.number().default(6),
  negative_aesthetic_score: z.number().default(2.5),
  height: z.number().optional(),
  width: z.number().optional(),
  clip_skip: z.number().default(0),
});
export type Args = z.infer<typeof argsSchema>;
const indexSchema = z.object({
  cases: z.record(
    z.string(),
    z.object({
      model: z.enum(['base', 'refiner']),
      scheduler: z.string(),
      scheduler_config: z.record(z.string(), z.unknown()),
      seed: z.union([z.number(), z.array(z.number())]),
      args: argsSchema,
      randn_draws: z.array(z.array(z.number())),
    }),
  ),
});
/** Calls of diffusers' pipelines, by name: what was asked of which model. */
export const cases = { ...readCases('index.json', () => true), ...readCases('guidance_index.json', isUnderstood) };

function readCases(file: string, isMeant: (call: { readonly args: object }) => boolean) {
  // Python writes infinities, which JSON does not have; no option that Easel reads is infinite.
  const json = readFileSync(goldenPath('pipelines', file), 'utf8').replace(/: -?Infinity/g, ': null');
  const index = z.looseObject({ cases: z.record(z.string(), z.looseObject({ args: z.looseObject({}) })) });
  const { cases: all } = index.parse(JSON.parse(json));
  return indexSchema.parse({ cases: Object.fromEntries(Object.entries(all).filter(([, call]) => isMeant(call))) })
    .cases;
}

/** Whether Easel has every option of a call: the fixtures know more kinds of guidance than Easel does yet. */
function isUnderstood({ args }: { readonly args: object }): boolean {
  return argsSchema.strict().safeParse(args).success;
}

/** The tensors of a case: what diffusers was given, what it drew, and what it had on the way. */
export class Golden {
  private readonly tensors: ReadonlyMap<string, Tensor>;

  constructor(name: string) {
    this.tensors = decodeSafetensors(readFileSync(goldenPath('pipelines', `${name}.safetensors`)), name).tensors;
  }

  find(name: string): Tensor | undefined {
    return this.tensors.get(name);
  }

  read(name: string): Tensor {
    return this.find(name) ?? missing(name);
  }
}

export function missing(what: string): never {
  throw new Error(`The fixtures have no ${what}.`);
}
