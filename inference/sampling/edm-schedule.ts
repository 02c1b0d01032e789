import type { EdmConfig, SchedulerConfig } from '../checkpoint/configuration.ts';
import type { SigmaSchedule } from './schedule.ts';
import { exponentialSigmas, karrasSigmas } from './sigma-spacing.ts';
import { elementAt } from './vector.ts';

/** Karras et al.'s own values (table 1). */
const PUBLISHED: EdmConfig = { sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.5, sigmaSchedule: 'karras', rho: 7 };

/** The schedule of a model that was trained in EDM's formulation (Karras et al. 2022): its timestep is log(sigma) / 4. */
export function edmSchedule(config: SchedulerConfig, steps: number): SigmaSchedule {
  const edm = config.edm ?? PUBLISHED;
  const { sigmaMin, sigmaMax, rho } = edm;
  const spaced =
    edm.sigmaSchedule === 'karras'
      ? karrasSigmas(steps, sigmaMin, sigmaMax, rho)
      : exponentialSigmas(steps, sigmaMin, sigmaMax);
  const final = config.finalSigmasType === 'zero' ? 0 : elementAt(spaced, spaced.length - 1);
  const sigmas = [...spaced, final].map(Math.fround);
  return {
    timesteps: sigmas.slice(0, -1).map((sigma) => Math.fround(0.25 * Math.log(sigma))),
    sigmas,
    levels: sigmas.map((noise) => ({ signal: 1, noise })),
    prediction: { type: config.predictionType, edm, clip: null },
    initialNoiseSigma: Math.sqrt(sigmaMax ** 2 + 1),
    callsPerStep: 1,
  };
}
