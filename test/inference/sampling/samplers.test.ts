import { describe, expect, it } from 'vitest';
import type { SchedulerConfig } from '../../../inference/checkpoint/configuration.ts';
import { parseSchedulerConfig } from '../../../inference/checkpoint/parse-pipeline-configuration.ts';
import { samplerOfClass } from '../../../inference/sampling/diffusers-classes.ts';
import { TorchGenerator } from '../../../inference/sampling/noise.ts';
import { callRange } from '../../../inference/sampling/range.ts';
import type { CallRange, Sampler } from '../../../inference/sampling/sampler.ts';
import { createSampler, ownSamplerId, samplerIds } from '../../../inference/sampling/samplers.ts';
import { addNoise, predictPicture } from '../../../inference/sampling/schedule.ts';
import { cumulativeAlphas, trainingNoise } from '../../../inference/sampling/training-noise.ts';
import { elementAt, weightedSum } from '../../../inference/sampling/vector.ts';
import type { Tensor } from '../../../inference/tensor.ts';

const sdxl = {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  timestep_spacing: 'leading',
  steps_offset: 1,
};

function config(className: string, options: Record<string, unknown> = {}): SchedulerConfig {
  return parseSchedulerConfig({ _class_name: className, ...sdxl, ...options }, 'test');
}

const model = config('EulerDiscreteScheduler');
const shape = [1, 4, 4, 4];
const picture = new TorchGenerator(1).randn(shape);

/** The output of a model that knows the one picture that there is. */
function perfectOutput({ schedule }: Sampler, latent: Tensor, call: number): Tensor {
  const { signal, noise } = elementAt(schedule.levels, call);
  const size = Math.hypot(signal, noise);
  if (schedule.prediction.edm) {
    const { sigmaData } = schedule.prediction.edm;
    const variance = noise ** 2 + sigmaData ** 2;
    const sign = schedule.prediction.type === 'v_prediction' ? -1 : 1;
    const out = (sign * noise * sigmaData) / Math.sqrt(variance);
    return weightedSum([1 / out, picture], [-(sigmaData ** 2) / variance / out, latent]);
  }
  switch (schedule.prediction.type) {
    case 'sample':
      return picture;
    case 'epsilon':
      return weightedSum([1 / noise, latent], [-signal / noise, picture]);
    case 'v_prediction':
      // signal * noise - noise * picture, of a latent of unit variance.
      return weightedSum([signal / noise / size, latent], [(-(signal ** 2) / noise - noise) / size, picture]);
  }
}

function draw(sampler: Sampler, { from, to }: CallRange): Tensor {
  const generator = new TorchGenerator(2);
  const noise = (): Tensor => generator.randn(shape);
  const trajectory = sampler.run({ from, to, latent: addNoise(sampler.schedule, picture, noise(), from), noise });
  let next = trajectory.next();
  while (!next.done) {
    const { latent, index, timestep, input } = next.value;
    expect(index).toBeGreaterThanOrEqual(from);
    expect(index).toBeLessThan(to);
    expect(Number.isFinite(timestep)).toBe(true);
    expect(input.shape).toEqual(shape);
    const output = perfectOutput(sampler, latent, index);
    expect(distance(predictPicture(sampler.schedule, latent, output, index), picture)).toBeLessThan(2e-3);
    next = trajectory.next(output);
  }
  return next.value;
}

