import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePrompt } from '../../../commands/prompt/weights.ts';
import { openEmbedding } from '../../../inference/checkpoint/embedding.ts';
import { openCheckpoint } from '../../../inference/checkpoint/open.ts';
import { encodeSafetensors } from '../../../inference/checkpoint/safetensors.ts';
import { describeExtra } from '../../../inference/pipeline/describe-extra.ts';
import { type Embedding, loadEmbeddings } from '../../../inference/pipeline/embeddings.ts';
import { createNetworks } from '../../../inference/pipeline/networks.ts';
import { createTextPipeline } from '../../../inference/pipeline/text.ts';
import type { Tensor } from '../../../inference/tensor.ts';
import { chunkPrompt, EMBEDDED } from '../../../inference/text/chunks.ts';
import { createTokenizer, encode } from '../../../inference/text/tokenizer.ts';
import { goldenPath } from '../../golden/golden-folder.ts';
import { writeEmbeddingOf } from '../../made-up-extras.ts';

const checkpoint = await openCheckpoint('models/mini/base');
const refiner = await openCheckpoint('models/mini/refiner');
const networks = createNetworks(checkpoint, { provider: 'cpu', threads: 1 });
const text = createTextPipeline(networks);
let folder: string;
let cats: readonly Embedding[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-embeddings-'));
  await writeEmbeddingOf(join(folder, 'cosy.safetensors'), 'a cat in the snow');
  cats = await loadEmbeddings([{ name: 'cosy', path: join(folder, 'cosy.safetensors') }], checkpoint);
});
afterAll(async () => {
  await networks.release();
  await rm(folder, { recursive: true });
});

const both = (prompt: string) => ({ prompt, prompt2: prompt });

describe('an embedding of the vectors of a text’s own tokens', () => {
  test.each([
    ['cosy', 'a cat in the snow'],
    ['a photo of Cosy, red', 'a photo of a cat in the snow, red'],
    ['(embedding:cosy:1.3) at night', '(a cat in the snow:1.3) at night'],
  ])('%j is read as %j, by both encoders and on both sides', async (named, spelt) => {
    const actual = await text.embed([both(named)], both(`blurry, ${named}`), { embeddings: cats });
    const expected = await text.embed([both(spelt)], both(`blurry, ${spelt}`));
    expect(actual).toEqual(expected);
  });

  test('is plain words where it is not named as one', async () => {
    const [plain, read] = [
      await text.embed([both('cosy')], null),
      await text.embed([both('cosy')], null, { embeddings: cats }),
    ];
    expect(read.positives[0]?.context.data).not.toEqual(plain.positives[0]?.context.data);
  });

  test('is read by each encoder only where its own prompt names it', async () => {
    const actual = await text.embed([{ prompt: 'cosy', prompt2: 'a dog' }], null, { embeddings: cats });
    expect(actual.positives[0]).toEqual(
      (await text.embed([{ prompt: 'a cat in the snow', prompt2: 'a dog' }], null)).positives[0],
    );
  });
});

describe('chunks', () => {
  const tokenizer = createTokenizer(checkpoint.tokenizer2);
  const room = tokenizer.modelMaxLength - 2;
  const [dog = 0] = encode('dog', tokenizer);
  const words = (count: number) => new Array(count).fill('dog').join(' ');

  test('hold the vectors of an embedding in their places, with its weight', () => {
    const { chunks } = chunkPrompt(parsePrompt('dog (cosy:2)'), tokenizer, 4, new Map([['cosy', 2]]));
    expect(chunks[0]?.ids.slice(0, 5)).toEqual([tokenizer.bosId, dog, EMBEDDED, EMBEDDED, tokenizer.eosId]);
    expect(chunks[0]?.weights.slice(0, 5)).toEqual([1, 1, 2, 2, 1]);
    expect(chunks[0]?.vectors).toEqual([
      { embedding: 'cosy', row: 0, position: 2 },
      { embedding: 'cosy', row: 1, position: 3 },
    ]);
  });

  test('never cut one in two, and count its vectors', () => {
    const lengths = new Map([['cosy', 4]]);
    const { chunks } = chunkPrompt(parsePrompt(`${words(room - 2)} cosy`), tokenizer, 4, lengths);
    expect(chunks.map(({ vectors = [] }) => vectors.length)).toEqual([0, 4]);
    expect(chunks[1]?.vectors?.[0]?.position).toBe(1);
    const { cutTokens } = chunkPrompt(parsePrompt(`${words(room)} cosy`), tokenizer, 1, lengths);
    expect(cutTokens).toBe(4);
  });
});

describe('a file', () => {
  const ones = (...shape: number[]): Tensor => ({
    shape,
    data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1),
  });
  const write = async (tensors: Readonly<Record<string, Tensor>>) => {
    const path = join(folder, 'made.safetensors');
    await writeFile(path, encodeSafetensors(tensors));
    return path;
  };

  test.each([
    ['of Stable Diffusion 1', { emb_params: ones(2, 768) }, 'an embedding for one text encoder (emb_params)'],
    ['with one encoder', { clip_g: ones(2, 1280) }, 'SDXL needs one with clip_l and clip_g'],
    ['with unequal counts', { clip_l: ones(2, 768), clip_g: ones(3, 1280) }, 'an embedding has as many for both'],
    ['too long for a chunk', { clip_l: ones(76, 4), clip_g: ones(76, 4) }, 'from 1 to 75'],
    ['that is none', { 'a.lora_A.weight': ones(2, 2) }, 'this is a file of kind "lora". An embedding is needed here.'],
  ])('%s is refused', async (_name, tensors, message) => {
    await expect(openEmbedding(await write(tensors))).rejects.toThrow(message);
  });

  test('one vector may stand without its row', async () => {
    expect(await openEmbedding(await write({ clip_l: ones(768), clip_g: ones(1, 1280) }))).toMatchObject({ length: 1 });
  });

  test('goes with the models whose encoders are as wide', async () => {
    const all = [checkpoint, refiner];
    const own = await describeExtra('embedding', join(folder, 'cosy.safetensors'), all, folder);
    expect(own.misfits).toEqual([null, null]);
    const large = await describeExtra(
      'embedding',
      await write({ clip_l: ones(1, 768), clip_g: ones(1, 1280) }),
      all,
      folder,
    );
    expect(large.misfits[0]).toContain('its vectors have 768 and 1280 numbers, but this base model');
    expect(large.misfits[1]).toContain('its vectors have 1280 numbers, but this refiner model');
    const lora = await describeExtra('lora', goldenPath('lora/kohya.safetensors'), all, folder);
    expect(lora.misfits[0]).toContain('does not fit');
    expect(lora.hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
