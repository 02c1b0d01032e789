import type { EdmConfig, PredictionType, SchedulerConfig } from './configuration.ts';
import { CheckpointError } from './errors.ts';
import { readTensor } from './safetensors.ts';
import type { SafetensorsHeader } from './safetensors-header.ts';

/** SDXL's own: Euler over a scaled-linear schedule of 1000 steps. */
const SDXL_SCHEDULE: SchedulerConfig = {
  className: 'EulerDiscreteScheduler',
  numTrainTimesteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  predictionType: 'epsilon',
  timestepSpacing: 'leading',
  stepsOffset: 1,
  rescaleBetasZeroSnr: false,
  useKarrasSigmas: false,
  setAlphaToOne: true,
  finalSigmasType: 'zero',
  edm: null,
};

/** CosXL's noise levels, where the file names only one. */
const COSXL: EdmConfig = { sigmaMin: 0.002, sigmaMax: 120, sigmaData: 1 };
const PLAYGROUND: EdmConfig = { sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.5 };

/** The tensors that only say how a model was trained. */
export const SCHEDULE_MARKERS: ReadonlySet<string> = new Set([
  'v_pred',
  'ztsnr',
  'edm_vpred.sigma_max',
  'edm_vpred.sigma_min',
  'edm_mean',
  'edm_std',
]);

/**
 * The noise schedule of a single-file checkpoint: told by marker tensors, as ComfyUI and its trainers write them, else
 * by the metadata `modelspec.prediction_type`, else SDXL's own. A prediction type set by hand overrules them.
 * Throws CheckpointError if a marker's value cannot be read.
 */
export async function inferSchedule(header: SafetensorsHeader, byHand?: PredictionType): Promise<SchedulerConfig> {
  const { tensors, metadata } = header;
  if (tensors.has('edm_mean')) {
    return edm('EDMDPMSolverMultistepScheduler', PLAYGROUND, byHand ?? 'epsilon');
  }
  if (tensors.has('edm_vpred.sigma_max')) {
    const sigmaMax = (await readScalar(header, 'edm_vpred.sigma_max')) ?? COSXL.sigmaMax;
    const sigmaMin = (await readScalar(header, 'edm_vpred.sigma_min')) ?? COSXL.sigmaMin;
    return edm('EDMEulerScheduler', { ...COSXL, sigmaMin, sigmaMax }, byHand ?? 'v_prediction');
  }
  const isVelocity =
    tensors.has('v_pred') || ['v', 'v_prediction'].includes(metadata.get('modelspec.prediction_type') ?? '');
  const predictionType = byHand ?? (isVelocity ? 'v_prediction' : 'epsilon');
  const base = { ...SDXL_SCHEDULE, predictionType };
  // Only trailing steps begin at the last timestep, where such a model expects pure noise (arXiv 2305.08891).
  return tensors.has('ztsnr') ? { ...base, rescaleBetasZeroSnr: true, timestepSpacing: 'trailing' } : base;
}

/** The latents' mean and deviation a channel, where a model was trained on normalised latents (Playground v2.5). */
export async function readLatentStatistics(
  header: SafetensorsHeader,
): Promise<{ latentsMean: readonly number[]; latentsStd: readonly number[] } | undefined> {
  const mean = header.tensors.get('edm_mean');
  const std = header.tensors.get('edm_std');
  if (!mean || !std) return undefined;
  const [means, stds] = await Promise.all([readTensor(mean), readTensor(std)]);
  return { latentsMean: [...means.data], latentsStd: [...stds.data] };
}

function edm(className: string, levels: EdmConfig, predictionType: PredictionType): SchedulerConfig {
  return { ...SDXL_SCHEDULE, className, edm: levels, predictionType };
}

async function readScalar(header: SafetensorsHeader, name: string): Promise<number | undefined> {
  const stored = header.tensors.get(name);
  if (!stored) return undefined;
  const value = (await readTensor(stored)).data[0];
  if (value === undefined || !(value > 0))
    throw new CheckpointError(header.file, `tensor ${name} is not a noise level`);
  return value;
}
