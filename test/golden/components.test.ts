import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readTextEncoder, readUnet, readVae } from '../../inference/checkpoint/folder.ts';
import { readSafetensorsHeader, readTensor } from '../../inference/checkpoint/safetensors.ts';
import type { StoredTensor } from '../../inference/checkpoint/weights.ts';
import { createSession, type GraphModel, type IntTensor, type Signature } from '../../inference/graph/session.ts';
import { buildTextEncoder, noVectors } from '../../inference/models/clip.ts';
import { buildUnet } from '../../inference/models/unet/unet.ts';
import { buildVaeDecoder, buildVaeEncoder } from '../../inference/models/vae/vae.ts';
import type { Tensor } from '../../inference/tensor.ts';
import { goldenPath } from './golden-folder.ts';

// Forward passes of every network against those of diffusers and transformers; section 4 of the fixtures' README.

const cpu = { provider: 'cpu', threads: 1 } as const;
const TEXT_ENCODER_LIMIT = 2e-5;
const UNET_LIMIT = 5e-5;
const VAE_LIMIT = 5e-5;
/** Weights rounded to float16 change a UNet's result by at least this much: less, and the wrong file was read. */
const ROUNDING_EFFECT = 1e-3;

/** The fixtures' weights: full precision, and the same rounded to float16 (computed in float32 all the same). */
const variants = [
  { label: 'fp32', variant: undefined, suffix: '' },
  { label: 'fp16w', variant: 'fp16', suffix: '_fp16w' },
] as const;

type Fixture = Readonly<{ has(name: string): boolean; read(name: string): Promise<Tensor>; names: readonly string[] }>;

async function open(name: string): Promise<Fixture> {
  const { tensors } = await readSafetensorsHeader(goldenPath('components', `${name}.safetensors`));
  const stored = (tensor: string): StoredTensor => {
    const found = tensors.get(tensor);
    if (found === undefined) throw new Error(`The fixture ${name} has no ${tensor}`);
    return found;
  };
  return {
    has: (tensor) => tensors.has(tensor),
    read: (tensor) => readTensor(stored(tensor)),
    names: [...tensors.keys()],
  };
}

function toInts({ shape, data }: Tensor): IntTensor {
  return { shape, data: Int32Array.from(data) };
}

function expectClose(actual: Tensor, expected: Tensor, limit: number): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(distance(actual, expected)).toBeLessThanOrEqual(limit);
}

/** The largest absolute difference; NaN where either has one. */
function distance(a: Tensor, b: Tensor): number {
  return a.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b.data[i]!)), 0);
}

async function withSession<I extends Signature, O extends string, R>(
  model: GraphModel<I, O>,
  use: (session: Awaited<ReturnType<typeof createSession<I, O>>>) => Promise<R>,
): Promise<R> {
  const session = await createSession(model, cpu);
  try {
    return await use(session);
  } finally {
    await session.release();
  }
}

describe.each(['text_encoder', 'text_encoder_2'])('%s', (name) => {
  test.each(variants)('hidden states and pooled output, $label', async ({ label, variant }) => {
    const fixture = await open(`${name}_${label}`);
    const { config, weights } = await readTextEncoder(goldenPath('models', name), variant);
    const layers = config.numHiddenLayers;
    await withSession(buildTextEncoder(config, weights, cpu), async (session) => {
      const states = await session.run({
        input_ids: toInts(await fixture.read('input_ids')),
        vectors: noVectors(config),
      });
      const firstRow = await fixture.read('hidden_states_0');
      const embedded = states['hidden_states.0']!.data.subarray(0, firstRow.data.length);
      expectClose({ shape: firstRow.shape, data: embedded }, firstRow, TEXT_ENCODER_LIMIT);
      expectClose(states.penultimate, await fixture.read('hidden_penultimate'), TEXT_ENCODER_LIMIT);
      expectClose(states[`hidden_states.${layers - 2}`]!, await fixture.read('hidden_clip_skip1'), TEXT_ENCODER_LIMIT);
      expectClose(states.last, await fixture.read('last_hidden_state'), TEXT_ENCODER_LIMIT);
      const pooled = fixture.has('text_embeds') ? 'text_embeds' : 'pooler_output';
      expectClose(states.pooled, await fixture.read(pooled), TEXT_ENCODER_LIMIT);
    });
  });
});

