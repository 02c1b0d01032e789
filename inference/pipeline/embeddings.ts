import { createHash } from 'node:crypto';
import type { EmbeddingSource } from '../../commands/engine.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { openEmbedding, requireFittingEmbedding, type TextualInversion } from '../checkpoint/embedding.ts';
import type { Tensor } from '../tensor.ts';
import type { Chunk } from '../text/chunks.ts';

/** A textual inversion under the name that stands for it in the prompts. */
export interface Embedding extends TextualInversion {
  readonly name: string;
  /** Of its vectors: a file may be written over. */
  readonly fingerprint: string;
}

/** Rejects with a CheckpointError where one is not for this checkpoint. */
export function loadEmbeddings(
  sources: readonly EmbeddingSource[],
  checkpoint: Checkpoint,
): Promise<readonly Embedding[]> {
  return Promise.all(
    sources.map(async ({ name, path }) => {
      const embedding = await openEmbedding(path);
      requireFittingEmbedding(embedding, checkpoint);
      const fingerprint = createHash('sha256').update(embedding.first.data).update(embedding.second.data).digest('hex');
      return { ...embedding, name, fingerprint };
    }),
  );
}

/** The vectors that a chunk has in the place of tokens, for an encoder of this width: [1, tokens, width], else zero. */
export function vectorsOf(
  { ids, vectors = [] }: Chunk,
  width: number,
  embeddings: readonly Embedding[],
  side: 'first' | 'second',
): Tensor {
  const data = new Float32Array(ids.length * width);
  for (const { position, embedding: name, row } of vectors) {
    const rows = embeddings.find((embedding) => embedding.name === name)?.[side].data;
    if (rows !== undefined) data.set(rows.subarray(row * width, (row + 1) * width), position * width);
  }
  return { shape: [1, ids.length, width], data };
}
