import { EngineError } from '../../commands/engine.ts';
import type { AlgorithmType, SchedulerConfig, SolverType } from '../checkpoint/configuration.ts';
import { edmSchedule } from './edm-schedule.ts';
import type { Run, Sampler, Trajectory } from './sampler.ts';
import { ddim } from './samplers/ddim.ts';
import { deis } from './samplers/deis.ts';
import type { DpmAlgorithm } from './samplers/dpm-solver.ts';
import { dpmSolverMultistep } from './samplers/dpm-solver-multistep.ts';
import { dpmSolverSinglestep } from './samplers/dpm-solver-singlestep.ts';
import { euler } from './samplers/euler.ts';
import { eulerAncestral } from './samplers/euler-ancestral.ts';
import { heun } from './samplers/heun.ts';
import { lcm } from './samplers/lcm.ts';
import { lms } from './samplers/lms.ts';
import { pndm, pndmSchedule } from './samplers/pndm.ts';
import { tcd } from './samplers/tcd.ts';
import { uniPc } from './samplers/unipc.ts';
import type { Schedule, SigmaSchedule } from './schedule.ts';
import { doubledCalls, explodingSchedule, preservingSchedule } from './sigma-schedule.ts';
import { ddimSchedule, distilledSchedule, withSomeSignal } from './timestep-schedule.ts';

/** What a caller may choose beyond the configuration. */
export interface StepOptions {
  /** Randomness: DDIM's share of DDPM's noise, TCD's gamma. */
  readonly eta?: number | undefined;
  /** Classes that know no zero terminal signal-to-noise ratio take it all the same, where the model was trained with it. */
  readonly trainedNoise?: boolean | undefined;
}

type SamplerFactory = (config: SchedulerConfig, steps: number, options: StepOptions) => Sampler;

/**
 * The diffusers scheduler classes that Easel draws with, each with the defaults of its own where the configuration
 * says nothing, and without the options that it does not have.
 */
const CLASSES: ReadonlyMap<string, SamplerFactory> = new Map<string, SamplerFactory>([
  ['EulerDiscreteScheduler', (config, steps) => bind(explodingSchedule(config, steps), euler)],
  [
    'EulerAncestralDiscreteScheduler',
    (config, steps) =>
      bind(explodingSchedule({ ...plainSigmas(config), sigmaSpacing: 'trained' }, steps), eulerAncestral),
  ],
  [
    'HeunDiscreteScheduler',
    (config, steps, options) => {
      const { betaStart = 0.00085, betaEnd = 0.012, clipSample = false, clipSampleRange } = config;
      const once = explodingSchedule({ ...plainSigmas(classNoise(config, options)), betaStart, betaEnd }, steps);
      const schedule = doubledCalls(once);
      return bind(
        { ...schedule, prediction: { ...schedule.prediction, clip: clipSample ? clipSampleRange : null } },
        heun,
      );
    },
  ],
  [
    'LMSDiscreteScheduler',
    (config, steps, options) => bind(explodingSchedule(plainSigmas(classNoise(config, options)), steps), lms),
  ],
  [
    'DPMSolverMultistepScheduler',
    (config, steps) => dpmMultistep(config, preservingSchedule(withoutRange(config), steps, finalSigma(config))),
  ],
  [
    'DPMSolverSinglestepScheduler',
    (config, steps, given) => {
      const spaced = {
        ...classNoise(withoutRange(config), given),
        timestepSpacing: 'linspace',
        stepsOffset: 0,
      } as const;
      const schedule = preservingSchedule(spaced, steps, finalSigma(config));
      const options = { ...dpmOptions(config, schedule), lowerOrderFinal: config.lowerOrderFinal ?? false };
      return bind(schedule, (bound, run) => dpmSolverSinglestep(bound, run, options));
    },
  ],
  [
    'UniPCMultistepScheduler',
    (config, steps) => {
      const options = {
        order: config.solverOrder,
        solver: config.solverType === 'bh1' ? 'bh1' : 'bh2',
        lowerOrderFinal: config.lowerOrderFinal ?? true,
        predictX0: config.predictX0,
        disableCorrector: config.disableCorrector,
      } as const;
      const final = config.finalSigmasType === 'zero' ? 'zero' : 'last';
      return bind(preservingSchedule(config, steps, final), (bound, run) => uniPc(bound, run, options));
    },
  ],
  [
    'DEISMultistepScheduler',
    (config, steps, given) => {
      const options = { order: config.solverOrder, lowerOrderFinal: config.lowerOrderFinal ?? true };
      const schedule = preservingSchedule(classNoise(withoutRange(config), given), steps, 'last');
      return bind(schedule, (bound, run) => deis(bound, run, options));
    },
  ],
  [
    'DDIMScheduler',
    (config, steps, { eta = 0 }) =>
      bind(ddimSchedule(config, steps, { clipSample: true, setAlphaToOne: true }), (schedule, run) =>
        ddim(schedule, run, { eta }),
      ),
  ],
  [
    'PNDMScheduler',
    (config, steps, options) => {
      const plain = { ...classNoise(config, options), clipSample: false };
      const schedule = ddimSchedule(plain, steps, { clipSample: false, setAlphaToOne: false });
      return bind(pndmSchedule(withSomeSignal(schedule), config.skipPrkSteps), pndm);
    },
  ],
  [
    'LCMScheduler',
    (config, steps) =>
      bind(distilledSchedule(config, steps), (schedule, run) =>
        lcm(schedule, run, { timestepScaling: config.timestepScaling }),
      ),
  ],
  [
    'TCDScheduler',
    (config, steps, { eta = 0.3 }) =>
      bind(distilledSchedule({ ...config, clipSample: false }, steps), (schedule, run) => tcd(schedule, run, { eta })),
  ],
  ['EDMEulerScheduler', (config, steps) => bind(edmSchedule(config, steps, 'last'), euler)],
  ['EDMDPMSolverMultistepScheduler', (config, steps) => dpmMultistep(config, edmSchedule(config, steps, 'least'))],
]);

