import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readUnet } from '../../../inference/checkpoint/folder.ts';
import { readTensor } from '../../../inference/checkpoint/safetensors.ts';
import type { WeightExtras } from '../../../inference/graph/bind-weights.ts';
import { createSession } from '../../../inference/graph/session.ts';
import { buildUnet } from '../../../inference/models/unet/unet.ts';
import { readQuantized, writeQuantized } from '../../../inference/quantization/file.ts';
import { quantizeMatrix } from '../../../inference/quantization/matrix.ts';
import { splitByRounding } from '../../../inference/quantization/quantizable.ts';
import { scrambled } from '../graph/evaluate.ts';

const cpu = { provider: 'cpu', threads: 1 } as const;

describe('a weight as a matrix of 8-bit integers', () => {
  const weight = scrambled([4, 3, 2, 2]).data;
  const { values, scales } = quantizeMatrix(weight, [4, 3, 2, 2]);
  /** Where the value of the output, the channel and the place in the kernel is in the matrix [2 * 2 * 3, 4]. */
  const at = (output: number, channel: number, place: number) => (place * 3 + channel) * 4 + output;

  test('has a column for each output, and its rows in the order of places and channels', () => {
    for (const [i, exact] of weight.entries()) {
      const [output, channel, place] = [Math.floor(i / 12), Math.floor(i / 4) % 3, i % 4];
      const scale = scales[output]!;
      expect(Math.abs(values[at(output, channel, place)]! * scale - exact)).toBeLessThanOrEqual(scale / 2 + 1e-6);
    }
  });

  test('gives each column the scale that its largest value needs', () => {
    for (const output of [0, 1, 2, 3]) {
      expect(Math.max(...values.filter((_, i) => i % 4 === output).map(Math.abs))).toBe(127);
    }
  });

  test('of zeros stays zeros', () => {
    const zeros = quantizeMatrix(new Float32Array(4), [2, 2]);
    expect([...zeros.values, ...zeros.scales]).toEqual([0, 0, 0, 0, 1, 1]);
  });
});

describe('the miniature in 8-bit integers', async () => {
  const { config, weights } = await readUnet(join(import.meta.dirname, '../../../models/mini/base/unet'));
  const folder = await mkdtemp(join(tmpdir(), 'easel-int8-'));
  const path = join(folder, 'unet.safetensors');
  const chosen = splitByRounding(weights, 'int8').rounded;
  await writeQuantized(chosen, path);
  const quantized = await readQuantized(path);
  const linears = new Map([...quantized].filter(([name]) => /attentions/.test(name)));

  test('covers the layers of the transformers and the convolutions between the first and the last', () => {
    expect(quantized.has('down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight')).toBe(true);
    expect(quantized.has('up_blocks.2.resnets.0.conv_shortcut.weight')).toBe(true);
    expect(quantized.has('down_blocks.0.downsamplers.0.conv.weight')).toBe(true);
    const rest = [...weights.keys()].filter((name) => !chosen.has(name) && !/norm|bias/.test(name));
    expect(rest.filter((name) => !/^(time_embedding|add_embedding|conv_(in|out))\.|time_emb_proj/.test(name))).toEqual(
      [],
    );
  });

  test('has the halves of a gated layer apart, for they are computed apart', () => {
    const gated = 'mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj.weight';
    expect([...quantized.keys()].filter((name) => name.startsWith(gated))).toEqual([
      `${gated}[0:640]`,
      `${gated}[640:1280]`,
    ]);
    expect(quantized.get(`${gated}[640:1280]`)?.values.shape).toEqual([160, 640]);
  });

  test('leaves no partial file', async () => {
    expect(await readdir(folder)).toEqual(['unet.safetensors']);
  });

  test('holds the weights as they are rounded', async () => {
    const name = 'mid_block.resnets.0.conv1.weight';
    const stored = weights.get(name)!;
    const expected = quantizeMatrix((await readTensor(stored)).data, stored.shape);
    const { values, scales } = quantized.get(name)!;
    expect((await readTensor(values)).data).toEqual(Float32Array.from(expected.values));
    expect((await readTensor(scales)).data).toEqual(expected.scales);
  });

  const feeds = {
    sample: scrambled([2, 4, 16, 16]),
    timestep: { shape: [2], data: Float32Array.of(900, 300) },
    encoder_hidden_states: scrambled([2, 32, config.crossAttentionDim], 1),
    text_embeds: scrambled([2, 128], 2),
    time_ids: { shape: [2, 6], data: Float32Array.of(128, 128, 0, 0, 128, 128, 128, 128, 0, 0, 128, 128) },
  };
  const predict = async (extras: WeightExtras) => {
    const session = await createSession(buildUnet(config, weights, { ...cpu, ...extras }), cpu);
    const { prediction } = await session.run(feeds);
    await session.release();
    return prediction.data;
  };
  const exact = await predict({});
  const decibels = (rounded: Float32Array): number => {
    const power = exact.reduce((sum, value) => sum + value ** 2, 0);
    const noise = exact.reduce((sum, value, i) => sum + (value - rounded[i]!) ** 2, 0);
    return 10 * Math.log10(power / noise);
  };

  test('predicts within 30 dB of float32, convolutions included, and not the same', async () => {
    const [onlyLinears, all] = [
      decibels(await predict({ quantized: linears })),
      decibels(await predict({ quantized })),
    ];
    expect(all).toBeGreaterThan(30);
    expect(onlyLinears).toBeGreaterThan(all);
    expect(onlyLinears).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test('is for the CPU', () => {
    expect(() => buildUnet(config, weights, { provider: 'cuda', quantized })).toThrow(/8-bit.*cuda/);
  });
});
