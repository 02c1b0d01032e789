import type { Engine } from '../../commands/engine.ts';
import { type Config, cacheFolder } from '../../config/index.ts';
import { startEngine } from '../engine/start-engine.ts';
import { makePrivateFolder } from '../private-folder.ts';

/** Runs work with an engine of its own, which is gone when the promise settles. */
export async function withEngine<T>(
  config: Pick<Config, 'provider' | 'threads' | 'arithmetic' | 'maxBatch' | 'memoryLimit' | 'dataDir'>,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const { provider, threads, arithmetic, maxBatch, memoryLimit } = config;
  await makePrivateFolder(config.dataDir);
  // Nobody looks at previews here.
  const engine = startEngine({
    provider,
    threads,
    arithmetic,
    maxBatch,
    memoryLimit,
    cacheFolder: cacheFolder(config),
    previews: false,
  });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}
