import type { SchedulerConfig } from '../checkpoint/configuration.ts';
import { roundHalfEven } from './rounding.ts';
import type { NoiseLevel, SigmaSchedule } from './schedule.ts';
import { sigmaAt, spaceSigmas, timestepAt } from './sigma-spacing.ts';
import { linspace, spaceIntervals, spaceSteps } from './timestep-spacing.ts';
import { trainedSigmas } from './training-noise.ts';
import { elementAt } from './vector.ts';

/**
 * The schedule of the solvers in k-diffusion's form (Euler, Heun, LMS): variance exploding, fractional timesteps
 * allowed, and a spacing of sigmas between the first and the last step's.
 */
export function explodingSchedule(config: SchedulerConfig, steps: number): SigmaSchedule {
  const trained = trainedSigmas(config);
  const spacing = config.timestepSpacing ?? 'linspace';
  let timesteps = spaceSteps(steps, { ...config, spacing }).map(Math.fround);
  let sigmas = timesteps.map((timestep) => sigmaAt(trained, timestep));
  if (config.interpolationType === 'log_linear') {
    const [least, most] = [elementAt(trained, 0), elementAt(trained, trained.length - 1)];
    sigmas = linspace(Math.log(most), Math.log(least), steps + 1).map(Math.exp);
  }
  if (config.sigmaSpacing !== 'trained') {
    const max = config.sigmaMax ?? elementAt(sigmas, 0);
    const min = config.sigmaMin ?? elementAt(sigmas, sigmas.length - 1);
    sigmas = spaceSigmas(config.sigmaSpacing, steps, { min, max });
    timesteps = sigmas.map((sigma) => timestepAt(trained, sigma));
  }
  sigmas = [...sigmas, config.finalSigmasType === 'zero' ? 0 : elementAt(trained, 0)].map(Math.fround);
  if (config.timestepType === 'continuous' && config.predictionType === 'v_prediction') {
    timesteps = sigmas.slice(0, -1).map((sigma) => 0.25 * Math.log(sigma));
  }
  const largest = Math.max(...sigmas);
  return {
    timesteps: timesteps.map(Math.fround),
    sigmas,
    levels: sigmas.map((noise) => ({ signal: 1, noise })),
    prediction: { type: config.predictionType, edm: null, clip: null },
    // A first timestep short of the last trained one still holds some picture: the variance is that of both.
    initialNoiseSigma: spacing === 'leading' ? Math.sqrt(largest ** 2 + 1) : largest,
    callsPerStep: 1,
  };
}

/** The same steps with two calls each: at the step's own level and, but for the last step, at the next one's. */
export function doubledCalls(schedule: SigmaSchedule): SigmaSchedule {
  const pairs = <T>(list: readonly T[]): T[] => list.flatMap((item, i) => (i === 0 ? [item] : [item, item]));
  const sigmas = [...pairs(schedule.sigmas.slice(0, -1)), elementAt(schedule.sigmas, schedule.sigmas.length - 1)];
  return {
    ...schedule,
    timesteps: pairs(schedule.timesteps),
    sigmas,
    levels: sigmas.map((noise) => ({ signal: 1, noise })),
    callsPerStep: 2,
  };
}

/**
 * The schedule of the solvers that integrate over the log signal-to-noise ratio (DPM-Solver, UniPC, DEIS): variance
 * preserving, whole timesteps, and a spacing of sigmas over all that was trained. `final` is the noise that remains:
 * none, that of timestep 0, or (`last`) the last step's own where the sigmas are spaced by a formula.
 */
export function preservingSchedule(
  config: SchedulerConfig,
  steps: number,
  final: 'zero' | 'trained' | 'last',
): SigmaSchedule {
  const trained = trainedSigmas(config);
  const { sigmaSpacing } = config;
  let timesteps = spaceIntervals(steps, { ...config, spacing: config.timestepSpacing ?? 'linspace' });
  let sigmas = timesteps.map((timestep) => sigmaAt(trained, timestep));
  if (sigmaSpacing !== 'trained') {
    const max = config.sigmaMax ?? elementAt(trained, trained.length - 1);
    const min = config.sigmaMin ?? elementAt(trained, 0);
    sigmas = spaceSigmas(sigmaSpacing, steps, { min, max });
    const rounded = sigmaSpacing === 'karras' || sigmaSpacing === 'lu';
    const toWhole = rounded && config.betaSchedule !== 'squaredcos_cap_v2' ? roundHalfEven : Math.trunc;
    timesteps = sigmas.map((sigma) => toWhole(timestepAt(trained, sigma)));
  }
  const least = elementAt(trained, 0);
  const remaining = { zero: 0, trained: least, last: sigmaSpacing === 'trained' ? least : (sigmas.at(-1) ?? least) };
  sigmas = [...sigmas, remaining[final]].map(Math.fround);
  return {
    timesteps,
    sigmas,
    levels: sigmas.map(preservingLevel),
    prediction: { type: config.predictionType, edm: null, clip: null },
    initialNoiseSigma: 1,
    callsPerStep: 1,
  };
}

function preservingLevel(sigma: number): NoiseLevel {
  const signal = 1 / Math.sqrt(sigma ** 2 + 1);
  return { signal, noise: sigma * signal };
}
