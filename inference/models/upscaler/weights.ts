import type { Weights } from '../../checkpoint/weights.ts';

/** Channels of a picture. */
export const RGB = 3;

/** The file holds no upscaler that we know. */
export class UnsupportedUpscalerError extends Error {
  override readonly name = 'UnsupportedUpscalerError';

  constructor(why: string) {
    super(
      `This is no upscaler that Easel can use: ${why}. It reads Real-ESRGAN's SRVGGNetCompact and RRDBNet as .safetensors.`,
    );
  }
}

/** How many channels the convolution of this name makes. @throws UnsupportedUpscalerError */
export function outputChannels(weights: Weights, name: string): number {
  const channels = weights.get(name)?.shape[0];
  if (channels === undefined) throw new UnsupportedUpscalerError(`it has no ${name}`);
  return channels;
}
