import { guide } from '../sampling/guidance.ts';
import { callModel, type ModelCall, type Run, type Sampler } from '../sampling/sampler.ts';
import { weightedSum } from '../sampling/vector.ts';
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
  /** At least one, of which several are weighed (Liu et al. 2022, composable diffusion). */
  readonly positives: readonly WeighedConditioning[];
  readonly negative: Conditioning;
  /** At 1 and below there is no guidance, and of one positive the negative side is not evaluated. */
  readonly scale: number;
  /** Lin et al. 2024, section 3.4; 0: off. */
  readonly rescale: number;
}

export interface WeighedConditioning {
  readonly conditioning: Conditioning;
  readonly weight: number;
}

export interface Denoising {
  readonly unet: Unet;
  readonly predict: Predict;
  readonly sampler: Sampler;
  readonly run: Run;
  /** At a call; always of as many sides. */
  readonly guidanceAt: (call: number) => Guidance;
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
  const { unet, predict, sampler, run, guidanceAt, deepEvery = 1, inpainting, signal } = denoising;
  const trajectory = sampler.run(run);
  let kept: readonly Tensor[] | undefined;
  let next = trajectory.next();
  while (!next.done) {
    signal.throwIfAborted();
    const call = inpainting && next.value.index > run.from ? repaint(inpainting, sampler, next.value) : next.value;
    denoising.beforeCall?.(call);
    const guidance = guidanceAt(call.index);
    const reused = isWhole(call.index, sampler.schedule.timesteps.length, deepEvery) ? undefined : kept;
    const { outputs, deep, seconds } = await predict(unet, {
      sample: call.input,
      timestep: call.timestep,
      conditionings: sidesOf(guidance),
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

/** What the network is called under, the negative side first where it is needed. */
function sidesOf({ positives, negative, scale }: Guidance): readonly Conditioning[] {
  const sides = positives.map(({ conditioning }) => conditioning);
  return scale > 1 || positives.length > 1 ? [negative, ...sides] : sides;
}

function combine(outputs: readonly Tensor[], { positives, scale, rescale }: Guidance): Tensor {
  const [first, ...towards] = outputs;
  if (first === undefined) throw new RangeError('A UNet pass gave no output.');
  const [second] = towards;
  if (second === undefined) return first;
  const composed = towards.length === 1 ? second : compose(first, towards, positives);
  return guide(first, composed, Math.max(scale, 1), rescale);
}

/** From the unconditional output by the weighed distances to each of the others. */
function compose(from: Tensor, towards: readonly Tensor[], positives: Guidance['positives']): Tensor {
  const weights = towards.map((_, index) => positives[index]?.weight ?? 1);
  const own = 1 - weights.reduce((sum, weight) => sum + weight, 0);
  return weightedSum([own, from], ...towards.map((output, index): [number, Tensor] => [weights[index] ?? 1, output]));
}
