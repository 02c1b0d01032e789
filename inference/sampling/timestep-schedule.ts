import { EngineError } from '../../commands/engine.ts';
import type { SchedulerConfig } from '../checkpoint/configuration.ts';
import { roundHalfEven } from './rounding.ts';
import type { NoiseLevel, TimestepSchedule } from './schedule.ts';
import { linspace, spaceSteps } from './timestep-spacing.ts';
import { cumulativeAlphas, LEAST_ALPHA, trainingNoise } from './training-noise.ts';
import { elementAt } from './vector.ts';

/** The defaults in which the classes differ that step from one training timestep to another. */
interface ClassDefaults {
  readonly clipSample: boolean;
  readonly setAlphaToOne: boolean;
}

/** The schedule of DDIM and PNDM: variance preserving, whole timesteps. */
export function ddimSchedule(config: SchedulerConfig, steps: number, defaults: ClassDefaults): TimestepSchedule {
  const spacing = config.timestepSpacing ?? 'leading';
  return timestepSchedule(config, steps, spaceSteps(steps, { ...config, spacing }).map(roundHalfEven), defaults);
}

/** The same schedule for a solver that divides by the signal: pure noise holds as little of it as the sigmas' most. */
export function withSomeSignal(schedule: TimestepSchedule): TimestepSchedule {
  const levelAt = (timestep: number): NoiseLevel => {
    const level = schedule.levelAt(timestep);
    return level.signal > 0 ? level : { signal: Math.sqrt(LEAST_ALPHA), noise: Math.sqrt(1 - LEAST_ALPHA) };
  };
  return { ...schedule, levelAt, levels: schedule.timesteps.map(levelAt) };
}

/**
 * The schedule of LCM and TCD: a choice among the timesteps that were distilled. Throws an `invalid` EngineError where
 * there are fewer of these than steps.
 */
export function distilledSchedule(config: SchedulerConfig, steps: number): TimestepSchedule {
  const { betaStart = 0.00085, betaEnd = 0.012, betaSchedule = 'scaled_linear' } = config;
  const { originalInferenceSteps: distilled, numTrainTimesteps } = config;
  if (steps > distilled) {
    throw new EngineError('invalid', `This sampler takes at most ${distilled} steps, not ${steps}: ask for fewer.`);
  }
  const stride = Math.floor(numTrainTimesteps / distilled);
  const timesteps = linspace(0, distilled, steps + 1)
    .slice(0, -1)
    .map((place) => (distilled - Math.floor(place)) * stride - 1);
  const noise = { ...config, betaStart, betaEnd, betaSchedule };
  return timestepSchedule(noise, steps, timesteps, { clipSample: false, setAlphaToOne: true });
}

function timestepSchedule(
  config: SchedulerConfig,
  steps: number,
  timesteps: readonly number[],
  defaults: ClassDefaults,
): TimestepSchedule {
  const alphas = cumulativeAlphas(trainingNoise(config));
  const levelAt = (timestep: number): NoiseLevel => {
    const alpha = elementAt(alphas, Math.min(timestep, alphas.length - 1));
    return { signal: Math.sqrt(alpha), noise: Math.sqrt(Math.fround(1 - alpha)) };
  };
  return {
    timesteps,
    levels: timesteps.map(levelAt),
    levelAt,
    finalLevel: (config.setAlphaToOne ?? defaults.setAlphaToOne) ? { signal: 1, noise: 0 } : levelAt(0),
    stride: Math.floor(config.numTrainTimesteps / steps),
    prediction: {
      type: config.predictionType,
      edm: null,
      clip: (config.clipSample ?? defaults.clipSample) ? config.clipSampleRange : null,
    },
    initialNoiseSigma: 1,
    callsPerStep: 1,
  };
}
