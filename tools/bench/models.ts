import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEngine } from '../../bot/engine/start-engine.ts';
import type { ModelSource } from '../../commands/engine.ts';
import { smallRecipe } from '../../test/inference/small-recipe.ts';

const miniature = fileURLToPath(new URL('../../models/mini', import.meta.url));

/** The miniature with its refiner takes 0.2 GB: of six, this holds two. */
const LIMIT_BYTES = 400e6;
const MODELS = 6;

export interface ModelsResult {
  readonly models: number;
  readonly limitBytes: number;
  /** Of the engine's process after the last picture, beyond what it took before the first one. */
  readonly limitedBytes: number;
  /** The same without a limit. */
  readonly unlimitedBytes: number;
}

/** Draws with several models in turn, twice around, with a small memory and with all there is. */
export async function measureModels(): Promise<ModelsResult> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-bench-models-'));
  try {
    const models: ModelSource[] = [];
    for (let index = 0; index < MODELS; index++) {
      const [base, refiner] = [join(folder, `base-${index}`), join(folder, `refiner-${index}`)];
      await symlink(join(miniature, 'base'), base);
      await symlink(join(miniature, 'refiner'), refiner);
      models.push({ base, refiner });
    }
    return {
      models: MODELS,
      limitBytes: LIMIT_BYTES,
      limitedBytes: await residentAfterwards(models, folder, LIMIT_BYTES),
      unlimitedBytes: await residentAfterwards(models, folder, undefined),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function residentAfterwards(
  models: readonly ModelSource[],
  cacheFolder: string,
  memoryLimit: number | undefined,
): Promise<number> {
  const engine = startEngine({
    ...({ provider: 'cpu', threads: 0, arithmetic: 'float32', maxBatch: 1, cacheFolder, previews: false } as const),
    memoryLimit,
  });
  try {
    const { residentBytes: before } = await engine.probe();
    for (const model of [...models, ...models]) await engine.run({ kind: 'draw', model, recipe, handoffAt: null });
    return (await engine.probe()).residentBytes - before;
  } finally {
    await engine.close();
  }
}

const recipe = smallRecipe({ refine: 0.5 });
