import type { StoredTensor } from './weights.ts';

/** Rows `start` up to `end` of a tensor, by that range of its bytes. @throws RangeError if it is stored transposed */
export function rowsOf(tensor: StoredTensor, start: number, end: number): StoredTensor {
  if (tensor.transposed) throw new RangeError('Rows of a weight that is stored transposed are not contiguous.');
  const [count = 1, ...inner] = tensor.shape;
  const rowBytes = tensor.byteLength / count;
  const range = { offset: tensor.offset + start * rowBytes, byteLength: (end - start) * rowBytes };
  return { ...tensor, ...range, shape: [end - start, ...inner] };
}
