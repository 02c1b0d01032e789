import { sizeOf, type Tensor } from '../tensor.ts';
import { MersenneTwister } from './mersenne-twister.ts';
import { roundToHalf } from './rounding.ts';

/** Fewer values than this are drawn one by one, more in blocks of this many: torch's vectorised path. */
const BLOCK = 16;
const TWO_PI = Math.fround(2 * Math.PI);

/**
 * Normal noise equal to `torch.randn` with a CPU generator, so that a seed gives the picture that diffusers gives.
 * The values follow ATen's `normal_` (DistributionTemplates.h); its single-precision logarithm and cosine are
 * approximations, which ours meet to 3e-7.
 */
export class TorchGenerator {
  private readonly words: MersenneTwister;
  /** The Box-Muller transform makes two normals at a time: the second waits for the next short draw. */
  private waitingNormal: number | null = null;

  /** As `torch.Generator('cpu').manual_seed(seed)`; `seed` is an integer, of which the low 32 bits count. */
  constructor(seed: number) {
    this.words = new MersenneTwister(seed);
  }

  /** A tensor of float32 standard normals. The batch counts: two pictures at once are not two pictures in turn. */
  randn(shape: readonly number[]): Tensor {
    const data = new Float32Array(sizeOf(shape));
    if (data.length < BLOCK) {
      for (let i = 0; i < data.length; i++) data[i] = this.nextNormal();
      return { shape, data };
    }
    for (let i = 0; i < data.length; i++) data[i] = this.nextUniform24();
    for (let start = 0; start + BLOCK <= data.length; start += BLOCK) toNormals(data.subarray(start, start + BLOCK));
    if (data.length % BLOCK !== 0) this.drawBlock(data.subarray(data.length - BLOCK));
    return { shape, data };
  }

  /** What torch draws for dtype float16, as float32 values; it differs from `randn` in more than the rounding. */
  randnHalf(shape: readonly number[]): Tensor {
    const data = new Float32Array(sizeOf(shape));
    if (data.length < BLOCK) {
      for (let i = 0; i < data.length; i++) data[i] = this.nextNormal();
    } else {
      for (let start = 0; start + BLOCK <= data.length; start += BLOCK) {
        this.drawBlock(data.subarray(start, start + BLOCK));
      }
      if (data.length % BLOCK !== 0) this.drawBlock(data.subarray(data.length - BLOCK));
    }
    return { shape, data: data.map(roundToHalf) };
  }

  /** Goes on as if `draws` tensors of this shape had been drawn: how a later refine takes up a picture's generator. */
  skip(shape: readonly number[], draws: number): void {
    for (let i = 0; i < draws; i++) this.randn(shape);
  }

  private drawBlock(block: Float32Array): void {
    for (let i = 0; i < BLOCK; i++) block[i] = this.nextUniform24();
    toNormals(block);
  }

  private nextUniform24(): number {
    return (this.words.nextWord() & 0xffffff) * 2 ** -24;
  }

  private nextUniform53(): number {
    const high = this.words.nextWord() & 0x1fffff;
    return (high * 2 ** 32 + this.words.nextWord()) * 2 ** -53;
  }

  private nextNormal(): number {
    if (this.waitingNormal !== null) {
      const normal = this.waitingNormal;
      this.waitingNormal = null;
      return normal;
    }
    const angle = 2 * Math.PI * this.nextUniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.nextUniform53()));
    this.waitingNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/** Box and Muller's transform of sixteen uniforms in place, rounded to float32 where torch rounds. */
function toNormals(block: Float32Array): void {
  for (let i = 0; i < BLOCK / 2; i++) {
    const radius = Math.fround(Math.sqrt(Math.fround(-2 * Math.fround(Math.log(1 - (block[i] ?? 0))))));
    const angle = Math.fround(TWO_PI * (block[i + BLOCK / 2] ?? 0));
    block[i] = radius * Math.fround(Math.cos(angle));
    block[i + BLOCK / 2] = radius * Math.fround(Math.sin(angle));
  }
}
