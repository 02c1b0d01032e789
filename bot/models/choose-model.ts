import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ModelSource } from '../../commands/engine.ts';
import { UserError } from '../../commands/request.ts';
import type { ModelEntry } from '../../config/index.ts';
import { sourceOf } from './model-source.ts';

/**
 * The weights that the flags name, by a path or by a model's name, else those of the first model. A base that is named by
 * its path brings no refiner: it is named too. Throws a `UserError` for what is not there.
 */
export function chooseModel(
  flags: {
    readonly model?: string;
    readonly refiner?: string;
    readonly vae?: string;
    readonly prediction?: NonNullable<ModelSource['predictionType']>;
  },
  models: readonly ModelEntry[],
): ModelSource {
  const { model, refiner, vae, prediction } = flags;
  return {
    ...(model === undefined ? first(models) : named(model, models)),
    ...(refiner !== undefined && { refiner: existing('--refiner', refiner) }),
    ...(vae !== undefined && { vae: existing('--vae', vae) }),
    ...(prediction !== undefined && { predictionType: prediction }),
  };
}

function first([model]: readonly ModelEntry[]): ModelSource {
  if (model === undefined) throw new UserError('no_model', 'No model is configured; name one with --model.');
  return sourceOf(model);
}

function named(wanted: string, models: readonly ModelEntry[]): ModelSource {
  const path = resolve(wanted);
  if (existsSync(path)) return { base: path, refiner: null };
  const model = models.find(({ name }) => name === wanted);
  if (model !== undefined) return sourceOf(model);
  const names = models.map(({ name }) => name).join(', ');
  throw new UserError(
    'invalid_model',
    `--model ${wanted}: there is no such file or folder, and no model of that name; there are: ${names}.`,
  );
}

function existing(flag: string, path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return absolute;
  throw new UserError('invalid_model', `${flag} ${path}: there is no such file or folder.`);
}
