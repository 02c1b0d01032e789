import { z } from 'zod';
import { EngineError } from '../../commands/engine.ts';
import { decodeSafetensors, encodeSafetensors } from '../checkpoint/safetensors.ts';
import { roundHalfEven } from '../sampling/rounding.ts';
import type { Schedule } from '../sampling/schedule.ts';
import type { Tensor } from '../tensor.ts';
import type { Inpainting } from './inpaint.ts';

/** Where the base stopped, so that the refiner can go on at any later time as if it had never stopped. */
export interface Handoff {
  /** [1, C, h, w] */
  readonly latent: Tensor;
  /** Tensors of the latent's shape that the picture's generator had given by then. */
  readonly draws: number;
  /** The share of the steps that the base took. */
  readonly at: number;
  readonly inpainting: Inpainting | null;
}

const metadataSchema = z.object({
  format: z.literal('easel-handoff-1'),
  draws: z.coerce.number().int().min(0).max(10_000),
  at: z.coerce.number().gt(0).lt(1),
});

/** As a safetensors file with the latent, and with what inpainting needs. */
export function encodeHandoff({ latent, draws, at, inpainting }: Handoff): Uint8Array {
  return encodeSafetensors({ latent, ...inpainting }, { format: 'easel-handoff-1', draws: `${draws}`, at: `${at}` });
}

/** Throws an EngineError where the bytes are not a hand-off. */
export function decodeHandoff(bytes: Uint8Array): Handoff {
  const { tensors, metadata } = decodeSafetensors(bytes, 'the hand-off latent');
  const parsed = metadataSchema.safeParse(Object.fromEntries(metadata));
  const latent = tensors.get('latent');
  if (!parsed.success || latent === undefined) {
    throw new EngineError(
      'invalid',
      'The stored hand-off latent cannot be read: draw the picture again, then refine it.',
    );
  }
  const [picture, noise, mask] = ['picture', 'noise', 'mask'].map((name) => tensors.get(name));
  const inpainting = picture && noise && mask ? { picture, noise, mask } : null;
  return { latent, draws: parsed.data.draws, at: parsed.data.at, inpainting };
}

/** The first call that belongs to the refiner when the base takes this share of the noise; the schedule's length: none. */
export function handoffCall(schedule: Schedule, numTrainTimesteps: number, share: number): number {
  const cutoff = roundHalfEven(numTrainTimesteps - share * numTrainTimesteps);
  const call = schedule.timesteps.findIndex((timestep) => timestep < cutoff);
  return call === -1 ? schedule.timesteps.length : call;
}
