import type { VaeConfig } from '../checkpoint/configuration.ts';
import type { Tensor } from '../tensor.ts';
import { requireFinite } from './finite.ts';
import type { Networks } from './networks.ts';
import { inTiles, type Tiling } from './tiles.ts';

/** Pixels that one latent value stands for, along each side. */
export const LATENT_FACTOR = 8;

/**
 * The autoencoder sees at most a megapixel at once, which is all of any of SDXL's own sizes, because its memory grows
 * with the area. Its norms are over what it sees, so tiles differ a little from the whole: by 60 dB for the miniature.
 */
export const TILE: Pick<Tiling, 'side' | 'overlap' | 'margin'> = { side: 128, overlap: 32, margin: 8 };

/** diffusers' DiagonalGaussianDistribution keeps log variances in this range before it takes their root. */
const LOG_VARIANCE_RANGE = [-30, 20] as const;

/**
 * A picture as the UNet's latent: a sample of the autoencoder's posterior, scaled.
 * @param picture [1, 3, H, W] in 0 .. 1
 * @param noise standard normals of the latent's shape [1, C, H/8, W/8]
 */
export async function encodePicture(
  networks: Networks,
  picture: Tensor,
  noise: (shape: readonly number[]) => Tensor,
  tile = TILE,
): Promise<Tensor> {
  const symmetric = { shape: picture.shape, data: picture.data.map((value) => value * 2 - 1) };
  const tiling = { ...tile, inputCell: LATENT_FACTOR, outputCell: 1 };
  const moments = await inTiles(symmetric, tiling, networks.encode);
  return scale(samplePosterior(moments, noise), networks.checkpoint.vae.config);
}

/**
 * The UNet's latent as a picture.
 * @returns [1, 3, 8h, 8w] in 0 .. 1
 * @throws NotFiniteError
 */
export async function decodeLatent(networks: Networks, latent: Tensor, tile = TILE): Promise<Tensor> {
  const tiling = { ...tile, inputCell: 1, outputCell: LATENT_FACTOR };
  const picture = await inTiles(unscale(latent, networks.checkpoint.vae.config), tiling, networks.decode);
  requireFinite(picture);
  return { shape: picture.shape, data: picture.data.map((value) => Math.min(Math.max(value / 2 + 0.5, 0), 1)) };
}

function samplePosterior(moments: Tensor, noise: (shape: readonly number[]) => Tensor): Tensor {
  const [batch = 1, channels = 0, ...sides] = moments.shape;
  const shape = [batch, channels / 2, ...sides];
  const half = moments.data.length / 2;
  const { data } = noise(shape);
  const [lowest, highest] = LOG_VARIANCE_RANGE;
  return {
    shape,
    data: data.map((value, index) => {
      const mean = moments.data[index] ?? 0;
      const logVariance = Math.min(Math.max(moments.data[half + index] ?? 0, lowest), highest);
      return mean + Math.fround(Math.exp(0.5 * logVariance)) * value;
    }),
  };
}

function scale(latent: Tensor, { scalingFactor, latentsMean, latentsStd }: VaeConfig): Tensor {
  return perChannel(latent, (value, channel) => {
    const [mean, deviation] = [latentsMean?.[channel] ?? 0, latentsStd?.[channel] ?? 1];
    return ((value - mean) * scalingFactor) / deviation;
  });
}

function unscale(latent: Tensor, { scalingFactor, latentsMean, latentsStd }: VaeConfig): Tensor {
  return perChannel(latent, (value, channel) => {
    const [mean, deviation] = [latentsMean?.[channel] ?? 0, latentsStd?.[channel] ?? 1];
    return (value * deviation) / scalingFactor + mean;
  });
}

function perChannel({ shape, data }: Tensor, change: (value: number, channel: number) => number): Tensor {
  const [, channels = 1, height = 1, width = 1] = shape;
  const area = height * width;
  return { shape, data: data.map((value, index) => change(value, Math.floor(index / area) % channels)) };
}
