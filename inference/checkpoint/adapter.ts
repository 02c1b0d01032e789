import type { StoredTensor } from './weights.ts';

/** The networks of a checkpoint that an adapter may change. */
export type AdaptedComponent = 'unet' | 'textEncoder' | 'textEncoder2';

/**
 * A change to the weight W of one module, W + strength x scale x delta, held as small factors:
 * - `lora`: delta = up @ down; for a convolution `down` is the kernel and `up` is 1 x 1 (Hu et al. 2021).
 * - `loha`: delta = (w1a @ w1b) * (w2a @ w2b), element by element (LyCORIS, Yeh et al. 2023).
 * - `lokr`: delta = the Kronecker product of w1 and w2 (the same).
 */
export type Adapter = LowRankAdapter | HadamardAdapter | KroneckerAdapter;

interface Adaptation {
  readonly component: AdaptedComponent;
  /** The module's diffusers name; the weight it changes is this with `.weight`. */
  readonly module: string;
  /** The weight's shape, as its consumer means it. */
  readonly shape: readonly number[];
  /** alpha / rank, or 1 where the file gives no alpha. */
  readonly scale: number;
}

export interface LowRankAdapter extends Adaptation {
  readonly kind: 'lora';
  /** [out, rank], or [out, rank, 1, 1]. */
  readonly up: StoredTensor;
  /** [rank, in], or [rank, in, height, width]. */
  readonly down: StoredTensor;
}

export interface HadamardAdapter extends Adaptation {
  readonly kind: 'loha';
  readonly first: MatrixProduct;
  readonly second: MatrixProduct;
}

export interface KroneckerAdapter extends Adaptation {
  readonly kind: 'lokr';
  readonly first: KroneckerFactor;
  readonly second: KroneckerFactor;
}

/** left @ right: [rows, rank] by [rank, columns]. */
export interface MatrixProduct {
  readonly left: StoredTensor;
  readonly right: StoredTensor;
}

/** A factor as it is, or as a product. */
export type KroneckerFactor = { readonly whole: StoredTensor } | MatrixProduct;

/** A file of adapters, fitted to a checkpoint. */
export interface Lora {
  readonly path: string;
  readonly adapters: readonly Adapter[];
  readonly metadata: ReadonlyMap<string, string>;
}
