import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Checkpoint } from '../inference/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../inference/checkpoint/open.ts';
import { encodeSafetensors, readTensor } from '../inference/checkpoint/safetensors.ts';
import { TorchGenerator } from '../inference/sampling/noise.ts';
import type { Tensor } from '../inference/tensor.ts';
import { createTokenizer, encode } from '../inference/text/tokenizer.ts';

const MINIATURE = 'models/mini/base';

/** The modules that most LoRAs change: the attention of the UNet and of both text encoders. */
const ADAPTED = [
  ['unet', 'unet', /attn[12]\.to_(q|k|v|out\.0)\.weight$/],
  ['textEncoder', 'text_encoder', /self_attn\.[qkv]_proj\.weight$/],
  ['textEncoder2', 'text_encoder_2', /self_attn\.[qkv]_proj\.weight$/],
] as const;

/** Writes a LoRA for the miniature: made-up numbers in PEFT's names, strong enough that a picture shows them. */
export async function writeLora(path: string, options: { seed: number; rank?: number; size?: number }): Promise<void> {
  const { seed, rank = 4, size = 0.12 } = options;
  const checkpoint = await openBase();
  const generator = new TorchGenerator(seed);
  const tensors: Record<string, Tensor> = {};
  for (const [component, prefix, pattern] of ADAPTED) {
    for (const [name, { shape }] of checkpoint[component].weights) {
      if (!pattern.test(name)) continue;
      const [out = 0, inner = 0] = shape;
      const module = `${prefix}.${name.replace(/\.weight$/, '')}`;
      tensors[`${module}.lora_A.weight`] = scaled(generator.randn([rank, inner]), size);
      tensors[`${module}.lora_B.weight`] = scaled(generator.randn([out, rank]), size);
    }
  }
  await write(path, tensors);
}

/** Writes an embedding for the miniature whose vectors are those of a text's own tokens: it must be read as that text. */
export async function writeEmbeddingOf(path: string, text: string): Promise<void> {
  const checkpoint = await openBase();
  const rowsOf = async (component: 'textEncoder' | 'textEncoder2', tokenizer: 'tokenizer' | 'tokenizer2') => {
    const stored = checkpoint[component].weights.get('text_model.embeddings.token_embedding.weight');
    if (stored === undefined) throw new Error('A text encoder has token vectors.');
    const { shape, data } = await readTensor(stored);
    const width = shape[1] ?? 0;
    const ids = encode(text, createTokenizer(checkpoint[tokenizer]));
    const rows = ids.flatMap((id) => [...data.subarray(id * width, (id + 1) * width)]);
    return { shape: [ids.length, width], data: Float32Array.from(rows) };
  };
  await write(path, {
    clip_l: await rowsOf('textEncoder', 'tokenizer'),
    clip_g: await rowsOf('textEncoder2', 'tokenizer2'),
  });
}

async function openBase(): Promise<Extract<Checkpoint, { kind: 'base' }>> {
  const checkpoint = await openCheckpoint(MINIATURE);
  if (checkpoint.kind !== 'base') throw new Error('The miniature is a base.');
  return checkpoint;
}

async function write(path: string, tensors: Readonly<Record<string, Tensor>>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, encodeSafetensors(tensors));
}

function scaled({ shape, data }: Tensor, factor: number): Tensor {
  return { shape, data: data.map((value) => value * factor) };
}
