import { join } from 'node:path';
import protobuf from 'protobufjs/light.js';
import { expect, test } from 'vitest';
import { readTextEncoder, readUnet, readVae } from '../../../inference/checkpoint/folder.ts';
import { readSafetensorsHeader } from '../../../inference/checkpoint/safetensors.ts';
import { buildTextEncoder } from '../../../inference/models/clip.ts';
import { buildUnet } from '../../../inference/models/unet/unet.ts';
import { buildUpscaler } from '../../../inference/models/upscaler/upscaler.ts';
import { buildVaeDecoder, buildVaeEncoder } from '../../../inference/models/vae/vae.ts';

// There is no CUDA device where these tests run. What can be known without one is that no operator of ours falls back
// to the CPU in the middle of a step, with two copies across the bus: ONNX Runtime lists its kernels in
// docs/OperatorKernels.md. Of the operators below that list has a CUDA kernel at opset 19 for float16 (for `Shape` and
// the like: any element type).
const cudaKernels = new Set([
  'Add',
  'Cast',
  'Concat',
  'Conv',
  'Cos',
  'DepthToSpace',
  'Equal',
  'Gather',
  'GatherND',
  'Gemm',
  'Identity',
  'InstanceNormalization',
  'LayerNormalization',
  'LeakyRelu',
  'Less',
  'Mul',
  'PRelu',
  'Reshape',
  'Resize',
  'Shape',
  'Sin',
  'Transpose',
  'Unsqueeze',
  'Where',
  'com.microsoft.Gelu',
  'com.microsoft.MultiHeadAttention',
  'com.microsoft.QuickGelu',
]);
/** Kernels for floats only: of 77 token ids a prompt, once a picture, the CPU finds the largest as fast. */
const onHost = new Set(['ArgMax']);

const onnx = new protobuf.Root().define('onnx').addJSON({
  ModelProto: { fields: { graph: { id: 7, type: 'GraphProto' } } },
  GraphProto: { fields: { node: { id: 1, rule: 'repeated', type: 'NodeProto' } } },
  NodeProto: { fields: { opType: { id: 4, type: 'string' }, domain: { id: 7, type: 'string' } } },
});

interface DecodedModel {
  readonly graph: { readonly node: readonly { readonly opType: string; readonly domain: string }[] };
}

function operators(bytes: Uint8Array): ReadonlySet<string> {
  const model = onnx.lookupType('ModelProto').decode(bytes) as protobuf.Message & DecodedModel;
  return new Set(model.graph.node.map(({ opType, domain }) => (domain === '' ? opType : `${domain}.${opType}`)));
}

const models = join(import.meta.dirname, '../../../models');
const mini = join(models, 'mini/base');
const cuda = { provider: 'cuda' } as const;
const networks: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  unet: async () => {
    const { config, weights } = await readUnet(join(mini, 'unet'));
    return buildUnet(config, weights, cuda).bytes;
  },
  'text encoder': async () => {
    const { config, weights } = await readTextEncoder(join(mini, 'text_encoder'));
    return buildTextEncoder(config, weights, cuda).bytes;
  },
  'text encoder 2': async () => {
    const { config, weights } = await readTextEncoder(join(mini, 'text_encoder_2'));
    return buildTextEncoder(config, weights, cuda).bytes;
  },
  'vae decoder': async () => {
    const { config, weights } = await readVae(join(mini, 'vae'));
    return buildVaeDecoder(config, weights, cuda).bytes;
  },
  'vae encoder': async () => {
    const { config, weights } = await readVae(join(mini, 'vae'));
    return buildVaeEncoder(config, weights, cuda).bytes;
  },
  upscaler: async () => {
    const { tensors } = await readSafetensorsHeader(join(models, 'upscaler/model.safetensors'));
    return buildUpscaler(tensors, cuda).model.bytes;
  },
};

test.each(Object.entries(networks))('every operator of the %s has a kernel on CUDA', async (_, build) => {
  const used = operators(await build());
  expect(used.size).toBeGreaterThan(5);
  expect([...used].filter((name) => !cudaKernels.has(name) && !onHost.has(name))).toEqual([]);
});
