import type { Arithmetic, ArithmeticSetting, Provider } from '../../commands/engine.ts';
import type { Weights } from '../checkpoint/weights.ts';
import { parameterCount } from '../models/memory-plan.ts';

/** Seconds that 10^9 operations of each kind of layer take on this machine, in float32 and in 8-bit integers. */
export interface ProductSpeeds {
  readonly linear: { readonly float32: number; readonly int8: number };
  readonly convolution: { readonly float32: number; readonly int8: number };
  /** Whether products of the largest integers come out right: old instructions cut their sums at 16 bits. */
  readonly isExact: boolean;
}

/** Operations (10^9) of SDXL's UNet in one pass at 512x512, by kind of layer; attention takes 55 more. */
const WORK = { linear: 1128, convolution: 406 } as const;

/** What must be gained at least by an arithmetic that is no longer exact. */
const WORTHWHILE = 1.2;

/**
 * Parameters of a UNet from which on a person waits for it by the minute: SDXL's has 2.6 * 10^9, its refiner 2.3. The
 * bundled miniature, whose pictures are promised to equal those of diffusers, has 16 million.
 */
const FULL_SIZE = 500_000_000;

/** How many times as fast as in float32 the layers of a full-size UNet are. */
export function gainOf(arithmetic: Arithmetic, { linear, convolution }: ProductSpeeds): number {
  const seconds = (of: Arithmetic): number =>
    WORK.linear * linear[of === 'float32' ? 'float32' : 'int8'] +
    WORK.convolution * convolution[of === 'int8' ? 'int8' : 'float32'];
  return seconds('float32') / seconds(arithmetic);
}

/** What 'auto' stands for on a machine of these speeds, for full-size networks: the fastest, if it gains enough. */
export function fastest(speeds: ProductSpeeds): Arithmetic {
  if (!speeds.isExact) return 'float32';
  const [best = 'float32'] = (['int8', 'int8-linear'] as const)
    .filter((arithmetic) => gainOf(arithmetic, speeds) >= WORTHWHILE)
    .sort((a, b) => gainOf(b, speeds) - gainOf(a, speeds));
  return best;
}

/** Whether nobody has decided yet what the model is computed in, so that it is worth measuring. */
export function isOpen(setting: ArithmeticSetting, provider: Provider): boolean {
  return setting === 'auto' && provider === 'cpu';
}

export function isFullSize(unet: Weights): boolean {
  return parameterCount(unet) >= FULL_SIZE;
}
