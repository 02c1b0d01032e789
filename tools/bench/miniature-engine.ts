import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEngine } from '../../bot/engine/start-engine.ts';
import type { Arithmetic, Engine, EngineTask, ModelSource } from '../../commands/engine.ts';
import { recipeSchema } from '../../commands/recipe.ts';

const models = fileURLToPath(new URL('../../models/mini', import.meta.url));

/** An engine with the miniature, and what to ask of it. */
export interface MiniatureEngine {
  readonly engine: Engine;
  /** Its folder, for what is to go with it. */
  readonly folder: string;
  /** 256x256, 20 steps with guidance, the last fifth by the refiner. */
  task(options?: { readonly prompt?: string; readonly seed?: number; readonly deepEvery?: number }): EngineTask;
}

/** The models are copied, so that rounded weights are kept beside the copy. */
export async function withMiniature<T>(
  arithmetic: Arithmetic,
  use: (miniature: MiniatureEngine) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-bench-'));
  await cp(models, folder, { recursive: true });
  const settings = { provider: 'cpu', threads: 0, maxBatch: 8, previews: true } as const;
  const engine = startEngine({ ...settings, arithmetic, cacheFolder: join(folder, 'cache') });
  const model: ModelSource = { base: join(folder, 'base'), refiner: join(folder, 'refiner') };
  try {
    return await use({
      engine,
      folder,
      task: ({ prompt = 'a cat in the snow', seed = 7, deepEvery } = {}) => {
        const recipe = recipeSchema.parse({
          ...{ prompt, width: 256, height: 256, steps: 20, guidance: 5, guidanceRescale: 0, sampler: 'euler', seed },
          ...{ refine: 0.8, model: { name: 'mini', hash: '' }, loras: [], deepEvery },
        });
        return { kind: 'draw', model, recipe, handoffAt: null };
      },
    });
  } finally {
    await engine.close();
    await rm(folder, { recursive: true });
  }
}
