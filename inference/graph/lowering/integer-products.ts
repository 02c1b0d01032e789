import type { Activation, Shape, Value } from '../graph.ts';
import { add, concat, gather, multiply, range, reshape, shapeOf, transpose } from '../ops.ts';
import type { KernelGeometry, QuantizedMatrix } from './lowering.ts';

interface ImageSize {
  readonly batch: Shape;
  readonly height: Shape;
  readonly width: Shape;
}

/** A tensor in unsigned 8-bit integers: each stands for `scale * (value - zero)`. */
interface Rounded {
  readonly values: Value<'uint8'>;
  readonly scale: Value<'float32'>;
  readonly zero: Value<'uint8'>;
}

/**
 * x [M, in] times a matrix of 8-bit integers, plus bias. All of x is rounded to the 256 steps between its least and its
 * largest value. Layers with the same x share the rounding: ONNX Runtime merges equal nodes.
 */
export function integerLinear(x: Activation, weight: QuantizedMatrix, bias: Activation | null): Activation {
  const rounded = round(x);
  return product(rounded, rounded.values, weight, bias);
}

/**
 * A convolution as the product of the patches that the kernel sees, one a row, and the kernel: with AMX ten times as
 * fast as ONNX Runtime's own, of integers or not. The patches are gathered from the rounded image, a byte a value.
 */
export function integerConv2d(
  x: Activation,
  weight: QuantizedMatrix,
  bias: Activation | null,
  geometry: KernelGeometry,
): Activation {
  const { graph } = x;
  const { kernel, stride, padding, inChannels, outChannels } = geometry;
  const rounded = round(x);
  const image = padded(transpose(rounded.values, [0, 2, 3, 1]), rounded.zero, padding);
  const [batch, height, width] = [shapeOf(image, 0, 1), shapeOf(image, 1, 2), shapeOf(image, 2, 3)];
  const pixels = reshape(image, [-1, inChannels]);
  const [rows, columns] = [starts(height, kernel, stride), starts(width, kernel, stride)];
  const isPointwise = kernel === 1 && stride === 1;
  const patches = isPointwise
    ? pixels
    : reshape(gather(pixels, patchIndices({ batch, height, width }, rows, columns, kernel)), [
        -1,
        kernel ** 2 * inChannels,
      ]);
  const shape = concat([batch, shapeOf(rows, 0, 1), shapeOf(columns, 0, 1), graph.ints([outChannels])], 0);
  return transpose(reshape(product(rounded, patches, weight, bias), shape), [0, 3, 1, 2]);
}

function round(x: Activation): Rounded {
  const { graph } = x;
  const values = graph.node('DynamicQuantizeLinear', [x], 'uint8', { results: 3 });
  return { values, scale: graph.otherResult(values, 1, 'float32'), zero: graph.otherResult(values, 2, 'uint8') };
}

function product(
  { scale, zero }: Rounded,
  values: Value<'uint8'>,
  weight: QuantizedMatrix,
  bias: Activation | null,
): Activation {
  const inputs = [values, weight.values, scale, weight.scales, zero, null, bias];
  return scale.graph.node('MatMulIntegerToFloat', inputs, 'float32', { domain: 'com.microsoft' });
}

/** An image [B, H, W, C] with the value that stands for 0 around it. */
function padded(image: Value<'uint8'>, zero: Value<'uint8'>, { top, left, bottom, right }: KernelGeometry['padding']) {
  if (top + left + bottom + right === 0) return image;
  const { graph } = image;
  return graph.node('Pad', [image, graph.ints([0, top, left, 0, 0, bottom, right, 0]), zero], 'uint8');
}

/** Along one side of a padded image: where each place of the kernel starts, `stride` apart. */
function starts(side: Shape, kernel: number, stride: number): Shape {
  const { graph } = side;
  return range(add(side, graph.ints([1 - kernel])), stride);
}

/**
 * The pixel of a padded image that each value of each patch is: [B, rows, columns, kernel * kernel], for a list of all
 * images' pixels in reading order.
 */
function patchIndices(image: ImageSize, rows: Shape, columns: Shape, kernel: number): Shape {
  const { batch, height, width } = image;
  const { graph } = width;
  const sides = Array.from({ length: kernel }, (_, i) => i);
  const [across, down] = [graph.ints(sides), reshape(graph.ints(sides), [-1, 1])];
  const within = reshape(add(multiply(down, width), across), [-1]);
  const corners = add(reshape(multiply(rows, width), [-1, 1]), columns);
  const images = multiply(range(batch), multiply(height, width));
  return add(add(reshape(images, [-1, 1, 1, 1]), reshape(corners, [0, 0, 1])), within);
}
