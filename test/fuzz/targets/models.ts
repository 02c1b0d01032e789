import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { EngineError } from '../../../commands/engine.ts';
import { parsePrompt } from '../../../commands/prompt/weights.ts';
import { CheckpointError } from '../../../inference/checkpoint/errors.ts';
import { openLora } from '../../../inference/checkpoint/lora.ts';
import { readModelCard } from '../../../inference/checkpoint/model-card.ts';
import { openCheckpoint } from '../../../inference/checkpoint/open.ts';
import {
  parseTextEncoderConfig,
  parseUnetConfig,
  parseVaeConfig,
} from '../../../inference/checkpoint/parse-model-configuration.ts';
import {
  parsePipelineIndex,
  parseSchedulerConfig,
} from '../../../inference/checkpoint/parse-pipeline-configuration.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../inference/checkpoint/safetensors.ts';
import { readTokenizer } from '../../../inference/checkpoint/tokenizer-files.ts';
import { parseClassifierConfig } from '../../../inference/classifier/classifier.ts';
import { parseImageProcessor, preprocess } from '../../../inference/classifier/image-processor.ts';
import { decodePicture } from '../../../inference/image/decode.ts';
import { decodeHandoff, encodeHandoff } from '../../../inference/pipeline/handoff.ts';
import { createSampler, ownSamplerId } from '../../../inference/sampling/samplers.ts';
import { chunkPrompt } from '../../../inference/text/chunks.ts';
import { createTokenizer } from '../../../inference/text/tokenizer.ts';
import { type FuzzTarget, fuzzTarget } from '../fuzz.ts';
import { bytesOf, mutatedBytes, mutatedJson, mutatedJsonBytes, mutatedText } from '../inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'easel-fuzz-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const MINIATURE = 'models/mini/base';
const checkpoint = await openCheckpoint(MINIATURE);
const json = (path: string): unknown => JSON.parse(readFileSync(join(MINIATURE, path), 'utf8'));
const ones = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1) });

const notes = { format: 'pt', 'modelspec.architecture': 'stable-diffusion-xl-v1-base' };
const weights = [
  encodeSafetensors({ a: ones(2, 3), b: ones(), 'c.d': ones(1) }, notes),
  encodeSafetensors({ 'model.diffusion_model.input_blocks.0.0.weight': ones(4, 4, 3, 3) }),
];

const ATTENTION = 'lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q';
const loras = [
  encodeSafetensors(
    {
      [`${ATTENTION}.lora_down.weight`]: ones(2, 128),
      [`${ATTENTION}.lora_up.weight`]: ones(128, 2),
      [`${ATTENTION}.alpha`]: ones(),
    },
    { ss_network_module: 'networks.lora' },
  ),
  encodeSafetensors(
    {
      [`${ATTENTION}.hada_w1_a`]: ones(128, 2),
      [`${ATTENTION}.hada_w1_b`]: ones(2, 128),
      [`${ATTENTION}.hada_w2_a`]: ones(128, 2),
      [`${ATTENTION}.hada_w2_b`]: ones(2, 128),
    },
    { lora_adapter_metadata: '{"unet.r": 4, "unet.lora_alpha": 8}' },
  ),
];

const handoffs = [
  encodeHandoff({ latent: ones(1, 4, 2, 2), draws: 1, at: 0.8, inpainting: null }),
  encodeHandoff({
    latent: ones(1, 4, 2, 2),
    draws: 1,
    at: 0.8,
    inpainting: { picture: ones(1, 4, 2, 2), noise: ones(1, 4, 2, 2), mask: ones(1, 1, 2, 2) },
  }),
];

/** The files of a small tokenizer; an input changes one of them. */
const characters = [...'abcdefghijklmnopqrstuvwxyz,!'];
const vocabulary = Object.fromEntries(
  [...characters, ...characters.map((one) => `${one}</w>`), 'ca', 'cat</w>', '<|startoftext|>', '<|endoftext|>'].map(
    (token, id) => [token, id],
  ),
);
const tokenizerFiles = {
  'tokenizer_config.json': json('tokenizer/tokenizer_config.json'),
  'vocab.json': vocabulary,
  'merges.txt': '#version: 0.2\nc a\nca t</w>\n',
  'tokenizer.json': { model: { type: 'BPE', vocab: vocabulary, merges: ['c a', ['ca', 't</w>']] } },
} as const;
const PROMPT = 'a cat, (cat:1.2) BREAK ünï 猫';

const tokenizer = createTokenizer(checkpoint.kind === 'base' ? checkpoint.tokenizer : checkpoint.tokenizer2);

const configurations = {
  unet: [parseUnetConfig, 'unet/config.json'],
  vae: [parseVaeConfig, 'vae/config.json'],
  textEncoder: [parseTextEncoderConfig, 'text_encoder/config.json'],
  index: [parsePipelineIndex, 'model_index.json'],
} as const;

const classifierFiles = [
  { id2label: { 0: 'safe', 1: 'nude' }, problem_type: 'single_label_classification' },
  { size: { height: 8, width: 8 }, resample: 3, do_center_crop: true, crop_size: 6, image_mean: [0.5, 0.5, 0.5] },
  { image_processor_type: 'ConvNextImageProcessor', size: { shortest_edge: 12 }, crop_pct: 0.875, rescale_factor: 1 },
];
const somePicture = { width: 9, height: 7, data: new Uint8Array(3 * 9 * 7).fill(128) };

