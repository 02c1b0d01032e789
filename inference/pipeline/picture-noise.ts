import { TorchGenerator } from '../sampling/noise.ts';
import type { Tensor } from '../tensor.ts';

/**
 * The random numbers of one picture: one generator for base and refiner alike, asked in diffusers' order. It counts its
 * draws, so that a refine at another time goes on where the base stopped.
 */
export class PictureNoise {
  private readonly generator: TorchGenerator;
  private readonly shape: readonly number[];
  private drawn: number;

  /** @param shape the latent's, [1, C, h, w]; @param draws how many were made in an earlier run */
  constructor(seed: number, shape: readonly number[], draws = 0) {
    this.generator = new TorchGenerator(seed);
    this.shape = shape;
    this.generator.skip(shape, draws);
    this.drawn = draws;
  }

  get draws(): number {
    return this.drawn;
  }

  /** The next tensor of standard normals. */
  readonly next = (): Tensor => {
    this.drawn++;
    return this.generator.randn(this.shape);
  };
}
