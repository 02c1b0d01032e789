import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ModelSource } from '../../commands/engine.ts';
import { UserError } from '../../commands/request.ts';
import type { ModelEntry } from '../../config/index.ts';

/**
 * The weights that the flags name, else those of the first configured model. A base that is named brings no refiner: it is
 * named too. Throws a `UserError` where a path leads nowhere.
 */
export function chooseModel(
  flags: { readonly model?: string; readonly refiner?: string },
  models: readonly ModelEntry[],
): ModelSource {
  const refiner = flags.refiner === undefined ? undefined : existing('--refiner', flags.refiner);
  if (flags.model !== undefined) return { base: existing('--model', flags.model), refiner: refiner ?? null };
  const [configured] = models;
  if (configured === undefined) throw new UserError('no_model', 'No model is configured; name one with --model.');
  const source = sourceOf(configured);
  return refiner === undefined ? source : { ...source, refiner };
}

/** Where a configured model's weights lie. */
export function sourceOf({ base, refiner, vae, predictionType }: ModelEntry): ModelSource {
  return { base, refiner, ...(vae && { vae }), ...(predictionType && { predictionType }) };
}

function existing(flag: string, path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return absolute;
  throw new UserError('invalid_model', `${flag} ${path}: there is no such file or folder.`);
}