function distance(a: Tensor, b: Tensor): number {
  let worst = 0;
  for (const [i, value] of a.data.entries()) {
    const difference = Math.abs(value - (b.data[i] ?? Number.NaN));
    worst = Math.max(worst, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return worst;
}

/** What noise is left at timestep 0, where a solver stops there. */
const LEFT_AT_ZERO = 0.1;
const stopsAtZero = /ddim|ddpm|pndm|deis|tcd|sigma_min/i;

function expectThePicture(name: string, sampler: Sampler, steps: number): void {
  const whole = callRange(sampler.schedule, steps, 1000);
  expect(distance(draw(sampler, whole), picture)).toBeLessThan(stopsAtZero.test(name) ? LEFT_AT_ZERO : 2e-3);
}

describe.each(samplerIds(model))('%s', (id) => {
  it.each([1, 2, 3, 7, 20, 50])('reaches the picture of a perfect model in %d steps', (steps) => {
    expectThePicture(id, createSampler(id, model, steps), steps);
  });

  it('does so from a start picture', () => {
    const sampler = createSampler(id, model, 20);
    const range = callRange(sampler.schedule, 20, 1000, { strength: 0.6 });
    expect(range.from).toBeGreaterThan(0);
    // LMS takes weights for slopes that a run from the middle does not have, as diffusers' does.
    const isInexact = stopsAtZero.test(id) || id === 'lms';
    expect(distance(draw(sampler, range), picture)).toBeLessThan(isInexact ? LEFT_AT_ZERO : 2e-3);
  });

  it('hands over without a gap', () => {
    const { schedule } = createSampler(id, model, 20);
    const base = callRange(schedule, 20, 1000, { end: 0.8 });
    const refiner = callRange(schedule, 20, 1000, { start: 0.8 });
    expect(refiner.to).toBe(schedule.timesteps.length);
    // Of a step with two calls the second may be made by neither expert's own schedule: it begins with a whole step.
    expect(base.to - refiner.from).toBe(schedule.callsPerStep - 1);
  });
});

const SPACINGS = ['use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas'];
const variants: [className: string, options: Record<string, unknown>][] = [
  ...['EulerDiscreteScheduler', 'HeunDiscreteScheduler', 'LMSDiscreteScheduler', 'UniPCMultistepScheduler'].flatMap(
    (name) => SPACINGS.map((key): [string, Record<string, unknown>] => [name, { [key]: true }]),
  ),
  ['EulerDiscreteScheduler', { timestep_type: 'continuous', prediction_type: 'v_prediction' }],
  ['EulerDiscreteScheduler', { beta_schedule: 'squaredcos_cap_v2' }],
  ['EulerDiscreteScheduler', { final_sigmas_type: 'sigma_min' }],
  ['DPMSolverMultistepScheduler', { solver_order: 3 }],
  ['DPMSolverMultistepScheduler', { solver_order: 3, algorithm_type: 'sde-dpmsolver++', use_lu_lambdas: true }],
  ['DPMSolverMultistepScheduler', { solver_type: 'heun', use_exponential_sigmas: true }],
  ['DPMSolverMultistepScheduler', { solver_order: 3, algorithm_type: 'dpmsolver', final_sigmas_type: 'sigma_min' }],
  ['DPMSolverSinglestepScheduler', { solver_order: 3 }],
  ['DPMSolverSinglestepScheduler', { solver_order: 3, solver_type: 'heun', lower_order_final: true }],
  ['DPMSolverSinglestepScheduler', { algorithm_type: 'dpmsolver', final_sigmas_type: 'sigma_min' }],
  ['UniPCMultistepScheduler', { solver_order: 3, solver_type: 'bh1' }],
  ['UniPCMultistepScheduler', { predict_x0: false, final_sigmas_type: 'sigma_min' }],
  ['UniPCMultistepScheduler', { disable_corrector: [0, 1] }],
  ['DEISMultistepScheduler', { solver_order: 3, use_karras_sigmas: true }],
  ['DDIMScheduler', { prediction_type: 'sample', clip_sample: false }],
  ['PNDMScheduler', { skip_prk_steps: false }],
  ['TCDScheduler', { prediction_type: 'v_prediction' }],
  ['EDMEulerScheduler', { prediction_type: 'v_prediction', sigma_data: 1 }],
  ['EDMEulerScheduler', { sigma_schedule: 'exponential' }],
  ['EDMDPMSolverMultistepScheduler', { solver_order: 3, algorithm_type: 'sde-dpmsolver++' }],
];

describe.each(variants)('%s with %j', (className, options) => {
  it.each([4, 12, 21])('reaches the picture of a perfect model in %d steps', (steps) => {
    const name = `${className} ${JSON.stringify(options)}`;
    expectThePicture(name, samplerOfClass(config(className, options), steps), steps);
  });
});

describe('what cannot be drawn is said in one line', () => {
  it.each<[what: string, act: () => unknown, message: RegExp]>([
    ['an unknown id', () => createSampler('magic', model, 20), /"magic": choose one of euler, .*unipc/],
    ['a name of every object', () => createSampler('constructor', model, 20), /choose one of/],
    ['an unknown class', () => samplerOfClass(config('MagicScheduler'), 20), /MagicScheduler/],
    ['more steps than were distilled', () => createSampler('lcm', model, 51), /at most 50 steps, not 51/],
    ['a warm-up without steps', () => samplerOfClass(config('PNDMScheduler'), 3), /at least 4 steps, not 3/],
    [
      'a solver that cannot reach zero',
      () => samplerOfClass(config('DPMSolverMultistepScheduler', { algorithm_type: 'dpmsolver' }), 20),
      /sigma_min/,
    ],
    [
      'a strength that leaves no step',
      () => callRange(createSampler('euler', model, 4).schedule, 4, 1000, { strength: 0.2 }),
      /at least 5 steps/,
    ],
    [
      'a refiner without a step',
      () => callRange(createSampler('dpmpp_2m', model, 2).schedule, 2, 1000, { start: 0.9 }),
      /No step of 2/,
    ],
  ])('%s', (_what, act, message) => {
    expect(act).toThrow(message);
    expect(act).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});

it('offers a model in EDM form only what can draw it', () => {
  const edm = config('EDMEulerScheduler');
  expect(samplerIds(edm)).toEqual(['euler', 'dpmpp_2m', 'dpmpp_2m_sde']);
  for (const id of samplerIds(edm)) expect(createSampler(id, edm, 20).schedule.prediction.edm).not.toBeNull();
  expect(() => createSampler('ddim', edm, 20)).toThrow(/choose one of euler/);
});

describe('a model that was trained with zero terminal signal-to-noise ratio', () => {
  const zero = config('EulerDiscreteScheduler', { prediction_type: 'v_prediction', rescale_betas_zero_snr: true });
  const alphas = cumulativeAlphas(trainingNoise(zero));
  const ratio = (alpha: number) => alpha / (1 - alpha);

  /** How far the signal-to-noise ratio at some call is from what the model was trained with at that timestep, in factors. */
  function farthest({ schedule }: Sampler): number {
    const factors = schedule.timesteps.flatMap((timestep, call) => {
      if (timestep < 500 || timestep > 990) return [];
      const { signal, noise } = elementAt(schedule.levels, call);
      const before = elementAt(alphas, Math.floor(timestep));
      const trained = before + (timestep % 1) * (elementAt(alphas, Math.ceil(timestep)) - before);
      return [Math.abs(Math.log((signal / noise) ** 2 / ratio(trained)))];
    });
    return Math.exp(Math.max(...factors));
  }

  it.each(samplerIds(zero))('is drawn with that noise by %s', (id) => {
    const sampler = createSampler(id, zero, 20);
    // Spacings by a formula round to whole timesteps.
    expect(farthest(sampler)).toBeLessThan(1.1);
    expectThePicture(id, sampler, 20);
  });

  it('is drawn as before from recipes of before', () => {
    const sampler = createSampler('heun', zero, 20, { trainedNoise: false });
    expect(farthest(sampler)).toBeGreaterThan(5);
    expect(createSampler('euler', zero, 20, { trainedNoise: false }).schedule).toEqual(
      createSampler('euler', zero, 20).schedule,
    );
  });
});

describe('ownSamplerId', () => {
  it.each([
    ['EulerDiscreteScheduler', 'euler'],
    ['EulerAncestralDiscreteScheduler', 'euler_a'],
    ['DPMSolverMultistepScheduler', 'dpmpp_2m'],
    ['DDIMScheduler', 'ddim'],
    ['LCMScheduler', 'lcm'],
    ['TCDScheduler', 'tcd'],
    ['SomebodysScheduler', 'euler'],
  ])('%s is drawn with %s', (className, id) => {
    expect(ownSamplerId(config(className))).toBe(id);
  });

  it('draws a model of EDM’s formulation with its class’s sampler', () => {
    const edm = config('EDMDPMSolverMultistepScheduler', { sigma_data: 0.5, sigma_min: 0.002, sigma_max: 80 });
    expect(ownSamplerId(edm)).toBe('dpmpp_2m');
    expect(samplerIds(edm)).toContain('dpmpp_2m');
  });

  it('is the model’s own scheduler, its options included', () => {
    const own = config('DPMSolverMultistepScheduler', { algorithm_type: 'sde-dpmsolver++', use_karras_sigmas: true });
    const ofTheFile = samplerOfClass(own, 10).schedule;
    expect(createSampler(ownSamplerId(own), own, 10).schedule.levels).toEqual(ofTheFile.levels);
  });
});
