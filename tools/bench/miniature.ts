import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withMiniature } from './miniature-engine.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface MiniatureResult {
  /** From an engine that has drawn before. */
  readonly oneWarmSeconds: number;
  readonly fourAtOnceSeconds: number;
  /** `easel imagine` as a person runs it, from nothing to the file. */
  readonly coldCommandSeconds: number;
}

/** 256x256, 20 steps with guidance, the last fifth by the refiner: the least of `repeats` runs each, taken in turn. */
export function measureMiniature(repeats: number): Promise<MiniatureResult> {
  return withMiniature('float32', async ({ engine, folder, task }) => {
    const drawAtOnce = async (pictures: number): Promise<void> => {
      await Promise.all(Array.from({ length: pictures }, (_, seed) => engine.run(task({ seed }))));
    };
    await drawAtOnce(1);
    const runs = { one: [] as number[], four: [] as number[], cold: [] as number[] };
    for (let repeat = 0; repeat < repeats; repeat++) {
      runs.one.push(await seconds(() => drawAtOnce(1)));
      runs.four.push(await seconds(() => drawAtOnce(4)));
      runs.cold.push(await seconds(() => drawByCommand(folder)));
    }
    return {
      oneWarmSeconds: Math.min(...runs.one),
      fourAtOnceSeconds: Math.min(...runs.four),
      coldCommandSeconds: Math.min(...runs.cold),
    };
  });
}

function drawByCommand(folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        join(repository, 'bin/easel.js'),
        'imagine',
        'a cat in the snow',
        '--seed',
        '7',
        '--out',
        join(folder, 'cold.png'),
      ],
      { cwd: folder, stdio: 'ignore' },
    );
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`easel imagine ended with ${code}.`))));
  });
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
