import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArithmeticSetting, Engine, Provider } from '../../commands/engine.ts';
import type { Logger } from '../../config/index.ts';
import type { ModelStore } from '../store/store.ts';

/** In bytes: smaller ones, as the bundled miniature, are drawn in float32 wherever they are. */
const FULL_SIZE = 500_000_000;

/** Whether one of these models is so large that what computes it is chosen by speed. */
export async function isChoiceOpen(models: readonly { readonly base: string }[]): Promise<boolean> {
  const sizes = await Promise.all(models.map(({ base }) => largestFile(base)));
  return sizes.some((bytes) => bytes >= FULL_SIZE);
}

/** Of a checkpoint's file, or of the files of its folder. */
async function largestFile(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isDirectory()) return found?.size ?? 0;
  const names = await readdir(path, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(path, name)).catch(() => null))?.size ?? 0),
  );
  return Math.max(0, ...sizes);
}

/**
 * What this worker is to compute in, so that one recipe is one picture on all workers of a store. Where nobody has decided it,
 * each machine would choose what is fastest there: the first one chooses for all. A machine whose integers are wrong or slow
 * keeps to float32, and says so.
 *
 * @param probe starts an engine that chooses for itself, and ends it
 */
export async function agreedArithmetic(
  { provider, arithmetic }: { readonly provider: Provider; readonly arithmetic: ArithmeticSetting },
  probe: () => ReturnType<Engine['probe']>,
  models: Pick<ModelStore, 'agreeArithmetic'>,
  log: Logger,
): Promise<ArithmeticSetting> {
  if (arithmetic !== 'auto' || provider !== 'cpu') return arithmetic;
  const { chosen } = (await probe()).arithmetic;
  const agreed = await models.agreeArithmetic(chosen);
  if (agreed === chosen || agreed === 'float32' || chosen !== 'float32') return agreed;
  log.warn(
    { agreed, own: chosen },
    'this machine computes in float32, the other workers in 8-bit integers: for the same picture everywhere set ARITHMETIC=float32',
  );
  return chosen;
}
