import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readTextEncoder, readUnet, readVae } from '../../../inference/checkpoint/folder.ts';
import { EngineServer } from '../../../inference/engine/server.ts';
import { examineDevice } from '../../../inference/graph/device.ts';
import { createSession, type GraphModel, type Signature } from '../../../inference/graph/session.ts';
import { buildTextEncoder, noVectors } from '../../../inference/models/clip.ts';
import type { BuildOptions } from '../../../inference/models/model.ts';
import { buildUnet } from '../../../inference/models/unet/unet.ts';
import { buildVaeDecoder } from '../../../inference/models/vae/vae.ts';
import type { Tensor } from '../../../inference/tensor.ts';
import { miniature, receiver } from '../engine/receiver.ts';
import { scrambled } from '../graph/evaluate.ts';
import { smallRecipe } from '../small-recipe.ts';

// The miniature by the GPU lowerings against the CPU's. In float16 ONNX Runtime's CPU provider computes what they
// built, with casts around what it has in float32 only: that judges the graphs, not the kernels. The kernels need a
// Vulkan device; Debian's chromium brings one in software (float32 only, and subgroups of 4 lanes: plain attention):
//   TEST_WEBGPU=1 VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json XDG_RUNTIME_DIR=/tmp npx vitest run gpu
// On it a whole picture is drawn as well, as the engine draws it.

const mini = join(import.meta.dirname, '../../../models/mini/base');

interface Case {
  readonly name: string;
  readonly build: BuildOptions;
  readonly runs: BuildOptions['provider'];
  /** Signal to noise that must remain against float32 on the CPU. */
  readonly decibels: number;
}

const graphs: Case[] = (['cuda', 'webgpu'] as const).map((provider) => ({
  name: `the graph for ${provider} in float16`,
  build: { provider, precision: 'float16' },
  runs: 'cpu',
  decibels: 45,
}));
const kernels: Case[] = [
  {
    name: 'the WebGPU provider in float32',
    build: { provider: 'webgpu', precision: 'float32', attention: 'plain' },
    runs: 'webgpu',
    decibels: 90,
  },
];
const cases = process.env.TEST_WEBGPU ? [...graphs, ...kernels] : graphs;

async function run<I extends Signature, O extends string>(
  model: GraphModel<I, O>,
  provider: BuildOptions['provider'],
  feeds: Parameters<Awaited<ReturnType<typeof createSession<I, O>>>['run']>[0],
  output: O,
): Promise<Tensor> {
  const session = await createSession(model, { provider });
  const results = await session.run(feeds, [output]);
  await session.release();
  return results[output];
}

function signalToNoise(exact: Tensor, actual: Tensor): number {
  expect(actual.shape).toEqual(exact.shape);
  const signal = exact.data.reduce((sum, value) => sum + value ** 2, 0);
  const noise = exact.data.reduce((sum, value, i) => sum + (value - actual.data[i]!) ** 2, 0);
  return 10 * Math.log10(signal / noise);
}

describe.each(cases)('$name', ({ build, runs, decibels }) => {
  const cpu = { provider: 'cpu', threads: 1 } as const;

  test('unet', { timeout: 300_000 }, async () => {
    const { config, weights } = await readUnet(join(mini, 'unet'));
    const feeds = {
      sample: scrambled([2, 4, 10, 15]),
      timestep: { shape: [2], data: Float32Array.of(981, 20) },
      encoder_hidden_states: scrambled([2, 32, config.crossAttentionDim], 1),
      text_embeds: scrambled([2, 128], 2),
      time_ids: { shape: [2, 6], data: Float32Array.of(80, 120, 0, 0, 80, 120, 256, 256, 0, 0, 256, 256) },
    };
    const exact = await run(buildUnet(config, weights, cpu), 'cpu', feeds, 'prediction');
    const actual = await run(buildUnet(config, weights, build), runs, feeds, 'prediction');
    expect(signalToNoise(exact, actual)).toBeGreaterThan(decibels);
  });

  test('text encoder', { timeout: 300_000 }, async () => {
    const { config, weights } = await readTextEncoder(join(mini, 'text_encoder_2'));
    const data = Int32Array.from({ length: 2 * config.maxPositionEmbeddings }, (_, i) => (i * 7919) % config.vocabSize);
    const feeds = { input_ids: { shape: [2, config.maxPositionEmbeddings], data }, vectors: noVectors(config) };
    for (const output of ['penultimate', 'pooled'] as const) {
      const exact = await run(buildTextEncoder(config, weights, cpu), 'cpu', feeds, output);
      const actual = await run(buildTextEncoder(config, weights, build), runs, feeds, output);
      expect(signalToNoise(exact, actual)).toBeGreaterThan(decibels);
    }
  });

  test('vae decoder', { timeout: 300_000 }, async () => {
    const { config, weights } = await readVae(join(mini, 'vae'));
    const feeds = { latent: scrambled([1, 4, 9, 8]) };
    const exact = await run(buildVaeDecoder(config, weights, cpu), 'cpu', feeds, 'image');
    const actual = await run(buildVaeDecoder(config, weights, build), runs, feeds, 'image');
    expect(signalToNoise(exact, actual)).toBeGreaterThan(decibels);
  });
});

describe.runIf(process.env.TEST_WEBGPU)('the engine on WebGPU in software', () => {
  test('finds that the device has no float16 and needs plain attention', async () => {
    expect(await examineDevice('webgpu')).toEqual({ precision: 'float32', attention: 'plain' });
  });

  test('draws the picture that the CPU draws', { timeout: 600_000 }, async () => {
    const draw = async (provider: 'cpu' | 'webgpu'): Promise<Buffer> => {
      const engine = receiver();
      const settings = { provider, threads: 1, maxBatch: 1, cacheFolder: '', previews: false };
      const server = new EngineServer({ ...settings, device: await examineDevice(provider) }, engine.send);
      const recipe = smallRecipe({ width: 64, height: 64, steps: 2, refine: 0.5 });
      const { picture } = await engine.run(server, { kind: 'draw', model: miniature, recipe, handoffAt: null });
      return sharp(picture).removeAlpha().raw().toBuffer();
    };
    const [exact, actual] = [await draw('cpu'), await draw('webgpu')];
    const steps = exact.map((value, i) => Math.abs(value - actual[i]!));
    expect(steps).toHaveLength(3 * 64 * 64);
    expect(Math.max(...steps)).toBeLessThanOrEqual(1);
  });
});
