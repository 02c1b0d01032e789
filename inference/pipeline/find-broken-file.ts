import { EngineError, type EngineTask, type ModelSource } from '../../commands/engine.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { readSafetensorsHeader, readTensor } from '../checkpoint/safetensors.ts';
import type { StoredTensor } from '../checkpoint/weights.ts';
import { areNumbers } from './finite.ts';
import type { TaskContext } from './task.ts';

/** A file that a task draws with, and the tensors of it that are used. */
interface Used {
  readonly path: string;
  readonly tensors: Iterable<StoredTensor>;
}

/**
 * Why a task's numbers were not finite: the file whose tensors hold such values, which takes reading them all, or else that
 * they overflowed while they were computed.
 */
export async function notFiniteError(
  task: EngineTask,
  { library }: Pick<TaskContext, 'library'>,
): Promise<EngineError> {
  for await (const { path, tensors } of filesOf(task, library)) {
    if (!(await areFinite(tensors))) {
      const fix = 'fetch it again, or draw without it';
      return new EngineError(
        'not_finite',
        `${path}: its tensors hold values that are no numbers (NaN or infinite), so nothing can be drawn with it; ${fix}.`,
        nameOf(path),
      );
    }
  }
  return new EngineError(
    'not_finite',
    'The numbers of this picture grew beyond all bounds: lower the weights of its LoRAs and words, or the guidance.',
  );
}

/** The small files first, which are also those that are broken most often. */
async function* filesOf(task: EngineTask, library: TaskContext['library']): AsyncGenerator<Used> {
  const { model, embeddings = [] } = task;
  const upscalers = task.kind === 'upscale' && task.upscaler !== undefined ? [task.upscaler] : [];
  for (const path of [...(model?.loras ?? []), ...embeddings].map((file) => file.path).concat(upscalers)) {
    yield { path, tensors: (await readSafetensorsHeader(path)).tensors.values() };
  }
  if (model !== undefined) yield* partsOf(model, library);
}

async function* partsOf(source: ModelSource, library: TaskContext['library']): AsyncGenerator<Used> {
  const { base, refiner } = await library.open(source);
  for (const expert of refiner === null ? [base] : [base, refiner]) {
    const { checkpoint } = expert.networks;
    for (const weights of weightsOf(checkpoint)) {
      // A VAE may be a file of its own.
      const file = weights.values().next().value?.file ?? checkpoint.path;
      const isOwn = file.startsWith(checkpoint.path);
      yield { path: isOwn ? checkpoint.path : file, tensors: weights.values() };
    }
  }
}

function weightsOf(checkpoint: Checkpoint) {
  const { vae, unet, textEncoder2 } = checkpoint;
  const encoders = checkpoint.kind === 'base' ? [checkpoint.textEncoder, textEncoder2] : [textEncoder2];
  return [vae, ...encoders, unet].map(({ weights }) => weights);
}

async function areFinite(tensors: Iterable<StoredTensor>): Promise<boolean> {
  for (const stored of tensors) {
    if (!areNumbers((await readTensor(stored)).data)) return false;
  }
  return true;
}

/** A file's or folder's own name, without the ending: what a member calls it, about. */
function nameOf(path: string): string {
  return path.replace(/[/\\]+$/, '').replace(/^.*[/\\]|\.safetensors$/g, '');
}
