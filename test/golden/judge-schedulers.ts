import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseSchedulerConfig } from '../../inference/checkpoint/parse-pipeline-configuration.ts';
import { decodeSafetensors } from '../../inference/checkpoint/safetensors.ts';
import { samplerOfClass } from '../../inference/sampling/diffusers-classes.ts';
import { callRange } from '../../inference/sampling/range.ts';
import { addNoise } from '../../inference/sampling/schedule.ts';
import type { Tensor } from '../../inference/tensor.ts';

const SIGMA_LIMIT = 3e-5;
const TIMESTEP_LIMIT = 1e-3;
const TRAJECTORY_LIMIT = 2e-5;
const ZERO_SNR_LIMIT = 2e-4;

const runSchema = z.object({
  steps: z.number(),
  init_noise_sigma: z.number(),
  timesteps_dtype: z.string(),
  order: z.number(),
  noise_draws: z.number(),
  denoising_end: z.number().optional(),
  denoising_start: z.number().optional(),
  strength: z.number().optional(),
});
const indexSchema = z.object({
  model: z.literal('0.8*x+0.2*sin(2*x+0.004*t)'),
  cases: z.record(
    z.string(),
    z.object({
      class: z.string(),
      config: z.record(z.string(), z.unknown()),
      step_kwargs: z.strictObject({ eta: z.number().optional() }),
      runs: z.record(z.string(), runSchema),
    }),
  ),
});

/** The fixtures' stand-in for the UNet, in float32 as there. */
function fakeModel({ shape, data }: Tensor, timestep: number): Tensor {
  const f = Math.fround;
  const shift = f(f(0.004) * f(timestep));
  return {
    shape,
    data: data.map((x) => f(f(0.8) * x) + f(f(0.2) * f(Math.sin(f(f(2 * x) + shift))))),
  };
}

function worstRelative(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const x = expected[i] as number;
    const difference = Math.abs((actual[i] as number) - x) / (1 + Math.abs(x));
    worst = Math.max(worst, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return worst;
}

/** Row `index` of the first dimension, without it. */
function row({ shape: [, ...shape], data }: Tensor, index: number): Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return { shape, data: data.slice(index * size, (index + 1) * size) };
}

/** Judges every case that the index of a folder of this form lists. */
export async function judgeSchedulers(folder: string): Promise<void> {
  const index = indexSchema.parse(JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')));
  describe.each(Object.entries(index.cases))('%s', async (name, golden) => {
    const path = join(folder, `${name}.safetensors`);
    const { tensors } = decodeSafetensors(await readFile(path), path);
    const config = parseSchedulerConfig({ _class_name: golden.class, ...golden.config }, name);

    it.each(Object.entries(golden.runs))('%s', (runName, run) => {
      const tensor = (part: string): Tensor => {
        const found = tensors.get(`${runName}/${part}`);
        if (!found) throw new Error(`${path} lacks ${runName}/${part}.`);
        return found;
      };
      const sampler = samplerOfClass(config, run.steps, golden.step_kwargs);
      const { schedule } = sampler;

      const timesteps = tensor('timesteps').data;
      if (run.timesteps_dtype === 'int64') expect([...schedule.timesteps]).toEqual([...timesteps]);
      else expect(worstRelative(schedule.timesteps, timesteps)).toBeLessThanOrEqual(TIMESTEP_LIMIT);
      expect(schedule.callsPerStep).toBe(run.order);
      expect(worstRelative([schedule.initialNoiseSigma], [run.init_noise_sigma])).toBeLessThanOrEqual(SIGMA_LIMIT);
      const sigmas = tensors.get(`${runName}/sigmas`)?.data;
      if (sigmas) {
        expect('sigmas' in schedule).toBe(true);
        const actual = 'sigmas' in schedule ? (schedule.sigmas as number[]) : [];
        expect(actual.length).toBe(sigmas.length);
        for (const [i, sigma] of sigmas.entries()) {
          expect(Math.abs((actual[i] as number) - sigma)).toBeLessThanOrEqual(SIGMA_LIMIT * sigma);
        }
      }

      const range = callRange(schedule, run.steps, config.numTrainTimesteps, {
        ...(run.denoising_end !== undefined && { end: run.denoising_end }),
        ...(run.denoising_start !== undefined && { start: run.denoising_start }),
        ...(run.strength !== undefined && { strength: run.strength }),
      });
      const taken = schedule.timesteps.slice(range.from, range.to);
      expect(worstRelative(taken, tensor('run_timesteps').data)).toBeLessThanOrEqual(TIMESTEP_LIMIT);

      const limit = /zsnr/.test(name) ? ZERO_SNR_LIMIT : TRAJECTORY_LIMIT;
      const states = tensor('x');
      if (run.strength !== undefined) {
        const start = addNoise(schedule, tensor('x_image'), tensor('add_noise'), range.from);
        expect(worstRelative(start.data, row(states, 0).data)).toBeLessThanOrEqual(limit);
      }
      let draws = 0;
      const noise = (): Tensor => row(tensor('noise'), draws++);
      const trajectory = sampler.run({ ...range, latent: row(states, 0), noise });
      let next = trajectory.next();
      let call = 0;
      let output: Tensor | undefined;
      while (!next.done) {
        expect(worstRelative(next.value.latent.data, row(states, call).data)).toBeLessThanOrEqual(limit);
        output = fakeModel(next.value.input, next.value.timestep);
        next = trajectory.next(output);
        call++;
      }
      expect(worstRelative(next.value.data, row(states, call).data)).toBeLessThanOrEqual(limit);
      expect(call).toBe((states.shape[0] as number) - 1);
      expect(worstRelative(output?.data ?? [], tensor('model_out').data)).toBeLessThanOrEqual(limit);
      expect(draws).toBe(run.noise_draws);
    });
  });
}
