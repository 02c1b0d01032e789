/** A linear map from an autoencoder's latent to the picture that it decodes to, fitted by `tools/fit-preview.ts`. */
export interface PreviewMap {
  /** Of the autoencoder that it belongs to. */
  readonly scalingFactor: number;
  /** For red, green and blue: a weight for each channel of the scaled latent, in units of the picture's 0 .. 1. */
  readonly weights: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/** SDXL's, as Timothy Alexis Vass published it in "Explaining the SDXL latent space" (2024), there in units of 1/255. */
export const SDXL_PREVIEW_MAP: PreviewMap = {
  scalingFactor: 0.13025,
  weights: [
    [60 / 255, -60 / 255, 25 / 255, -70 / 255],
    [60 / 255, -5 / 255, 15 / 255, -50 / 255],
    [60 / 255, 10 / 255, -5 / 255, -35 / 255],
  ],
  bias: [150 / 255, 140 / 255, 130 / 255],
};

/** The bundled miniature's, fitted to the golden pictures with a root mean square error of 0.034. */
const MINI_PREVIEW_MAP: PreviewMap = {
  scalingFactor: 0.6073858114674441,
  weights: [
    [0.2436, -0.0048, -0.0099, -0.0039],
    [0.0614, 0.1887, -0.0105, 0.0123],
    [0.0034, 0.0954, 0.2073, -0.0056],
  ],
  bias: [0.5613, 0.5516, 0.5478],
};

export const PREVIEW_MAPS: readonly PreviewMap[] = [SDXL_PREVIEW_MAP, MINI_PREVIEW_MAP];
