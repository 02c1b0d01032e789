import { EngineError } from '../../commands/engine.ts';
import type { SchedulerConfig } from '../checkpoint/configuration.ts';
import { type StepOptions, samplerOfClass } from './diffusers-classes.ts';
import type { Sampler } from './sampler.ts';

/** A diffusers class and what of its configuration is set; the rest is the model's own. */
interface SamplerEntry extends StepOptions {
  readonly className: string;
  readonly set?: Partial<SchedulerConfig>;
  /** The class that does the same for a model of EDM's formulation. */
  readonly edmClassName?: string;
}

const EULER = { className: 'EulerDiscreteScheduler', edmClassName: 'EDMEulerScheduler' };
const DPM_SPACED = { className: 'DPMSolverMultistepScheduler' };
const DPM = { ...DPM_SPACED, edmClassName: 'EDMDPMSolverMultistepScheduler' };
const DPM_SINGLESTEP = { className: 'DPMSolverSinglestepScheduler' };
const DDIM = { className: 'DDIMScheduler', set: { clipSample: false, setAlphaToOne: false } };

/** All samplers that can be asked for. To add one: its solver in `samplers/`, its class's line, and its line here. */
const SAMPLERS = {
  euler: EULER,
  euler_karras: { className: 'EulerDiscreteScheduler', set: { sigmaSpacing: 'karras' } },
  euler_trailing: { className: 'EulerDiscreteScheduler', set: { timestepSpacing: 'trailing' } },
  euler_a: { className: 'EulerAncestralDiscreteScheduler' },
  heun: { className: 'HeunDiscreteScheduler' },
  lms: { className: 'LMSDiscreteScheduler' },
  dpmpp_2m: DPM,
  dpmpp_2m_karras: { ...DPM_SPACED, set: { sigmaSpacing: 'karras' } },
  dpmpp_2m_sde: { ...DPM, set: { algorithmType: 'sde-dpmsolver++' } },
  dpmpp_2m_sde_karras: { ...DPM_SPACED, set: { algorithmType: 'sde-dpmsolver++', sigmaSpacing: 'karras' } },
  dpmpp_3m_sde: { ...DPM_SPACED, set: { algorithmType: 'sde-dpmsolver++', solverOrder: 3 } },
  dpmpp_3m_sde_karras: {
    ...DPM_SPACED,
    set: { algorithmType: 'sde-dpmsolver++', solverOrder: 3, sigmaSpacing: 'karras' },
  },
  dpmpp_2s: { ...DPM_SINGLESTEP, set: { lowerOrderFinal: true } },
  dpmpp_sde: { ...DPM_SINGLESTEP, set: { lowerOrderFinal: true, algorithmType: 'sde-dpmsolver++' } },
  dpmpp_sde_karras: {
    ...DPM_SINGLESTEP,
    set: { lowerOrderFinal: true, algorithmType: 'sde-dpmsolver++', sigmaSpacing: 'karras' },
  },
  unipc: { className: 'UniPCMultistepScheduler' },
  deis: { className: 'DEISMultistepScheduler' },
  ddim: DDIM,
  /** DDIM with all of DDPM's noise is DDPM's ancestral sampling (Song et al. 2020, section 4.1). */
  ddpm: { ...DDIM, eta: 1 },
  pndm: { className: 'PNDMScheduler', set: { skipPrkSteps: true } },
  lcm: { className: 'LCMScheduler' },
  tcd: { className: 'TCDScheduler' },
} as const satisfies Readonly<Record<string, SamplerEntry>>;

const ENTRIES: ReadonlyMap<string, SamplerEntry> = new Map(Object.entries(SAMPLERS));

/** The ids of the samplers that a model can be drawn with. */
export function samplerIds({ edm }: Pick<SchedulerConfig, 'edm'>): string[] {
  return [...ENTRIES].filter(([, entry]) => edm === null || entry.edmClassName !== undefined).map(([id]) => id);
}

/** The id of the sampler that a model's own scheduler file names by its class, or Euler's for a class without one. */
export function ownSamplerId({ className, edm }: Pick<SchedulerConfig, 'className' | 'edm'>): string {
  // The first of a class leaves the file's further options, such as its spacing, as they are.
  const own = [...ENTRIES].find(([, entry]) => (edm === null ? entry.className : entry.edmClassName) === className);
  return own?.[0] ?? 'euler';
}

/**
 * A sampler by its id, for a model's noise and this many steps. `trainedNoise` false: a class of diffusers' that knows no zero
 * terminal signal-to-noise ratio does without, as recipes of before were drawn. Throws an `invalid` EngineError for an unknown id, one
 * that the model cannot be drawn with, or a number of steps that the sampler does not take.
 */
export function createSampler(
  id: string,
  model: SchedulerConfig,
  steps: number,
  { trainedNoise = true }: Pick<StepOptions, 'trainedNoise'> = {},
): Sampler {
  const entry = ENTRIES.get(id);
  const className = model.edm === null ? entry?.className : entry?.edmClassName;
  if (!entry || className === undefined) {
    throw new EngineError(
      'invalid',
      `This model has no sampler ${JSON.stringify(id)}: choose one of ${samplerIds(model).join(', ')}.`,
    );
  }
  return samplerOfClass({ ...model, ...entry.set, className }, steps, { ...entry, trainedNoise });
}