const flat = sharp({ create: { width: 9, height: 7, channels: 3, background: 'teal' } });
const pictures = await Promise.all([
  flat.clone().png().toBuffer(),
  flat.clone().jpeg().toBuffer(),
  flat.clone().webp().toBuffer(),
  flat.clone().gif().toBuffer(),
]);

/** Writes a file, for readers that take no bytes. */
function written(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** What model files say, and what the engine is given. */
export const modelTargets: readonly FuzzTarget[] = [
  fuzzTarget({
    name: 'safetensors',
    inputs: mutatedBytes(weights),
    refusals: [CheckpointError],
    parse: (bytes) => decodeSafetensors(bytes, 'model.safetensors'),
  }),
  fuzzTarget({
    name: 'safetensors headers',
    inputs: mutatedJsonBytes([
      {
        __metadata__: notes,
        a: { dtype: 'F16', shape: [2, 2], data_offsets: [0, 8] },
        b: { dtype: 'U8', shape: [], data_offsets: [8, 9] },
      },
    ]),
    refusals: [CheckpointError],
    parse: (header) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(header.length));
      return decodeSafetensors(Buffer.concat([length, header, Buffer.alloc(9)]), 'model.safetensors');
    },
  }),
  fuzzTarget({
    name: 'LoRA files',
    inputs: mutatedBytes(loras),
    refusals: [CheckpointError],
    parse: (bytes) => openLora(written('lora.safetensors', bytes), checkpoint),
  }),
  fuzzTarget({
    name: 'hand-off latents',
    inputs: mutatedBytes(handoffs),
    refusals: [CheckpointError, EngineError],
    parse: (bytes) => decodeHandoff(bytes),
  }),
  fuzzTarget({
    name: 'tokenizer files',
    inputs: fc.constantFrom(...keysOf(tokenizerFiles)).chain((name) => {
      const file = tokenizerFiles[name];
      const bytes =
        typeof file === 'string'
          ? mutatedBytes([bytesOf(file)])
          : fc.oneof(mutatedJsonBytes([file]), mutatedBytes([bytesOf(JSON.stringify(file))]));
      return fc.record({ name: fc.constant(name), bytes });
    }),
    refusals: [CheckpointError],
    parse: async ({ name, bytes }) => {
      const place = join(folder, name === 'tokenizer.json' ? 'fast-tokenizer' : 'tokenizer');
      mkdirSync(place, { recursive: true });
      for (const each of keysOf(tokenizerFiles)) {
        const isFast = each === 'tokenizer.json';
        if (each !== 'tokenizer_config.json' && isFast !== (name === 'tokenizer.json')) continue;
        const file = tokenizerFiles[each];
        writeFileSync(
          join(place, each),
          each === name ? bytes : typeof file === 'string' ? file : JSON.stringify(file),
        );
      }
      const files = await readTokenizer(place);
      // As a checkpoint demands of the tokenizers in it.
      if (files.config.modelMaxLength >= 3) chunkPrompt(parsePrompt(PROMPT), createTokenizer(files));
    },
  }),
  fuzzTarget({
    name: 'prompts',
    inputs: mutatedText([
      PROMPT,
      '((a:1.3) [b], \\(c\\)',
      '(a:1e9)',
      'BREAK',
      '<|endoftext|>',
      'Σ',
      '\u0301'.repeat(300),
    ]),
    refusals: [],
    parse: (prompt) => chunkPrompt(parsePrompt(prompt), tokenizer),
  }),
  fuzzTarget({
    name: 'model configurations',
    inputs: fc
      .constantFrom(...keysOf(configurations))
      .chain((part) => fc.record({ part: fc.constant(part), value: mutatedJson([json(configurations[part][1])]) })),
    refusals: [CheckpointError],
    parse: ({ part, value }) => configurations[part][0](value, 'config.json'),
  }),
  fuzzTarget({
    name: 'scheduler configurations',
    inputs: mutatedJson([
      json('scheduler/scheduler_config.json'),
      { _class_name: 'EDMEulerScheduler', sigma_min: 0.002, sigma_max: 80, rho: 7, num_train_timesteps: 1000 },
    ]),
    refusals: [CheckpointError, EngineError],
    parse: (value) => {
      const config = parseSchedulerConfig(value, 'scheduler_config.json');
      createSampler(ownSamplerId(config), config, 4);
    },
  }),
  fuzzTarget({
    name: "classifiers' configurations",
    inputs: mutatedJson(classifierFiles),
    refusals: [CheckpointError],
    parse: (value) => {
      preprocess(somePicture, parseImageProcessor(value, 'preprocessor_config.json'));
      parseClassifierConfig(value, 'config.json');
    },
  }),
  fuzzTarget({
    name: 'model cards',
    inputs: fc.oneof(
      mutatedJsonBytes([json('easel.json')]),
      mutatedBytes([
        bytesOf(JSON.stringify(json('easel.json'))),
        bytesOf('{"a": Infinity, "b": -Infinity, "c": "NaN"}'),
      ]),
    ),
    refusals: [CheckpointError],
    parse: (bytes) => {
      written('easel.json', bytes);
      return readModelCard(folder);
    },
  }),
  fuzzTarget({
    name: 'pictures to start from',
    inputs: mutatedBytes(pictures),
    refusals: [EngineError],
    parse: (bytes) => decodePicture(bytes, { width: 16, height: 16 }),
  }),
];

function keysOf<Name extends string>(record: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(record) as Name[];
}
