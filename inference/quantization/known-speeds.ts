import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { z } from 'zod';
import { measureSpeeds } from './speeds.ts';

const FILE = 'arithmetic.json';

const pairSchema = z.object({ float32: z.number().positive(), int8: z.number().positive() });
const speedsSchema = z.object({
  /** What was measured: other processors, threads and versions have other speeds. */
  machine: z.string(),
  measured: z.iso.datetime(),
  speeds: z.object({ linear: pairSchema, convolution: pairSchema, isExact: z.boolean() }),
});
export type KnownSpeeds = z.output<typeof speedsSchema>;

/** This machine's speeds: measured at the first start, then kept in the cache folder. */
export async function knownSpeeds(
  cacheFolder: string,
  threads: number,
  measure: typeof measureSpeeds = measureSpeeds,
): Promise<KnownSpeeds> {
  const count = threads > 0 ? threads : availableParallelism();
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${count} threads, ONNX Runtime ${ort.env.versions.node}`;
  const path = join(cacheFolder, FILE);
  const known = await read(path);
  if (known?.machine === machine) return known;
  const fresh = { machine, measured: new Date().toISOString(), speeds: await measure(threads) };
  await write(path, fresh);
  return fresh;
}

/** One that is missing, damaged or of an older form is as good as none. */
async function read(path: string): Promise<KnownSpeeds | undefined> {
  try {
    return speedsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Written beside and renamed, so that a reader never sees half a file. */
async function write(path: string, speeds: KnownSpeeds): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, JSON.stringify(speeds, null, 1));
  await rename(draft, path);
}
