/** The resampling that needs no network: sharper than a browser's, and no detail is made up. */
export const LANCZOS = 'lanczos';

/** The network that comes with Easel; it enlarges where nothing else is asked for. */
export const BUNDLED_UPSCALER = 'realesrgan-compact';

const ALWAYS_THERE: readonly string[] = [BUNDLED_UPSCALER, LANCZOS];

/** How a picture may be enlarged, by name: what always is there, then the operator's own networks. */
export function upscaleMethods(own: readonly string[]): readonly string[] {
  return [...ALWAYS_THERE, ...own];
}

/** Whether any worker can enlarge so. */
export function comesWithEasel(method: string): boolean {
  return ALWAYS_THERE.includes(method);
}

/** In pixels; larger files do not fit the platforms' limits in any format that keeps the recipe. */
export const MAX_UPSCALED_SIDE = 4096;
