import type { Activation, Shape, Value } from './graph.ts';
import type { ElementType } from './onnx.ts';
import { elementTypes } from './onnx.ts';

/** ONNX operators that mean the same on every execution provider. Shapes follow NumPy's broadcasting. */

export function add<T extends 'float32' | 'float16' | 'int64'>(a: Value<T>, b: Value<T>): Value<T> {
  return a.graph.node('Add', [a, b], a.type);
}

export function multiply<T extends 'float32' | 'float16' | 'int64'>(a: Value<T>, b: Value<T>): Value<T> {
  return a.graph.node('Mul', [a, b], a.type);
}

/** The product of the last two dimensions; those before them are batches. */
export function matMul(a: Activation, b: Activation): Activation {
  return a.graph.node('MatMul', [a, b], a.type);
}

/** Over the last dimension. */
export function softmax(x: Activation): Activation {
  return x.graph.node('Softmax', [x], x.type, { attributes: { axis: { i: -1 } } });
}

export function sin(x: Value<'float32'>): Value<'float32'> {
  return x.graph.node('Sin', [x], x.type);
}

export function cos(x: Value<'float32'>): Value<'float32'> {
  return x.graph.node('Cos', [x], x.type);
}

export function concat<T extends ElementType>(values: readonly [Value<T>, ...Value<T>[]], axis: number): Value<T> {
  const [first] = values;
  return first.graph.node('Concat', values, first.type, { attributes: { axis: { i: axis } } });
}

export function cast<T extends ElementType>(x: Value, type: T): Value<T>;
export function cast(x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  return x.graph.node('Cast', [x], type, { attributes: { to: { i: elementTypes[type] } } });
}

/** A size of 0 keeps the operand's, -1 is whatever remains. */
export function reshape<T extends ElementType>(x: Value<T>, shape: Shape | readonly number[]): Value<T> {
  return x.graph.node('Reshape', [x, 'graph' in shape ? shape : x.graph.ints(shape)], x.type);
}

/** [N, ...] -> [N, the rest in one dimension]: a 1 x 1 convolution's kernel as a matrix. */
export function flatten(x: Activation): Activation {
  return x.graph.node('Flatten', [x], x.type, { attributes: { axis: { i: 1 } } });
}

/** Entries `start` up to `end` of the first dimension. */
export function slice(x: Activation, start: number, end: number): Activation {
  const { graph } = x;
  return graph.node('Slice', [x, graph.ints([start]), graph.ints([end]), graph.ints([0])], x.type);
}

export function transpose<T extends ElementType>(x: Value<T>, permutation: readonly number[]): Value<T> {
  return x.graph.node('Transpose', [x], x.type, { attributes: { perm: { ints: permutation } } });
}

/** Sizes of the dimensions from `start` up to `end`. */
export function shapeOf(x: Value, start = 0, end?: number): Shape {
  const attributes = { start: { i: start }, ...(end === undefined ? {} : { end: { i: end } }) };
  return x.graph.node('Shape', [x], 'int64', { attributes });
}

/** From 0 up to `end`, a vector of one element, in steps. */
export function range(end: Shape, step = 1): Shape {
  const { graph } = end;
  const scalars = [graph.ints([0]), end, graph.ints([step])].map((vector) => reshape(vector, []));
  return graph.node('Range', scalars, 'int64');
}

/** Nearest-neighbour resize of [B, C, h, w] to a size [H, W]: source index = floor(i * h / H), as PyTorch's. */
export function resizeNearest(x: Activation, size: Shape): Activation {
  const shape = concat([shapeOf(x, 0, 2), size], 0);
  const attributes = {
    mode: { s: 'nearest' },
    nearest_mode: { s: 'floor' },
    coordinate_transformation_mode: { s: 'asymmetric' },
  };
  return x.graph.node('Resize', [x, null, null, shape], x.type, { attributes });
}

/** Nearest-neighbour resize of [B, C, h, w] by a whole factor. */
export function enlargeNearest(x: Activation, factor: number): Activation {
  const attributes = {
    mode: { s: 'nearest' },
    nearest_mode: { s: 'floor' },
    coordinate_transformation_mode: { s: 'asymmetric' },
  };
  const scales = x.graph.floats([1, 1, factor, factor], [4]);
  return x.graph.node('Resize', [x, null, scales], x.type, { attributes });
}

/** Rows of a table [N, C] by their index; the result has the shape of the indices and then C. */
export function gather<T extends ElementType>(table: Value<T>, indices: Value<'int32' | 'int64'>): Value<T> {
  return table.graph.node('Gather', [table, indices], table.type);
}

/** Where each row of [B, L] has its highest value (the first of equals): [B]. */
export function argMax(x: Value<'int32'>): Value<'int64'> {
  return x.graph.node('ArgMax', [x], 'int64', { attributes: { axis: { i: 1 }, keepdims: { i: 0 } } });
}

/** 1 where an element is `value`, else 0. */
export function equals(x: Value<'int32'>, value: number): Value<'int32'> {
  return cast(x.graph.node('Equal', [cast(x, 'int64'), x.graph.ints([value])], 'bool'), 'int32');
}

/** Whether each of [B, L] is below 0: [B, L, 1]. */
export function isNegative(x: Value<'int32'>): Value<'bool'> {
  const { graph } = x;
  const negative = graph.node('Less', [cast(x, 'int64'), graph.ints([0])], 'bool');
  return graph.node('Unsqueeze', [negative, graph.ints([-1])], 'bool');
}

/** The first where the condition holds, else the second; all three broadcast. */
export function choose(condition: Value<'bool'>, first: Activation, second: Activation): Activation {
  return first.graph.node('Where', [condition, first, second], second.type);
}

/** One vector of each sample: states [B, L, C], positions [B] -> [B, C]. */
export function pick(states: Activation, positions: Value<'int64'>): Activation {
  const indices = reshape(positions, [-1, 1]);
  return states.graph.node('GatherND', [states, indices], states.type, { attributes: { batch_dims: { i: 1 } } });
}

/** x, or slope times x where it is negative. */
export function leakyRelu(x: Activation, slope: number): Activation {
  return x.graph.node('LeakyRelu', [x], x.type, { attributes: { alpha: { f: slope } } });
}

/** As a leaky ReLU, with a slope for each channel: x [B, C, H, W], slopes [C]. */
export function prelu(x: Activation, slopes: Activation): Activation {
  return x.graph.node('PRelu', [x, reshape(slopes, [-1, 1, 1])], x.type);
}

export function scaled(x: Activation, factor: number): Activation {
  return multiply(x, cast(x.graph.floats([factor], [1]), x.type));
}

/** Channels into pixels: [B, C * n * n, H, W] -> [B, C, n H, n W] in the order of PyTorch's pixel_shuffle. */
export function depthToSpace(x: Activation, n: number): Activation {
  return x.graph.node('DepthToSpace', [x], x.type, { attributes: { blocksize: { i: n }, mode: { s: 'CRD' } } });
}

/** Pixels into channels: [B, channels, n H, n W] -> [B, channels * n * n, H, W] in the order of pixel_unshuffle. */
export function spaceToDepth(x: Activation, channels: number, n: number): Activation {
  const blocks = x.graph.node('SpaceToDepth', [x], x.type, { attributes: { blocksize: { i: n } } });
  // ONNX counts channels within a place of the block; PyTorch counts places within a channel.
  const order = Array.from({ length: channels * n * n }, (_, i) => (i % (n * n)) * channels + Math.floor(i / (n * n)));
  return x.graph.node('Gather', [blocks, x.graph.ints(order)], x.type, { attributes: { axis: { i: 1 } } });
}
