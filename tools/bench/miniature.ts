import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEngine } from '../../bot/engine/start-engine.ts';
import type { Engine, EngineTask, ModelSource } from '../../commands/engine.ts';
import { recipeSchema } from '../../commands/recipe.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const source: ModelSource = {
  base: join(repository, 'models/mini/base'),
  refiner: join(repository, 'models/mini/refiner'),
};

export interface MiniatureResult {
  /** From an engine that has drawn before. */
  readonly oneWarmSeconds: number;
  readonly fourAtOnceSeconds: number;
  readonly eightAtOnceSeconds: number;
  /** `easel imagine` as a person runs it, from nothing to the file. */
  readonly coldCommandSeconds: number;
}

/** 256x256, 20 steps with guidance, the last fifth by the refiner: the least of `repeats` runs each, taken in turn. */
export async function measureMiniature(repeats: number): Promise<MiniatureResult> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-bench-'));
  const engine = startEngine({ provider: 'cpu', threads: 0, maxBatch: 8, cacheFolder: folder, previews: true });
  try {
    await drawAtOnce(engine, 1);
    const runs = { one: [] as number[], four: [] as number[], eight: [] as number[], cold: [] as number[] };
    for (let repeat = 0; repeat < repeats; repeat++) {
      runs.one.push(await seconds(() => drawAtOnce(engine, 1)));
      runs.four.push(await seconds(() => drawAtOnce(engine, 4)));
      runs.eight.push(await seconds(() => drawAtOnce(engine, 8)));
      runs.cold.push(await seconds(() => drawByCommand(folder)));
    }
    return {
      oneWarmSeconds: Math.min(...runs.one),
      fourAtOnceSeconds: Math.min(...runs.four),
      eightAtOnceSeconds: Math.min(...runs.eight),
      coldCommandSeconds: Math.min(...runs.cold),
    };
  } finally {
    await engine.close();
    await rm(folder, { recursive: true });
  }
}

async function drawAtOnce(engine: Engine, pictures: number): Promise<void> {
  const tasks = Array.from({ length: pictures }, (_, index): EngineTask => {
    const recipe = recipeSchema.parse({
      prompt: 'a cat in the snow',
      width: 256,
      height: 256,
      steps: 20,
      guidance: 5,
      guidanceRescale: 0,
      sampler: 'euler',
      seed: 7 + index,
      refine: 0.8,
      model: { name: 'mini', hash: '' },
      loras: [],
    });
    return { kind: 'draw', model: source, recipe, handoffAt: null };
  });
  await Promise.all(tasks.map((task) => engine.run(task)));
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
