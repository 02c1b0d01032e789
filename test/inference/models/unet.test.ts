import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readUnet } from '../../../inference/checkpoint/folder.ts';
import { createSession } from '../../../inference/graph/session.ts';
import { buildShallowUnet, buildUnet } from '../../../inference/models/unet/unet.ts';
import { sizeOf, type Tensor } from '../../../inference/tensor.ts';
import { distance, scrambled } from '../graph/evaluate.ts';

const models = join(import.meta.dirname, '../../fixtures/golden/models');

function rowOf({ shape, data }: Tensor, row: number): Tensor {
  const rowShape = [1, ...shape.slice(1)];
  return { shape: rowShape, data: data.slice(row * sizeOf(rowShape), (row + 1) * sizeOf(rowShape)) };
}

test('rows of a batch do not see each other: each has its own timestep, text and sizes', async () => {
  const { config, weights } = await readUnet(join(models, 'unet'));
  const session = await createSession(buildUnet(config, weights, { provider: 'cpu' }), { provider: 'cpu' });
  const feeds = {
    sample: scrambled([3, 4, 6, 5]),
    timestep: { shape: [3], data: Float32Array.of(999, 500.25, 1) },
    encoder_hidden_states: scrambled([3, 10, config.crossAttentionDim], 1),
    text_embeds: scrambled([3, 32], 2),
    time_ids: scrambled([3, 6], 3),
  };
  const { prediction } = await session.run(feeds);
  expect(prediction.shape).toEqual([3, 4, 6, 5]);
  for (const row of [0, 1, 2]) {
    const alone = await session.run({
      sample: rowOf(feeds.sample, row),
      timestep: rowOf(feeds.timestep, row),
      encoder_hidden_states: rowOf(feeds.encoder_hidden_states, row),
      text_embeds: rowOf(feeds.text_embeds, row),
      time_ids: rowOf(feeds.time_ids, row),
    });
    expect(distance(alone.prediction.data, rowOf(prediction, row).data)).toBeLessThan(1e-4);
  }
  await session.release();
});

test('the finest level alone predicts the same where the deep features are those of this very step', async () => {
  const { config, weights } = await readUnet(join(models, 'unet'));
  const [whole, shallow] = await Promise.all([
    createSession(buildUnet(config, weights, { provider: 'cpu' }), { provider: 'cpu' }),
    createSession(buildShallowUnet(config, weights, { provider: 'cpu' }), { provider: 'cpu' }),
  ]);
  const feeds = {
    sample: scrambled([2, 4, 6, 5]),
    timestep: { shape: [2], data: Float32Array.of(700, 30) },
    encoder_hidden_states: scrambled([2, 10, config.crossAttentionDim], 1),
    text_embeds: scrambled([2, 32], 2),
    time_ids: scrambled([2, 6], 3),
  };
  const { prediction, deep } = await whole.run(feeds);
  const [again, other] = [
    await shallow.run({ ...feeds, deep }),
    await shallow.run({ ...feeds, deep: { ...deep, data: deep.data.map((value) => value + 0.1) } }),
  ];
  expect(distance(again.prediction.data, prediction.data)).toBeLessThan(1e-5);
  expect(distance(other.prediction.data, prediction.data)).toBeGreaterThan(1e-3);
  await Promise.all([whole.release(), shallow.release()]);
});
