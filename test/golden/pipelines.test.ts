import { describe, expect, it } from 'vitest';
import { parseSchedulerConfig } from '../../inference/checkpoint/parse-pipeline-configuration.ts';
import { StepBatcher } from '../../inference/engine/step-batcher.ts';
import { denoise } from '../../inference/pipeline/denoise.ts';
import { type Inpainting, latentMask } from '../../inference/pipeline/inpaint.ts';
import { decodeLatent, encodePicture } from '../../inference/pipeline/latents.ts';
import type { Networks } from '../../inference/pipeline/networks.ts';
import type { UnetBatch } from '../../inference/pipeline/unet.ts';
import { samplerOfClass } from '../../inference/sampling/diffusers-classes.ts';
import { TorchGenerator } from '../../inference/sampling/noise.ts';
import { callRange } from '../../inference/sampling/range.ts';
import { addNoise } from '../../inference/sampling/schedule.ts';
import { weightedSum } from '../../inference/sampling/vector.ts';
import { concatenate, rowOf, type Tensor } from '../../inference/tensor.ts';
import { type Args, cases, Golden, missing } from './pipeline-cases.ts';
import { guidanceFor } from './pipeline-guidance.ts';
import { networksOf } from './pipeline-networks.ts';

/** README of the golden data: latents and pictures. */
const LATENT_LIMIT = 1e-3;
const PICTURE_LIMIT = 1e-4;
const UNET_LIMIT = 5e-5;

describe('pipelines draw what diffusers draws', () => {
  for (const [name, { model, scheduler, scheduler_config, seed, args }] of Object.entries(cases)) {
    it(name, async () => {
      const golden = new Golden(name);
      const schedulerFile = { _class_name: scheduler, ...scheduler_config };
      const networks = await networksOf(model, schedulerFile);
      const sampler = samplerOfClass(parseSchedulerConfig(schedulerFile, name), args.num_inference_steps);
      const image = golden.find('in/image');
      const mask = golden.find('in/mask_image');
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
          const guidance = await guidanceFor(
            networks,
            golden,
            args,
            Math.floor(picture / args.num_images_per_prompt),
            shape,
          );
          const last = await denoise({
            unet,
            predict: (network, call) => batcher.predict(network, call),
            sampler,
            run: { ...range, latent, noise },
            guidanceAt: () => guidance,
            inpainting,
            signal: new AbortController().signal,
            beforeCall: (call) => before.push(call.latent),
          });
          steps[picture] = [...before.slice(1), last];
          return last;
        }),
      );

      expectFirstCall(batches[0], golden);
      const expectedSteps = golden.read('latents_per_step');
      for (const [picture, latents] of steps.entries()) {
        for (const [step, latent] of latents.entries()) {
          const expected = rowOf(dropFirst(rowOf(expectedSteps, step)), picture);
          expect(largestDifference(latent, expected), `latent of picture ${picture} after step ${step}`).toBeLessThan(
            LATENT_LIMIT,
          );
        }
      }
      const expected = golden.read('final');
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

/** Our rows alternate a picture's negative and positive side; diffusers' hold all negatives first. */
function expectFirstCall(first: { batch: UnetBatch; output: Tensor } | undefined, golden: Golden): void {
  const { batch, output } = first ?? missing('a UNet pass');
  const rows = batch.timesteps.length;
  const pictures = golden.read('first_call/latent_model_input').shape[0] === rows ? rows / 2 : rows;
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
    const expected = golden.read(`first_call/${name}`);
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
