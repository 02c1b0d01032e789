import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Checkpoint } from '../../inference/checkpoint/checkpoint.ts';
import { readTextEncoder, readUnet, readVae } from '../../inference/checkpoint/folder.ts';
import { parseSchedulerConfig } from '../../inference/checkpoint/parse-pipeline-configuration.ts';
import { decodeSafetensors } from '../../inference/checkpoint/safetensors.ts';
import { StepBatcher } from '../../inference/engine/step-batcher.ts';
import { denoise, type Guidance } from '../../inference/pipeline/denoise.ts';
import { type Inpainting, latentMask } from '../../inference/pipeline/inpaint.ts';
import { decodeLatent, encodePicture } from '../../inference/pipeline/latents.ts';
import { createNetworks, type Networks } from '../../inference/pipeline/networks.ts';
import { embedChunk, type TextEmbedding, zeroed } from '../../inference/pipeline/text.ts';
import { baseTimeIds, refinerTimeIds } from '../../inference/pipeline/time-ids.ts';
import type { UnetBatch } from '../../inference/pipeline/unet.ts';
import { samplerOfClass } from '../../inference/sampling/diffusers-classes.ts';
import { TorchGenerator } from '../../inference/sampling/noise.ts';
import { callRange } from '../../inference/sampling/range.ts';
import { addNoise } from '../../inference/sampling/schedule.ts';
import { weightedSum } from '../../inference/sampling/vector.ts';
import { concatenate, rowOf, type Tensor } from '../../inference/tensor.ts';
import type { Chunk } from '../../inference/text/chunks.ts';
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
});
type Args = z.infer<typeof argsSchema>;
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
// Python writes infinities, which JSON does not have; no option that Easel reads is infinite.
const json = readFileSync(goldenPath('pipelines/index.json'), 'utf8').replace(/: -?Infinity/g, ': null');
const index = indexSchema.parse(JSON.parse(json));

/** README of the golden data: latents and pictures. */
const LATENT_LIMIT = 1e-3;
const PICTURE_LIMIT = 1e-4;
const UNET_LIMIT = 5e-5;

const models = new Map<string, Promise<Networks>>();
function networksOf(kind: 'base' | 'refiner', scheduler: unknown): Promise<Networks> {
  let networks = models.get(kind);
  if (networks === undefined) {
    networks = openParts(kind, scheduler);
    models.set(kind, networks);
  }
  return networks;
}

async function openParts(kind: 'base' | 'refiner', scheduler: unknown): Promise<Networks> {
  const files = {
    config: { modelMaxLength: 77, bosToken: '', eosToken: '', unkToken: '', padToken: '' },
    vocabulary: new Map(),
    merges: [],
  };
  const common = {
    path: goldenPath('models'),
    unet: await readUnet(goldenPath('models', kind === 'base' ? 'unet' : 'refiner_unet')),
    vae: await readVae(goldenPath('models/vae')),
    textEncoder2: await readTextEncoder(goldenPath('models/text_encoder_2')),
    tokenizer2: files,
    scheduler: parseSchedulerConfig(scheduler, 'index.json'),
    pipeline: { forceZerosForEmptyPrompt: kind === 'base', requiresAestheticsScore: kind === 'refiner' },
  };
  const checkpoint: Checkpoint =
    kind === 'base'
      ? { kind, ...common, tokenizer: files, textEncoder: await readTextEncoder(goldenPath('models/text_encoder')) }
      : { kind, ...common };
  return createNetworks(checkpoint, { provider: 'cpu', threads: 1 });
}

