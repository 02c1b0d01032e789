/** Element types of the safetensors format that a checkpoint's tensors may have. */
export type Dtype =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'F8_E4M3'
  | 'F8_E5M2'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U8'
  | 'BOOL';

/**
 * Where a tensor's bytes lie on disk. A graph points ONNX external data at them, so nothing is copied.
 * `shape` is the shape that the consumer sees when it reads the bytes in order; where `transposed` is true
 * the bytes hold the transpose of what the consumer's parameter means (OpenCLIP's text projection), and the
 * graph inserts a Transpose.
 */
export interface StoredTensor {
  readonly file: string;
  readonly offset: number;
  readonly byteLength: number;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly transposed?: boolean;
}

/** The parameters of one component (a UNet, a text encoder, a VAE), by their diffusers or transformers name. */
export type Weights = ReadonlyMap<string, StoredTensor>;
