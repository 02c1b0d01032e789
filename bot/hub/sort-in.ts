import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Config } from '../../config/index.ts';

/** Where that belongs which goes with a model and is none by itself, by the kinds that `Engine.inspect` tells apart. */
export function extraFolders({
  loraDir,
  embeddingDir,
  upscalerDir,
}: Pick<Config, 'loraDir' | 'embeddingDir' | 'upscalerDir'>): ReadonlyMap<string, string> {
  return new Map([
    ['lora', loraDir],
    ['embedding', embeddingDir],
    ['upscaler', upscalerDir],
  ]);
}

/** Moves a pulled file to another folder, and removes its card, which only models have. Resolves with its new path. */
export async function sortIn(path: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const sorted = join(folder, basename(path));
  await rename(path, sorted).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error;
    // On another disk it must appear whole, too.
    const part = `${sorted}.part`;
    await copyFile(path, part);
    await rename(part, sorted);
    await rm(path);
  });
  await rm(path.replace(/\.safetensors$/, '.easel.json'), { force: true });
  return sorted;
}
