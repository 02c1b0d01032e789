/** The resampling that needs no network: sharper than a browser's, and no detail is made up. */
export const LANCZOS = 'lanczos';

/** The network that comes with Easel; it enlarges where nothing else is asked for. */
export const BUNDLED_UPSCALER = 'realesrgan-compact';

/** How a picture may be enlarged, by name: what always is there, then the networks that the operator has named. */
export function upscaleMethods(configured: readonly string[]): readonly string[] {
  return [BUNDLED_UPSCALER, LANCZOS, ...configured];
}

/** In pixels; larger files do not fit the platforms' limits in any format that keeps the recipe. */
export const MAX_UPSCALED_SIDE = 4096;
