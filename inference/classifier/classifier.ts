import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import type { ClassifierSource, ImageLabel } from '../../commands/engine.ts';
import { parser } from '../checkpoint/configuration-parser.ts';
import { CheckpointError } from '../checkpoint/errors.ts';
import { readJson } from '../checkpoint/read-json.ts';
import { createSession } from '../graph/session.ts';
import { parseImageProcessor, preprocess } from './image-processor.ts';

/** Labels of a classifier; ImageNet's have 21,843. */
const MAX_LABELS = 100_000;
const MODEL_FILES = ['model.onnx', join('onnx', 'model.onnx')];

const configSchema = z.object({
  id2label: z.record(z.string().regex(/^\d{1,6}$/), z.string()).transform((labels, context) => {
    const names = Object.entries(labels).sort(([a], [b]) => Number(a) - Number(b));
    const isGapless = names.every(([id], index) => Number(id) === index);
    if (!isGapless || names.length === 0 || names.length > MAX_LABELS) {
      context.addIssue('must name every class from 0 on');
    }
    return names.map(([, name]) => name);
  }),
  problem_type: z.string().nullish(),
});
/** Parses an image classifier's `config.json`. Throws CheckpointError. */
export const parseClassifierConfig = parser(configSchema);

/** Says what pictures show. */
export interface Classifier {
  readonly labels: readonly string[];
  /** What it takes in memory, about. */
  readonly bytes: number;
  /** The score of every label, 0 to 1, for an encoded picture of ours. */
  classify(picture: Uint8Array): Promise<readonly ImageLabel[]>;
}

/**
 * Opens an image classifier as the Hub lays them out: `config.json` with `id2label`, `preprocessor_config.json`, and
 * `model.onnx` (or `onnx/model.onnx`) from `pixel_values` to `logits`. Runs on the CPU: it is small, and one pass a picture.
 * Rejects with a CheckpointError, or a SessionError where the graph cannot be loaded.
 */
export async function openClassifier(
  { folder, labels: wanted }: ClassifierSource,
  { threads }: { readonly threads: number },
): Promise<Classifier> {
  const [configPath, processorPath] = [join(folder, 'config.json'), join(folder, 'preprocessor_config.json')];
  const config = parseClassifierConfig(await readJson(configPath), configPath);
  const processor = parseImageProcessor(await readJson(processorPath), processorPath);
  const { id2label: labels, problem_type: problemType } = config;
  const unknown = wanted.find((label) => !labels.includes(label));
  if (unknown !== undefined) {
    const known = labels.slice(0, 20).join(', ');
    throw new CheckpointError(configPath, `has no label ${JSON.stringify(unknown)} for a rule; it has ${known}`);
  }
  const file = await modelFile(folder);
  const bytes = await readFile(file);
  const session = await createSession(
    {
      bytes,
      inputs: { pixel_values: 'float32' } as const,
      outputs: ['logits'] as const,
      externalFolder: join(file, '..'),
    },
    { provider: 'cpu', memory: 'lean', ...(threads > 0 && { threads }) },
  );
  return {
    labels,
    bytes: bytes.byteLength,
    async classify(picture) {
      const { data, info } = await sharp(picture)
        .removeAlpha()
        .toColourspace('srgb')
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      const input = preprocess({ width: info.width, height: info.height, data }, processor);
      const { logits } = await session.run({ pixel_values: input });
      if (logits.data.length !== labels.length) {
        throw new CheckpointError(file, `gives ${logits.data.length} scores, but ${configPath} names ${labels.length}`);
      }
      const scores = problemType === 'multi_label_classification' ? sigmoid(logits.data) : softmax(logits.data);
      return labels.map((label, index) => ({ label, score: scores[index] ?? 0 }));
    },
  };
}

async function modelFile(folder: string): Promise<string> {
  for (const name of MODEL_FILES) {
    const path = join(folder, name);
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new CheckpointError(folder, 'has neither model.onnx nor onnx/model.onnx; export the model to ONNX');
}

/** Of several labels one is true. */
function softmax(logits: Float32Array): readonly number[] {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Each label is true or not by itself. */
function sigmoid(logits: Float32Array): readonly number[] {
  return Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
}
