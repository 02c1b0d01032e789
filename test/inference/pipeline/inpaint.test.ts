import { describe, expect, it } from 'vitest';
import { SDXL_SCHEDULER } from '../../../inference/checkpoint/noise-schedule.ts';
import { parseSchedulerConfig } from '../../../inference/checkpoint/parse-pipeline-configuration.ts';
import { denoise } from '../../../inference/pipeline/denoise.ts';
import { type Inpainting, latentMask } from '../../../inference/pipeline/inpaint.ts';
import { TorchGenerator } from '../../../inference/sampling/noise.ts';
import { createSampler, samplerIds } from '../../../inference/sampling/samplers.ts';
import { addNoise } from '../../../inference/sampling/schedule.ts';
import type { Tensor } from '../../../inference/tensor.ts';

const model = parseSchedulerConfig(SDXL_SCHEDULER, 'test');
const shape = [1, 4, 4, 4];
const generator = new TorchGenerator(1);
const [picture, noise] = [generator.randn(shape), generator.randn(shape)];
const maskOf = (value: (index: number) => number): Tensor => ({
  shape: [1, 1, 4, 4],
  data: Float32Array.from({ length: 16 }, (_, index) => value(index)),
});

/** A drawing by a made-up network whose output depends on what it is given. */
async function draw(id: string, mask: Tensor | null): Promise<Tensor> {
  const sampler = createSampler(id, model, 6);
  const from = sampler.schedule.callsPerStep;
  const inpainting: Inpainting | null = mask && { picture, noise, mask };
  const fresh = new TorchGenerator(2);
  const empty = { shape: [1, 0], data: new Float32Array() };
  const conditioning = { context: empty, pooled: empty, timeIds: empty };
  return denoise({
    unet: { forward: () => Promise.reject(new Error('Nobody asks the network itself.')) },
    predict: async (_, { sample }) => ({
      outputs: [{ shape: sample.shape, data: sample.data.map((value) => Math.sin(3 * value)) }],
      seconds: 0,
    }),
    sampler,
    run: {
      from,
      to: sampler.schedule.timesteps.length,
      latent: addNoise(sampler.schedule, picture, noise, from),
      noise: () => fresh.randn(shape),
    },
    guidanceAt: () => ({ positives: [{ conditioning, weight: 1 }], negative: conditioning, scale: 1, rescale: 0 }),
    inpainting,
    signal: new AbortController().signal,
  });
}

describe('inpainting with every sampler', () => {
  it.each(samplerIds(model))('%s', async (id) => {
    const free = await draw(id, null);
    expect(
      (
        await draw(
          id,
          maskOf(() => 1),
        )
      ).data,
    ).toEqual(free.data);
    expect(
      (
        await draw(
          id,
          maskOf(() => 0),
        )
      ).data,
    ).toEqual(picture.data);

    const { data } = await draw(
      id,
      maskOf((index) => index % 2),
    );
    const kept = data.filter((_, index) => index % 2 === 0);
    expect(kept).toEqual(picture.data.filter((_, index) => index % 2 === 0));
    const drawn = data.filter((_, index) => index % 2 === 1);
    expect(drawn).not.toEqual(picture.data.filter((_, index) => index % 2 === 1));
    expect(drawn.every(Number.isFinite)).toBe(true);
  });
});

it('takes each latent value’s mask from the upper left of its pixels, at one half and more', () => {
  const data = new Float32Array(16 * 24);
  data[0] = 0.5;
  data[8] = 0.49;
  data[9] = 1;
  data[8 * 24 + 16] = 1;
  expect(latentMask({ shape: [1, 1, 16, 24], data })).toEqual({
    shape: [1, 1, 2, 3],
    data: Float32Array.of(1, 0, 0, 0, 0, 1),
  });
});