describe('pooling position', () => {
  test('at the highest id where eos_token_id is 2, at the first end of text otherwise', async () => {
    const fixture = await open('pooling_position');
    const { config, weights } = await readTextEncoder(goldenPath('models', 'text_encoder_2'));
    const input_ids = toInts(await fixture.read('input_ids'));
    const [firstEos] = (await fixture.read('first_eos_index')).data;
    const eosTokenId = input_ids.data[firstEos!]!;
    for (const [pooling, expected] of [
      [config, 'text_embeds_argmax'],
      [{ ...config, eosTokenId }, 'text_embeds_first_eos'],
    ] as const) {
      await withSession(buildTextEncoder(pooling, weights, cpu), async (session) => {
        const { pooled } = await session.run({ input_ids, vectors: noVectors(config) }, ['pooled']);
        expectClose(pooled, await fixture.read(expected), TEXT_ENCODER_LIMIT);
      });
    }
  });
});

async function unetFeeds(fixture: Fixture, name: string) {
  const sample = await fixture.read(`${name}/sample`);
  const timestep = (await fixture.read(`${name}/timestep`)).data[0]!;
  const batch = sample.shape[0]!;
  return {
    sample,
    timestep: { shape: [batch], data: new Float32Array(batch).fill(timestep) },
    encoder_hidden_states: await fixture.read(`${name}/encoder_hidden_states`),
    text_embeds: await fixture.read(`${name}/text_embeds`),
    time_ids: await fixture.read(`${name}/time_ids`),
  };
}

function casesOf(fixture: Fixture, tensor: string): string[] {
  return fixture.names.filter((name) => name.endsWith(`/${tensor}`)).map((name) => name.slice(0, -tensor.length - 1));
}

describe.each(['unet', 'refiner_unet'])('%s', (name) => {
  test.each(variants)('predictions, $label', async ({ variant, suffix }) => {
    const fixture = await open(name);
    const { config, weights } = await readUnet(goldenPath('models', name), variant);
    const cases = casesOf(fixture, 'sample');
    expect(cases).not.toHaveLength(0);
    await withSession(buildUnet(config, weights, cpu), async (session) => {
      for (const each of cases) {
        const { prediction } = await session.run(await unetFeeds(fixture, each));
        expectClose(prediction, await fixture.read(`${each}/out${suffix}`), UNET_LIMIT);
        const other = await fixture.read(`${each}/out${suffix === '' ? '_fp16w' : ''}`);
        expect(distance(prediction, other)).toBeGreaterThan(ROUNDING_EFFECT);
      }
    });
  });

  test('weights kept as stored give the same prediction', async () => {
    const fixture = await open(name);
    const { config, weights } = await readUnet(goldenPath('models', name), 'fp16');
    await withSession(buildUnet(config, weights, { ...cpu, storage: 'stored' }), async (session) => {
      for (const each of casesOf(fixture, 'sample')) {
        const { prediction } = await session.run(await unetFeeds(fixture, each));
        expectClose(prediction, await fixture.read(`${each}/out_fp16w`), UNET_LIMIT);
      }
    });
  });
});

const traces = (await readdir(goldenPath('components'))).flatMap(
  (file) => /^unet_trace_(.+)\.safetensors$/.exec(file)?.[1] ?? [],
);

test.each(traces)('every traced module of the unet, %s', async (name) => {
  const fixture = await open('unet');
  const expected = await open(`unet_trace_${name}`);
  const { config, weights } = await readUnet(goldenPath('models', 'unet'));
  const model = buildUnet(config, weights, { ...cpu, trace: expected.names });
  await withSession(model, async (session) => {
    const results = await session.run(await unetFeeds(fixture, name));
    for (const module of expected.names) expectClose(results[module]!, await expected.read(module), UNET_LIMIT);
  });
});

describe('vae', () => {
  test.each(variants)('decodes latents, $label', async ({ variant, suffix }) => {
    const fixture = await open('vae');
    const { config, weights } = await readVae(goldenPath('models', 'vae'), variant);
    const cases = casesOf(fixture, `decoded${suffix}`);
    expect(cases).not.toHaveLength(0);
    await withSession(buildVaeDecoder(config, weights, cpu), async (session) => {
      for (const name of cases) {
        const { image } = await session.run({ latent: await fixture.read(`${name}/latent`) });
        expectClose(image, await fixture.read(`${name}/decoded${suffix}`), VAE_LIMIT);
      }
    });
  });

  test.each(variants)('encodes pictures, $label', async ({ variant, suffix }) => {
    const fixture = await open('vae');
    const { config, weights } = await readVae(goldenPath('models', 'vae'), variant);
    const cases = casesOf(fixture, `moments${suffix}`);
    expect(cases).not.toHaveLength(0);
    await withSession(buildVaeEncoder(config, weights, cpu), async (session) => {
      for (const name of cases) {
        const { moments } = await session.run({ image: await fixture.read(`${name}/image`) });
        expectClose(moments, await fixture.read(`${name}/moments${suffix}`), VAE_LIMIT);
      }
    });
  });
});
