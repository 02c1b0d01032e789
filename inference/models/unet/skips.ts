import type { Activation, Shape } from '../../graph/graph.ts';
import { shapeOf } from '../../graph/ops.ts';

/** The images that the way down leaves for the way up, which takes them in reverse. */
export class Skips {
  readonly #images: Activation[] = [];

  push(image: Activation): Activation {
    this.#images.push(image);
    return image;
  }

  pop(): Activation {
    const image = this.#images.pop();
    if (image === undefined) throw new RangeError('The UNet has more residual blocks on its way up than skips.');
    return image;
  }

  /** Height and width of the image that will be taken next. */
  nextSize(): Shape {
    return shapeOf(this.push(this.pop()), 2, 4);
  }
}
