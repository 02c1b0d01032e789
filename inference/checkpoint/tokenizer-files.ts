import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { TokenizerConfig } from './configuration.ts';
import { CheckpointError } from './errors.ts';
import { parseTokenizerConfig } from './parse-pipeline-configuration.ts';
import { readJson, readTextFile } from './read-json.ts';

/** A byte-pair encoding as its files hold it: each token's id, and the pairs to merge, best first. */
export interface TokenizerFiles {
  readonly config: TokenizerConfig;
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly merges: readonly (readonly [string, string])[];
}

type BytePairs = Omit<TokenizerFiles, 'config'>;

/**
 * Reads a diffusers tokenizer folder: tokenizer_config.json with vocab.json and merges.txt, or with the tokenizer.json
 * that holds both. Throws CheckpointError, also when a special token is not in the vocabulary.
 */
export async function readTokenizer(folder: string): Promise<TokenizerFiles> {
  const configPath = join(folder, 'tokenizer_config.json');
  const config = parseTokenizerConfig(await readJson(configPath), configPath);
  const bytePairs = await readBytePairs(folder);
  for (const token of [config.bosToken, config.eosToken, config.unkToken, config.padToken]) {
    if (!bytePairs.vocabulary.has(token)) {
      throw new CheckpointError(configPath, `the special token ${JSON.stringify(token)} is not in the vocabulary`);
    }
  }
  return { config, ...bytePairs };
}

/**
 * The vocabulary of CLIP, which single-file checkpoints take for granted, with SDXL's two ways to pad: the first text
 * encoder's tokenizer pads with the end token, the second's with id 0, which is "!".
 */
export async function readClipTokenizers(): Promise<{ tokenizer: TokenizerFiles; tokenizer2: TokenizerFiles }> {
  const bytePairs = await readBytePairs(CLIP_FOLDER);
  const config: TokenizerConfig = {
    modelMaxLength: 77,
    bosToken: '<|startoftext|>',
    eosToken: '<|endoftext|>',
    unkToken: '<|endoftext|>',
    padToken: '<|endoftext|>',
  };
  return { tokenizer: { config, ...bytePairs }, tokenizer2: { config: { ...config, padToken: '!' }, ...bytePairs } };
}

const CLIP_FOLDER = fileURLToPath(new URL('../../models/clip-tokenizer/', import.meta.url));

async function readBytePairs(folder: string): Promise<BytePairs> {
  const vocabularyPath = join(folder, 'vocab.json');
  if (!(await exists(vocabularyPath))) return readFastTokenizer(join(folder, 'tokenizer.json'));
  const [vocabulary, merges] = await Promise.all([readJson(vocabularyPath), readTextFile(join(folder, 'merges.txt'))]);
  const lines = merges.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version'));
  return {
    vocabulary: parseVocabulary(vocabulary, vocabularyPath),
    merges: lines.map((line) => parseMerge(line, join(folder, 'merges.txt'))),
  };
}

const fastTokenizerSchema = z.object({
  model: z.object({
    type: z.literal('BPE'),
    vocab: z.unknown(),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
});

async function readFastTokenizer(path: string): Promise<BytePairs> {
  const parsed = fastTokenizerSchema.safeParse(await readJson(path));
  if (!parsed.success) throw new CheckpointError(path, 'is not a byte-pair-encoding tokenizer');
  const { vocab, merges } = parsed.data.model;
  return {
    vocabulary: parseVocabulary(vocab, path),
    merges: merges.map((merge) => (typeof merge === 'string' ? parseMerge(merge, path) : merge)),
  };
}

function parseVocabulary(value: unknown, path: string): ReadonlyMap<string, number> {
  if (typeof value !== 'object' || value === null) throw new CheckpointError(path, 'holds no vocabulary');
  const vocabulary = new Map<string, number>();
  for (const [token, id] of Object.entries(value)) {
    if (!Number.isSafeInteger(id) || id < 0) {
      throw new CheckpointError(path, `the id of ${JSON.stringify(token)} is not a whole number`);
    }
    vocabulary.set(token, id);
  }
  return vocabulary;
}

function parseMerge(line: string, path: string): readonly [string, string] {
  const [first, second, ...rest] = line.split(' ');
  if (!first || !second || rest.length > 0) {
    throw new CheckpointError(path, `the merge ${JSON.stringify(line.slice(0, 80))} is not a pair`);
  }
  return [first, second];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
