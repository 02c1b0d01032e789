import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readUnet } from '../../../inference/checkpoint/folder.ts';
import { readTensor } from '../../../inference/checkpoint/safetensors.ts';
import { createSession } from '../../../inference/graph/session.ts';
import { buildUnet } from '../../../inference/models/unet/unet.ts';
import { quantizable, readQuantized, writeQuantized } from '../../../inference/quantization/file.ts';
import { quantizeRows } from '../../../inference/quantization/rows.ts';
import { scrambled } from '../graph/evaluate.ts';

const cpu = { provider: 'cpu', threads: 1 } as const;

describe('rows', () => {
  test('have the scale that their largest value needs, and lose at most half of it', () => {
    const matrix = scrambled([4, 9]).data;
    const { values, scales } = quantizeRows(matrix, 4);
    for (const [i, value] of matrix.entries()) {
      const scale = scales[Math.floor(i / 9)]!;
      expect(Math.abs(values[i]! * scale - value)).toBeLessThanOrEqual(scale / 2 + 1e-6);
    }
    for (const row of [0, 1, 2, 3]) {
      expect(Math.max(...values.subarray(row * 9, row * 9 + 9).map(Math.abs))).toBe(127);
    }
  });

  test('of zeros stay zeros', () => {
    const { values, scales } = quantizeRows(new Float32Array(4), 2);
    expect([...values, ...scales]).toEqual([0, 0, 0, 0, 1, 1]);
  });
});

describe('the miniature in 8-bit integers', async () => {
  const { config, weights } = await readUnet(join(import.meta.dirname, '../../../models/mini/base/unet'));
  const folder = await mkdtemp(join(tmpdir(), 'easel-int8-'));
  const path = join(folder, 'unet.safetensors');
  const matrices = quantizable(weights);
  await writeQuantized(matrices, path);
  const quantized = await readQuantized(path);

  test('covers the linear layers of the transformers and nothing else', () => {
    expect([...quantized.keys()].sort()).toEqual([...matrices.keys()].sort());
    expect(quantized.has('down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight')).toBe(true);
    expect([...quantized.keys()].filter((name) => !/attentions\.\d+\.(proj_|transformer_)/.test(name))).toEqual([]);
  });

  test('leaves no partial file', async () => {
    expect(await readdir(folder)).toEqual(['unet.safetensors']);
  });

  test('holds every weight within half a step', async () => {
    const name = 'mid_block.attentions.0.proj_in.weight';
    const { values, scales } = quantized.get(name)!;
    const [exact, rounded, steps] = [
      await readTensor(matrices.get(name)!),
      await readTensor(values),
      await readTensor(scales),
    ];
    const columns = exact.shape[1]!;
    const worst = exact.data.reduce((most, value, i) => {
      const step = steps.data[Math.floor(i / columns)]!;
      return Math.max(most, Math.abs(rounded.data[i]! * step - value) / step);
    }, 0);
    expect(worst).toBeGreaterThan(0.4);
    expect(worst).toBeLessThan(0.501);
  });

  test('predicts within 30 dB of float32, and not the same', async () => {
    const feeds = {
      sample: scrambled([2, 4, 16, 16]),
      timestep: { shape: [2], data: Float32Array.of(900, 300) },
      encoder_hidden_states: scrambled([2, 32, config.crossAttentionDim], 1),
      text_embeds: scrambled([2, 128], 2),
      time_ids: { shape: [2, 6], data: Float32Array.of(128, 128, 0, 0, 128, 128, 128, 128, 0, 0, 128, 128) },
    };
    const run = async (extras: { quantized?: typeof quantized }) => {
      const session = await createSession(buildUnet(config, weights, { ...cpu, ...extras }), cpu);
      const { prediction } = await session.run(feeds);
      await session.release();
      return prediction.data;
    };
    const [exact, rounded] = [await run({}), await run({ quantized })];
    const power = exact.reduce((sum, value) => sum + value ** 2, 0);
    const noise = exact.reduce((sum, value, i) => sum + (value - rounded[i]!) ** 2, 0);
    expect(noise).toBeGreaterThan(0);
    expect(10 * Math.log10(power / noise)).toBeGreaterThan(30);
  });

  test('is for the CPU', () => {
    expect(() => buildUnet(config, weights, { provider: 'cuda', quantized })).toThrow(/8-bit.*cuda/);
  });
});