describe('pipelines draw what diffusers draws', () => {
  for (const [name, { model, scheduler, scheduler_config, seed, args }] of Object.entries(index.cases)) {
    it(name, async () => {
      const golden = decodeSafetensors(readFileSync(goldenPath('pipelines', `${name}.safetensors`)), name).tensors;
      const schedulerFile = { _class_name: scheduler, ...scheduler_config };
      const networks = await networksOf(model, schedulerFile);
      const sampler = samplerOfClass(parseSchedulerConfig(schedulerFile, name), args.num_inference_steps);
      const image = golden.get('in/image');
      const mask = golden.get('in/mask_image');
      const pictures = args.prompt.length * args.num_images_per_prompt;
      const shape = latentShape(networks, args, image);
      const noises = noiseSources(seed, pictures, shape);
      const { numTrainTimesteps } = networks.checkpoint.scheduler;
      const range = callRange(sampler.schedule, args.num_inference_steps, numTrainTimesteps, {
        ...(args.denoising_end !== undefined && { end: args.denoising_end }),
        ...(args.denoising_start !== undefined && { start: args.denoising_start }),
        ...(args.strength !== undefined && args.denoising_start === undefined && { strength: args.strength }),
      });

      const batches: { batch: UnetBatch; output: Tensor }[] = [];
      const real = await networks.unet();
      const unet: typeof real = {
        async forward(batch) {
          const output = await real.forward(batch);
          batches.push({ batch, output: output.prediction });
          return output;
        },
      };
      const batcher = new StepBatcher(pictures);
      const steps: Tensor[][] = [];
      const finals = await Promise.all(
        noises.map(async (noise, picture) => {
          let latent: Tensor;
          let inpainting: Inpainting | null = null;
          if (image === undefined) latent = weightedSum([sampler.schedule.initialNoiseSigma, noise()]);
          else if (args.denoising_start !== undefined) latent = image;
          else {
            const start = await encodePicture(networks, image, noise);
            const added = noise();
            latent =
              mask && args.strength === 1
                ? weightedSum([sampler.schedule.initialNoiseSigma, added])
                : addNoise(sampler.schedule, start, added, range.from);
            if (mask) {
              inpainting = { picture: start, noise: added, mask: latentMask(mask) };
              noise();
            }
          }
          const before: Tensor[] = [];
          const last = await denoise({
            unet,
            predict: (network, call) => batcher.predict(network, call),
            sampler,
            run: { ...range, latent, noise },
            guidance: await guidanceFor(
              networks,
              golden,
              args,
              Math.floor(picture / args.num_images_per_prompt),
              shape,
            ),
            inpainting,
            signal: new AbortController().signal,
            beforeCall: (call) => before.push(call.latent),
          });
          steps[picture] = [...before.slice(1), last];
          return last;
        }),
      );

      expectFirstCall(batches[0], golden);
      const expectedSteps = golden.get('latents_per_step') ?? fail('latents_per_step');
      for (const [picture, latents] of steps.entries()) {
        for (const [step, latent] of latents.entries()) {
          const expected = rowOf(dropFirst(rowOf(expectedSteps, step)), picture);
          expect(largestDifference(latent, expected), `latent of picture ${picture} after step ${step}`).toBeLessThan(
            LATENT_LIMIT,
          );
        }
      }
      const expected = golden.get('final') ?? fail('final');
      for (const [picture, latent] of finals.entries()) {
        if (args.output_type === 'latent') {
          expect(largestDifference(latent, rowOf(expected, picture))).toBeLessThan(LATENT_LIMIT);
        } else {
          expect(largestDifference(await decodeLatent(networks, latent), rowOf(expected, picture))).toBeLessThan(
            PICTURE_LIMIT,
          );
        }
      }
    });
  }
});

function latentShape(
  { checkpoint }: Networks,
  { height, width, denoising_start }: Args,
  image: Tensor | undefined,
): readonly number[] {
  if (image === undefined) return [1, checkpoint.unet.config.inChannels, (height ?? 0) / 8, (width ?? 0) / 8];
  const [, , h = 0, w = 0] = image.shape;
  return denoising_start === undefined ? [1, checkpoint.unet.config.inChannels, h / 8, w / 8] : image.shape;
}

/** One source a picture: of its own generator, or its rows of what one generator draws for the whole batch. */
function noiseSources(seed: number | number[], pictures: number, shape: readonly number[]): (() => Tensor)[] {
  if (Array.isArray(seed)) {
    return seed.map((one) => {
      const generator = new TorchGenerator(one);
      return () => generator.randn(shape);
    });
  }
  const generator = new TorchGenerator(seed);
  const drawn: Tensor[] = [];
  return Array.from({ length: pictures }, (_, picture) => {
    let draws = 0;
    return () => {
      const draw = draws++;
      drawn[draw] ??= generator.randn([pictures, ...shape.slice(1)]);
      return rowOf(drawn[draw], picture);
    };
  });
}

