import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Arithmetic, ArithmeticReport, ArithmeticSetting, EngineSettings } from '../../commands/engine.ts';
import type { Weights } from '../checkpoint/weights.ts';
import { cachedQuantized } from './cache.ts';
import { fastest, gainOf, isFullSize, isOpen } from './choice.ts';
import { knownSpeeds } from './known-speeds.ts';
import type { QuantizedWeights } from './matrix.ts';
import { isLinear } from './quantizable.ts';

/** What decides how a network computes; see `EngineSettings`. */
export type ArithmeticOptions = Pick<EngineSettings, 'provider' | 'threads'> & {
  readonly arithmetic?: ArithmeticSetting;
  readonly cacheFolder?: string;
};

/** What a model with this UNet is drawn in. */
export async function arithmeticFor(unet: Weights, options: ArithmeticOptions): Promise<Arithmetic> {
  const { provider, arithmetic = 'auto' } = options;
  if (!isOpen(arithmetic, provider)) return decided(arithmetic, provider);
  return isFullSize(unet) ? (await reportArithmetic(options)).chosen : 'float32';
}

/** What full-size networks are computed in here. Where nobody has decided it, this machine is measured, once. */
export async function reportArithmetic(options: ArithmeticOptions): Promise<ArithmeticReport> {
  const { provider, threads, arithmetic = 'auto' } = options;
  if (!isOpen(arithmetic, provider)) return { chosen: decided(arithmetic, provider), gains: null };
  const { speeds, measured } = await knownSpeeds(folderOf(options), threads);
  const chosen = fastest(speeds);
  const { linear, convolution } = speeds;
  const gains = {
    linear: linear.float32 / linear.int8,
    convolution: convolution.float32 / convolution.int8,
    chosen: gainOf(chosen, speeds),
    measured,
  };
  return { chosen, gains };
}

/** A UNet's weights for an arithmetic of 8-bit integers. */
export async function integersFor(
  arithmetic: Exclude<Arithmetic, 'float32'>,
  unet: Weights,
  options: Pick<ArithmeticOptions, 'cacheFolder'>,
): Promise<QuantizedWeights> {
  const all = await cachedQuantized(unet, 'unet', folderOf(options));
  return arithmetic === 'int8' ? all : new Map([...all].filter(([name]) => isLinear(name)));
}

/** GPUs compute in float16 as they are told by their lowerings. */
function decided(arithmetic: ArithmeticSetting, provider: EngineSettings['provider']): Arithmetic {
  return provider === 'cpu' && arithmetic !== 'auto' ? arithmetic : 'float32';
}

let ownFolder: string | undefined;

/** Where none is given, one of this process alone: what lies under a fixed name in a shared folder may be anybody's. */
function folderOf({ cacheFolder }: Pick<ArithmeticOptions, 'cacheFolder'>): string {
  if (cacheFolder) return cacheFolder;
  if (ownFolder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'easel-cache-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    ownFolder = made;
  }
  return ownFolder;
}
