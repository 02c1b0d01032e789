import type { Tensor } from '../tensor.ts';
import type { Checkpoint } from './checkpoint.ts';
import { CheckpointError, UnsupportedModelError } from './errors.ts';
import { identify } from './identify.ts';
import { readSafetensorsHeader, readTensors } from './safetensors.ts';

/**
 * A textual inversion (Gal et al. 2022) for SDXL: vectors that stand in a prompt in the place of tokens, for each of the two
 * text encoders.
 */
export interface TextualInversion {
  readonly path: string;
  /** How many tokens it takes. */
  readonly length: number;
  /** [length, width of the first encoder] */
  readonly first: Tensor;
  /** [length, width of the second encoder] */
  readonly second: Tensor;
}

/** What trainers call the vectors of the two encoders. */
const NAMES = { first: ['clip_l', 'text_encoders_0'], second: ['clip_g', 'text_encoders_1'] } as const;

/** What fits one chunk of a prompt beside its start and end. */
const MAX_LENGTH = 75;

/** Reads an embedding's file whole: it is small. Throws CheckpointError, or UnsupportedModelError for another kind of file. */
export async function openEmbedding(path: string): Promise<TextualInversion> {
  const header = await readSafetensorsHeader(path);
  const identity = identify(header);
  if (identity.kind !== 'embedding') {
    const found = identity.kind === 'other' ? identity.found : `a file of kind "${identity.kind}"`;
    throw new UnsupportedModelError(path, found, 'An embedding is needed here.');
  }
  const [first, second] = [NAMES.first, NAMES.second].map((names) =>
    names.map((name) => header.tensors.get(name)).find((stored) => stored !== undefined),
  );
  if (first === undefined || second === undefined) {
    const names = [...header.tensors.keys()].slice(0, 4).join(', ');
    throw new UnsupportedModelError(
      path,
      `an embedding for one text encoder (${names}), as Stable Diffusion 1 and 2 have`,
      'SDXL needs one with clip_l and clip_g.',
    );
  }
  const [l, g] = (await readTensors([first, second])).map(asRows);
  const length = l?.shape[0] ?? 0;
  if (l === undefined || g === undefined || length === 0 || length > MAX_LENGTH || g.shape[0] !== length) {
    throw new CheckpointError(
      path,
      `its vectors are [${first.shape.join(', ')}] and [${second.shape.join(', ')}]: an embedding has as many for both encoders, from 1 to ${MAX_LENGTH}`,
    );
  }
  return { path, length, first: l, second: g };
}

/** Throws a CheckpointError where the vectors are not as wide as those of the checkpoint's encoders. */
export function requireFittingEmbedding({ path, first, second }: TextualInversion, checkpoint: Checkpoint): void {
  const encoders =
    checkpoint.kind === 'base' ? [checkpoint.textEncoder, checkpoint.textEncoder2] : [checkpoint.textEncoder2];
  const wanted = encoders.map(({ config }) => config.hiddenSize);
  const found = (checkpoint.kind === 'base' ? [first, second] : [second]).map(({ shape }) => shape[1]);
  if (wanted.join() === found.join()) return;
  throw new CheckpointError(
    path,
    `its vectors have ${found.join(' and ')} numbers, but this ${checkpoint.kind} model's text encoders take ${wanted.join(' and ')}, so it was made for another one`,
  );
}

/** One vector may be stored without its dimension of rows. */
function asRows({ shape, data }: Tensor): Tensor | undefined {
  if (shape.length === 1) return { shape: [1, ...shape], data };
  return shape.length === 2 ? { shape, data } : undefined;
}
