import type { VaeConfig } from '../checkpoint/configuration.ts';
import type { Tensor } from '../tensor.ts';
import { PREVIEW_MAPS, SDXL_PREVIEW_MAP } from './preview-maps.ts';

/**
 * A latent as a picture at the latent's own size, an eighth of the real one along each side: nearly linear in the
 * autoencoder's few channels, hence almost free.
 * @param latent [1, C, h, w] as the UNet sees it (scaled)
 * @returns [1, 3, h, w] in 0 .. 1
 */
export function latentToRgb({ shape, data }: Tensor, { scalingFactor }: Pick<VaeConfig, 'scalingFactor'>): Tensor {
  // The factor that gives the latents unit variance is as good as the autoencoder's name.
  const { weights, bias } =
    PREVIEW_MAPS.find((map) => Math.abs(map.scalingFactor / scalingFactor - 1) < 1e-4) ?? SDXL_PREVIEW_MAP;
  const [, , height = 1, width = 1] = shape;
  const area = height * width;
  const rgb = new Float32Array(3 * area);
  for (const [colour, channels] of weights.entries()) {
    for (let pixel = 0; pixel < area; pixel++) {
      let value = bias[colour] ?? 0;
      for (const [channel, weight] of channels.entries()) value += weight * (data[channel * area + pixel] ?? 0);
      rgb[colour * area + pixel] = Math.min(Math.max(value, 0), 1);
    }
  }
  return { shape: [1, 3, height, width], data: rgb };
}