/**
 * The sampler that a scheduler configuration means, for this many steps. Throws an `invalid` EngineError for a class
 * that Easel does not know, and for options or steps that the class does not take.
 */
export function samplerOfClass(config: SchedulerConfig, steps: number, options: StepOptions = {}): Sampler {
  const factory = CLASSES.get(config.className);
  if (!factory) {
    throw new EngineError('invalid', `Easel has no sampler for ${config.className}: choose one by name.`);
  }
  return factory(config, steps, options);
}

function bind<S extends Schedule>(schedule: S, solve: (schedule: S, run: Run) => Trajectory): Sampler<S> {
  return { schedule, run: (run) => solve(schedule, run) };
}

function dpmMultistep(config: SchedulerConfig, schedule: SigmaSchedule): Sampler {
  const options = {
    ...dpmOptions(config, schedule),
    lowerOrderFinal: config.lowerOrderFinal ?? true,
    eulerAtFinal: config.eulerAtFinal,
  };
  return bind(schedule, (bound, run) => dpmSolverMultistep(bound, run, options));
}

function dpmOptions(config: SchedulerConfig, { sigmas }: SigmaSchedule) {
  const algorithm = dpmAlgorithm(config.algorithmType);
  const order = config.solverOrder;
  if (!algorithm.endsWith('++') && sigmas.at(-1) === 0) {
    throw new EngineError('invalid', `${algorithm} cannot step to zero noise: set final_sigmas_type to sigma_min.`);
  }
  if (algorithm === 'sde-dpmsolver' && order > 2) {
    throw new EngineError('invalid', `${algorithm} is of order 1 or 2, not ${order}: set solver_order.`);
  }
  return { algorithm, order, solver: dpmSolverType(config.solverType) };
}

function dpmAlgorithm(type: AlgorithmType = 'dpmsolver++'): DpmAlgorithm {
  return type === 'deis' ? 'dpmsolver++' : type;
}

/** Another class's solver type, carried over with the model's configuration, means the default. */
function dpmSolverType(type?: SolverType): 'midpoint' | 'heun' {
  return type === 'heun' ? 'heun' : 'midpoint';
}

function finalSigma({ finalSigmasType }: SchedulerConfig): 'zero' | 'trained' {
  return finalSigmasType === 'zero' ? 'zero' : 'trained';
}

/** For the classes that know no zero terminal signal-to-noise ratio. */
function classNoise(config: SchedulerConfig, { trainedNoise = false }: StepOptions): SchedulerConfig {
  return trainedNoise ? config : { ...config, rescaleBetasZeroSnr: false };
}

/** For the classes whose range of sigmas is not configured. */
function withoutRange(config: SchedulerConfig): SchedulerConfig {
  return { ...config, sigmaMin: undefined, sigmaMax: undefined };
}

/** For the k-diffusion classes other than Euler's, which always step to zero noise. */
function plainSigmas(config: SchedulerConfig): SchedulerConfig {
  const plain = { interpolationType: 'linear', timestepType: 'discrete', finalSigmasType: 'zero' } as const;
  return { ...withoutRange(config), ...plain };
}
