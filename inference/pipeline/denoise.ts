import { guide } from '../sampling/guidance.ts';
import { callModel, type ModelCall, type Run, type Sampler } from '../sampling/sampler.ts';
import type { Tensor } from '../tensor.ts';
import { requireFinite } from './finite.ts';
import { type Inpainting, putBack } from './inpaint.ts';
import type { Conditioning, Unet, UnetAnswer, UnetCall } from './unet.ts';

/** The share of the schedule whose calls are all made of the whole network, for there the composition is found. */
const CAREFUL_SHARE = 1 / 4;

/** Asks for one UNet pass, which may be shared with other pictures. */
export type Predict = (unet: Unet, call: UnetCall) => Promise<UnetAnswer>;

/** What to draw towards, what away from, and how strongly (Ho and Salimans 2022). */
export interface Guidance {
  readonly positive: Conditioning;
  readonly negative: Conditioning;
  /** At 1 and below there is no guidance, and the negative side is not evaluated. */
  readonly scale: number;
  /** Lin et al. 2024, section 3.4; 0: off. */
  readonly rescale: number;
}

export interface Denoising {
  readonly unet: Unet;
  readonly predict: Predict;
  readonly sampler: Sampler;
  readonly run: Run;
  readonly guidance: Guidance;
  /** Only every so many calls the whole UNet is computed, and in between its finest level; absent: always the whole. */
  readonly deepEvery?: number;
  /** What is put back after every step; null where the whole picture is drawn. */
  readonly inpainting: Inpainting | null;
  /** Looked at before each call; its reason is what `denoise` rejects with. */
  readonly signal: AbortSignal;
  /** Sees every call before it is made. */
  readonly beforeCall?: (call: ModelCall) => void;
  /** Sees every call with the guided output that it got, and the share of time that it took. */
  readonly afterCall?: (call: ModelCall, output: Tensor, seconds: number) => void;
}

/** The denoising loop: drives a sampler's trajectory with the guided UNet, and returns the last latent. */
export async function denoise(denoising: Denoising): Promise<Tensor> {
  const { unet, predict, sampler, run, guidance, deepEvery = 1, inpainting, signal } = denoising;
  const isGuided = guidance.scale > 1;
  const conditionings = isGuided ? [guidance.negative, guidance.positive] : [guidance.positive];
  const trajectory = sampler.run(run);
  let kept: readonly Tensor[] | undefined;
  let next = trajectory.next();
  while (!next.done) {
    signal.throwIfAborted();
    const call = inpainting && next.value.index > run.from ? repaint(inpainting, sampler, next.value) : next.value;
    denoising.beforeCall?.(call);
    const reused = isWhole(call.index, sampler.schedule.timesteps.length, deepEvery) ? undefined : kept;
    const { outputs, deep, seconds } = await predict(unet, {
      sample: call.input,
      timestep: call.timestep,
      conditionings,
      ...(deepEvery > 1 && { deep: reused ?? 'return' }),
    });
    kept = deep ?? kept;
    // At the first step that has none: the rest would be drawn for nothing.
    const output = requireFinite(combine(outputs, guidance));
    denoising.afterCall?.(call, output, seconds);
    next = trajectory.next(output);
  }
  requireFinite(next.value);
  return inpainting ? putBack(inpainting, sampler.schedule, next.value, run.to) : next.value;
}

/** By the call's place in the whole schedule, so that a picture that is handed on is the same as one that is not. */
function isWhole(index: number, calls: number, deepEvery: number): boolean {
  const start = Math.ceil(calls * CAREFUL_SHARE);
  return index < start || (index - start) % deepEvery === deepEvery - 1;
}

/** The call with the kept part put back, in the trajectory's own latent. */
function repaint(inpainting: Inpainting, { schedule }: Sampler, { latent, index }: ModelCall): ModelCall {
  latent.data.set(putBack(inpainting, schedule, latent, index).data);
  return callModel(schedule, latent, index);
}

function combine(outputs: readonly Tensor[], { scale, rescale }: Guidance): Tensor {
  const [first, second] = outputs;
  if (first === undefined) throw new RangeError('A UNet pass gave no output.');
  return second === undefined ? first : guide(first, second, scale, rescale);
}