async function guidanceFor(
  networks: Networks,
  golden: ReadonlyMap<string, Tensor>,
  args: Args,
  prompt: number,
  shape: readonly number[],
): Promise<Guidance> {
  const { checkpoint } = networks;
  const embed = (first: string, second: string): Promise<TextEmbedding> => {
    const chunk = (encoder: 1 | 2, text: string): Chunk => {
      const ids = Array.from(golden.get(`ids${encoder}/${text}`)?.data ?? fail(`ids${encoder}/${text}`));
      return { ids, weights: ids.map(() => 1) };
    };
    return embedChunk(networks, checkpoint.kind === 'base' ? [chunk(1, first), chunk(2, second)] : [chunk(2, second)]);
  };
  const text = args.prompt[prompt] ?? fail('prompt');
  const positive = await embed(text, args.prompt_2 ?? text);
  const negativeText = args.negative_prompt?.[prompt];
  const negative =
    negativeText === undefined && checkpoint.pipeline.forceZerosForEmptyPrompt
      ? zeroed(positive)
      : args.guidance_scale > 1
        ? await embed(negativeText ?? '', args.negative_prompt_2 ?? negativeText ?? '')
        : positive;
  const own: [number, number] = [(shape[2] ?? 0) * 8, (shape[3] ?? 0) * 8];
  const originalSize = args.original_size ?? own;
  const targetSize = args.target_size ?? own;
  const sizes = { originalSize, crop: args.crops_coords_top_left, targetSize };
  const against =
    args.negative_original_size && args.negative_target_size
      ? {
          originalSize: args.negative_original_size,
          crop: args.negative_crops_coords_top_left,
          targetSize: args.negative_target_size,
        }
      : sizes;
  const timeIds = (which: typeof sizes, score: number): Tensor =>
    checkpoint.pipeline.requiresAestheticsScore ? refinerTimeIds(which, score) : baseTimeIds(which);
  return {
    positive: { ...positive, timeIds: timeIds(sizes, args.aesthetic_score) },
    negative: { ...negative, timeIds: timeIds(against, args.negative_aesthetic_score) },
    scale: args.guidance_scale,
    rescale: args.guidance_rescale,
  };
}

/** Our rows alternate a picture's negative and positive side; diffusers' hold all negatives first. */
function expectFirstCall(
  first: { batch: UnetBatch; output: Tensor } | undefined,
  golden: ReadonlyMap<string, Tensor>,
): void {
  const { batch, output } = first ?? fail('a UNet pass');
  const rows = batch.timesteps.length;
  const pictures = (golden.get('first_call/latent_model_input')?.shape[0] ?? 0) === rows ? rows / 2 : rows;
  const isGuided = rows > 1;
  const ours = (tensor: Tensor): Tensor =>
    isGuided
      ? concatenate(
          [0, 1].flatMap((side) => Array.from({ length: pictures }, (_, picture) => rowOf(tensor, 2 * picture + side))),
        )
      : tensor;
  const pairs: [string, Tensor, number][] = [
    ['latent_model_input', batch.sample, UNET_LIMIT],
    ['encoder_hidden_states', batch.context, UNET_LIMIT],
    ['text_embeds', batch.pooled, UNET_LIMIT],
    ['time_ids', batch.timeIds, 0.5],
    ['noise_pred', output, UNET_LIMIT],
  ];
  for (const [name, tensor, limit] of pairs) {
    const expected = golden.get(`first_call/${name}`) ?? fail(`first_call/${name}`);
    expect(largestDifference(ours(tensor), expected), `first call's ${name}`).toBeLessThan(limit);
  }
}

/** [1, B, ...] to [B, ...]. */
function dropFirst({ shape, data }: Tensor): Tensor {
  return { shape: shape.slice(1), data };
}

function largestDifference(actual: Tensor, expected: Tensor): number {
  expect(actual.shape).toEqual(expected.shape);
  let largest = 0;
  for (const [i, value] of actual.data.entries()) {
    const difference = Math.abs(value - (expected.data[i] ?? Number.NaN));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

function fail(what: string): never {
  throw new Error(`The fixtures have no ${what}.`);
}
