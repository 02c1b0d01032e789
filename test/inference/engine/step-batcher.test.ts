import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StepBatcher } from '../../../inference/engine/step-batcher.ts';
import type { Conditioning, Unet, UnetBatch } from '../../../inference/pipeline/unet.ts';
import type { Tensor } from '../../../inference/tensor.ts';

/** A UNet of one multiplication: each row's output is its sample times its timestep, plus its pooled text. */
function arithmeticUnet(): Unet & { readonly batches: UnetBatch[] } {
  const batches: UnetBatch[] = [];
  return {
    batches,
    async forward(batch) {
      batches.push(batch);
      const rowSize = batch.sample.data.length / batch.timesteps.length;
      const data = batch.sample.data.map((value, index) => {
        const row = Math.floor(index / rowSize);
        return value * (batch.timesteps[row] ?? Number.NaN) + (batch.pooled.data[row] ?? Number.NaN);
      });
      const prediction = { shape: batch.sample.shape, data };
      return { prediction, ...(batch.deep === 'return' && { deep: batch.pooled }) };
    },
  };
}

const row = (values: readonly number[]): Tensor => ({ shape: [1, values.length], data: Float32Array.from(values) });
const sample = (value: number, side = 2): Tensor => ({
  shape: [1, 1, side, side],
  data: new Float32Array(side * side).fill(value),
});
const conditioning = (pooled: number, tokens = 1): Conditioning => ({
  context: { shape: [1, tokens, 1], data: new Float32Array(tokens) },
  pooled: row([pooled]),
  timeIds: row([0]),
});

describe('StepBatcher', () => {
  it('gives every caller its own rows of a shared pass', async () => {
    const unet = arithmeticUnet();
    const batcher = new StepBatcher(8);
    const answers = await Promise.all([
      batcher.predict(unet, { sample: sample(1), timestep: 10, conditionings: [conditioning(100), conditioning(200)] }),
      batcher.predict(unet, { sample: sample(2), timestep: 20, conditionings: [conditioning(300)] }),
    ]);
    expect(unet.batches).toHaveLength(1);
    expect(answers.map(({ outputs }) => outputs.map((output) => output.data[0]))).toEqual([[110, 210], [340]]);
    expect(answers[0]?.outputs[0]?.shape).toEqual([1, 1, 2, 2]);
  });

  it('lets a picture join at the next step', async () => {
    const unet = arithmeticUnet();
    const batcher = new StepBatcher(8);
    const draw = async (steps: number): Promise<void> => {
      for (let step = 0; step < steps; step++) {
        await batcher.predict(unet, { sample: sample(1), timestep: step, conditionings: [conditioning(0)] });
      }
    };
    const first = draw(4);
    await batcher.predict(unet, { sample: sample(1), timestep: 9, conditionings: [conditioning(0)] });
    await Promise.all([first, draw(2)]);
    expect(unet.batches.map(({ timesteps }) => timesteps.length)).toEqual([2, 2, 2, 1]);
  });

  it('keeps sizes, text lengths and models apart, and the limit', async () => {
    const [unet, other] = [arithmeticUnet(), arithmeticUnet()];
    const batcher = new StepBatcher(2);
    const call = (side: number, tokens: number) => ({
      sample: sample(1, side),
      timestep: 1,
      conditionings: [conditioning(0, tokens)],
    });
    await Promise.all([
      batcher.predict(unet, call(2, 1)),
      batcher.predict(unet, call(3, 1)),
      batcher.predict(unet, call(2, 2)),
      batcher.predict(other, call(2, 1)),
      batcher.predict(unet, call(2, 1)),
      batcher.predict(unet, call(2, 1)),
    ]);
    expect(unet.batches.map(({ sample: batch, context }) => [...batch.shape, context.shape[1]])).toEqual([
      [2, 1, 2, 2, 1],
      [1, 1, 3, 3, 1],
      [1, 1, 2, 2, 2],
      [1, 1, 2, 2, 1],
    ]);
    expect(other.batches).toHaveLength(1);
  });

  it('hands deep features back to whoever asked, and in a pass of its own takes those of an earlier one', async () => {
    const unet = arithmeticUnet();
    const batcher = new StepBatcher(8);
    const call = (pooled: number) => ({ sample: sample(1), timestep: 1, conditionings: [conditioning(pooled)] });
    const [kept] = await Promise.all([
      batcher.predict(unet, { ...call(5), deep: 'return' }),
      batcher.predict(unet, { ...call(6), deep: 'return' }),
      batcher.predict(unet, call(7)),
    ]);
    expect(kept.deep).toEqual([row([5])]);
    await Promise.all([
      batcher.predict(unet, { ...call(5), deep: kept.deep ?? [] }),
      batcher.predict(unet, { ...call(6), deep: [row([6])] }),
      batcher.predict(unet, { ...call(7), deep: 'return' }),
    ]);
    expect(unet.batches.map(({ deep }) => (typeof deep === 'object' ? [...deep.data] : deep))).toEqual([
      'return',
      undefined,
      [5, 6],
      'return',
    ]);
  });

  it('answers everybody in a pass that failed, and goes on', async () => {
    const failing: Unet = { forward: () => Promise.reject(new Error('no memory')) };
    const batcher = new StepBatcher(8);
    const call = { sample: sample(1), timestep: 1, conditionings: [conditioning(0)] };
    const outcomes = await Promise.allSettled([batcher.predict(failing, call), batcher.predict(failing, call)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(batcher.predict(arithmeticUnet(), call)).resolves.toMatchObject({
      outputs: [{ shape: [1, 1, 2, 2] }],
    });
  });

  it('does other work in a turn of its own, and goes on where it fails', async () => {
    const events: string[] = [];
    const unet: Unet = {
      async forward({ sample: { shape } }) {
        events.push('a step begins');
        await setImmediate();
        events.push('a step ends');
        return { prediction: { shape, data: new Float32Array(4) } };
      },
    };
    const batcher = new StepBatcher(8);
    const step = batcher.predict(unet, { sample: sample(1), timestep: 1, conditionings: [conditioning(0)] });
    const decoding = batcher.alone(async () => events.push('decoded'));
    await Promise.all([step, decoding]);
    expect(events).toEqual(['a step begins', 'a step ends', 'decoded']);
    await expect(batcher.alone(() => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');
    await expect(batcher.alone(async () => 'on')).resolves.toMatchObject({ result: 'on' });
  });
});
