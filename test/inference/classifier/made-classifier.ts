import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeModel, type Node } from '../../../inference/graph/onnx.ts';

/** A side of what the made-up classifier reads. */
const SIDE = 8;

const node = (opType: string, inputs: string[], output: string): Node => ({
  name: output,
  opType,
  domain: '',
  inputs,
  outputs: [output],
  attributes: {},
});

export interface ClassifierFiles {
  readonly id2label?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Where the graph goes; the Hub has it at either place. */
  readonly file?: string;
}

/** A folder as the Hub lays it out, with a classifier that tells how red, green and blue a picture is on the whole. */
export async function makeClassifier(folder: string, files: ClassifierFiles = {}): Promise<string> {
  const { id2label = { 0: 'red', 1: 'green', 2: 'blue' }, config = {}, file = 'model.onnx' } = files;
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const shape = ['batch', 3, SIDE, SIDE];
  const model = encodeModel({
    nodes: [
      node('GlobalAveragePool', ['pixel_values'], 'means'),
      node('Flatten', ['means'], 'flat'),
      node('Mul', ['flat', 'factor'], 'logits'),
    ],
    initializers: [{ name: 'factor', type: 'float32', shape: [1], data: new Uint8Array(Float32Array.of(4).buffer) }],
    inputs: [{ name: 'pixel_values', type: 'float32', shape }],
    outputs: [{ name: 'logits', type: 'float32', shape: ['batch', 3] }],
  });
  const processor = { image_processor_type: 'ViTImageProcessor', size: { height: SIDE, width: SIDE } };
  await writeFile(join(folder, file), model);
  await writeFile(join(folder, 'config.json'), JSON.stringify({ id2label, ...config }));
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(processor));
  return folder;
}
