import { CheckpointError, UnsupportedModelError } from '../checkpoint/errors.ts';
import { identify } from '../checkpoint/identify.ts';
import { readSafetensorsHeader } from '../checkpoint/safetensors.ts';
import { WeightsMismatchError } from '../graph/bind-weights.ts';
import { residentBytes } from '../models/memory-plan.ts';
import { buildUpscaler } from '../models/upscaler/upscaler.ts';
import { UnsupportedUpscalerError } from '../models/upscaler/weights.ts';
import type { Tensor } from '../tensor.ts';
import type { NetworkOptions } from './networks.ts';
import { Sessions } from './sessions.ts';
import { inTiles, type Tiling } from './tiles.ts';

/** Pixels that a picture's sides are a multiple of: the networks for small scales fold squares of up to this side. */
export const UPSCALER_CELL = 4;

/**
 * Tiles of 256 pixels that share 48 and forget 16 at each inner edge: a compact network looks no further than that, so
 * that its result is the same as of the whole picture; a deep one is blended over the rest.
 */
const TILING = { side: 64, overlap: 12, margin: 4, inputCell: UPSCALER_CELL } as const;

/** A network that enlarges pictures. */
export interface PictureUpscaler {
  readonly scale: number;
  /** What it takes in memory once it is loaded, about. */
  readonly bytes: number;
  /** Makes it ready, if it is not. */
  load(): Promise<void>;
  /** Frees its memory; it can be used again, and then takes it again. */
  release(): Promise<void>;
  /**
   * [1, 3, H, W] in 0 .. 1, sides multiples of `UPSCALER_CELL`, to [1, 3, scale H, scale W]. `run` runs each tile: it may
   * wait for its turn first, and stop at any of them.
   */
  enlarge(picture: Tensor, run: (tile: () => Promise<Tensor>) => Promise<Tensor>): Promise<Tensor>;
}

/** Opens an ESRGAN-like network's `.safetensors`; its weights are read when it is first used. Rejects with a CheckpointError that says what is wrong with the file. */
export async function openUpscaler(
  path: string,
  { provider, threads, device }: Pick<NetworkOptions, 'provider' | 'threads' | 'device'>,
): Promise<PictureUpscaler> {
  const header = await readSafetensorsHeader(path);
  const identity = identify(header);
  if (identity.kind !== 'upscaler') {
    const found = identity.kind === 'other' ? identity.found : `a file of kind "${identity.kind}"`;
    throw new UnsupportedModelError(path, found, 'An upscaler is needed here.');
  }
  const { model, scale } = build();
  const sessions = new Sessions();
  // Each tile takes up to a gigabyte for the time that it runs, which is for the next network afterwards.
  const options = { provider, keepsBuffers: false, ...(threads > 0 && { threads }) };
  const session = sessions.part(() => sessions.start(model, options));
  const tiling: Tiling = { ...TILING, outputCell: UPSCALER_CELL * scale };
  return {
    scale,
    bytes: residentBytes(header.tensors, { storage: 'fp32', memory: 'fast' }),
    load: async () => void (await session()),
    release: () => sessions.release(),
    enlarge: (picture, run) =>
      inTiles(picture, tiling, (tile) => run(async () => (await (await session()).run({ image: tile })).upscaled)),
  };

  function build(): ReturnType<typeof buildUpscaler> {
    try {
      return buildUpscaler(header.tensors, { provider, ...device });
    } catch (error) {
      if (error instanceof UnsupportedUpscalerError || error instanceof WeightsMismatchError)
        throw new CheckpointError(path, error.message, { cause: error });
      throw error;
    }
  }
}
