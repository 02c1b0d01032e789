import type { PredictionType, SchedulerConfig } from './configuration.ts';
import { CheckpointError } from './errors.ts';
import { parseSchedulerConfig } from './parse-pipeline-configuration.ts';
import { readTensor } from './safetensors.ts';
import type { SafetensorsHeader } from './safetensors-header.ts';

/** SDXL's published scheduler file. */
export const SDXL_SCHEDULER = {
  _class_name: 'EulerDiscreteScheduler',
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  timestep_spacing: 'leading',
  steps_offset: 1,
};

/** CosXL's: continuous noise levels, of which a file may give its own. */
const COSXL = { _class_name: 'EDMEulerScheduler', sigma_min: 0.002, sigma_max: 120, sigma_data: 1 };

/** Playground v2.5's. */
const PLAYGROUND = { _class_name: 'EDMDPMSolverMultistepScheduler', sigma_min: 0.002, sigma_max: 80, sigma_data: 0.5 };

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
  const { file, tensors, metadata } = header;
  if (tensors.has('edm_mean')) {
    return parseSchedulerConfig({ ...PLAYGROUND, prediction_type: byHand ?? 'epsilon' }, file);
  }
  if (tensors.has('edm_vpred.sigma_max')) {
    const sigma_max = (await readScalar(header, 'edm_vpred.sigma_max')) ?? COSXL.sigma_max;
    const sigma_min = (await readScalar(header, 'edm_vpred.sigma_min')) ?? COSXL.sigma_min;
    return parseSchedulerConfig({ ...COSXL, sigma_min, sigma_max, prediction_type: byHand ?? 'v_prediction' }, file);
  }
  const isVelocity =
    tensors.has('v_pred') || ['v', 'v_prediction'].includes(metadata.get('modelspec.prediction_type') ?? '');
  const prediction_type = byHand ?? (isVelocity ? 'v_prediction' : 'epsilon');
  // Only trailing steps begin at the last timestep, where such a model expects pure noise (arXiv 2305.08891).
  const zeroSnr = tensors.has('ztsnr') ? { rescale_betas_zero_snr: true, timestep_spacing: 'trailing' } : {};
  return parseSchedulerConfig({ ...SDXL_SCHEDULER, prediction_type, ...zeroSnr }, file);
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

async function readScalar(header: SafetensorsHeader, name: string): Promise<number | undefined> {
  const stored = header.tensors.get(name);
  if (!stored) return undefined;
  const value = (await readTensor(stored)).data[0];
  if (value === undefined || !(value > 0))
    throw new CheckpointError(header.file, `tensor ${name} is not a noise level`);
  return value;
}
