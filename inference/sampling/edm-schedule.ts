import type { EdmConfig, SchedulerConfig } from '../checkpoint/configuration.ts';
import type { SigmaSchedule } from './schedule.ts';
import { exponentialSigmas, karrasSigmas } from './sigma-spacing.ts';
import { elementAt } from './vector.ts';

/** Karras et al.'s own values (table 1). */
const PUBLISHED: EdmConfig = { sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.5, sigmaSchedule: 'karras', rho: 7 };

/**
 * The schedule of a model that was trained in EDM's formulation (Karras et al. 2022): its timestep is log(sigma) / 4.
 * `final` is the noise that remains where the configuration wants some: the last step's own, or the least trained.
 */
export function edmSchedule(config: SchedulerConfig, steps: number, final: 'last' | 'least'): SigmaSchedule {
  const edm = config.edm ?? PUBLISHED;
  const { sigmaMin, sigmaMax, rho } = edm;
  const spaced =
    edm.sigmaSchedule === 'karras'
      ? karrasSigmas(steps, sigmaMin, sigmaMax, rho)
      : // Counted upwards as in diffusers, which for one step gives the least sigma and not the largest.
        exponentialSigmas(steps, sigmaMax, sigmaMin).reverse();
  const remaining = final === 'last' ? elementAt(spaced, spaced.length - 1) : sigmaMin;
  const sigmas = [...spaced, config.finalSigmasType === 'zero' ? 0 : remaining].map(Math.fround);
  return {
    timesteps: sigmas.slice(0, -1).map((sigma) => Math.fround(0.25 * Math.log(sigma))),
    sigmas,
    levels: sigmas.map((noise) => ({ signal: 1, noise })),
    prediction: { type: config.predictionType, edm, clip: null },
    initialNoiseSigma: Math.sqrt(sigmaMax ** 2 + 1),
    callsPerStep: 1,
  };
}
