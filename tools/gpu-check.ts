import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEngine } from '../bot/engine/start-engine.ts';
import { type Engine, EngineError, type EngineTask, type Provider } from '../commands/engine.ts';
import { recipeSchema } from '../commands/recipe.ts';
import { decibels } from './likeness.ts';

/**
 * `npm run gpu-check`: draws the miniature on this machine's GPU and on its CPU, and says whether the pictures are the
 * same and how long each took. It is for a person with a GPU: everything it does is what `easel serve` does.
 * `--provider cuda` or `webgpu`; without it, every one that works here. Exits with 1 where something is wrong.
 */
const EXPECTED = `What to expect: float16 on the GPU against float32 on the CPU gives pictures that no eye tells apart, 35 dB PSNR or
more (50 dB is usual). The first picture takes some seconds, for the kernels are compiled or chosen; from the second on
a GPU of 2018 or later is faster than the processor. Both pictures are kept for you to look at.`;
/** Below this two pictures differ visibly: a kernel is wrong, not imprecise. */
const LEAST_DECIBELS = 35;

const models = join(import.meta.dirname, '../models/mini');
const prompts = ['a cat in the snow', 'a red car on the beach'];
const { values } = parseArgs({ options: { provider: { type: 'string' }, out: { type: 'string', default: 'out' } } });

interface Drawn {
  readonly pictures: readonly Uint8Array[];
  readonly seconds: readonly number[];
}

async function draw(engine: Engine): Promise<Drawn> {
  const [pictures, seconds]: [Uint8Array[], number[]] = [[], []];
  for (const prompt of prompts) {
    const recipe = recipeSchema.parse({
      ...{ prompt, width: 256, height: 256, steps: 20, guidance: 5, guidanceRescale: 0, sampler: 'euler', seed: 7 },
      ...{ refine: 0.8, model: { name: 'mini', hash: '' }, loras: [] },
    });
    const model = { base: join(models, 'base'), refiner: join(models, 'refiner') };
    const task: EngineTask = { kind: 'draw', model, recipe, handoffAt: null };
    const start = performance.now();
    pictures.push((await engine.run(task)).picture);
    seconds.push((performance.now() - start) / 1000);
  }
  return { pictures, seconds };
}

async function withEngine<T>(provider: Provider, use: (engine: Engine) => Promise<T>): Promise<T> {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'easel-gpu-check-'));
  const engine = startEngine({ provider, threads: 0, maxBatch: 8, cacheFolder, previews: false });
  try {
    return await use(engine);
  } finally {
    await engine.close();
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

/** Draws on one provider, and says how it went; false where a person should not use it. */
async function check(provider: Provider, cpu: Drawn): Promise<boolean> {
  try {
    const gpu = await withEngine(provider, draw);
    let isRight = true;
    for (const [index, prompt] of prompts.entries()) {
      const [onCpu, onGpu] = [cpu.pictures[index], gpu.pictures[index]];
      if (onCpu === undefined || onGpu === undefined) continue;
      const likeness = await decibels(onCpu, onGpu);
      isRight &&= likeness >= LEAST_DECIBELS;
      await writeFile(join(values.out, `${index}-cpu.png`), onCpu);
      await writeFile(join(values.out, `${index}-${provider}.png`), onGpu);
      const times = `${gpu.seconds[index]?.toFixed(2)} s, the processor ${cpu.seconds[index]?.toFixed(2)} s`;
      console.log(`${provider}: ${JSON.stringify(prompt)}: ${likeness.toFixed(1)} dB from the CPU's; ${times}`);
    }
    console.log(isRight ? `${provider} is right.` : `${provider} draws other pictures: do not use it on this GPU.`);
    return isRight;
  } catch (error) {
    console.log(`${provider} failed: ${error instanceof EngineError ? error.message : String(error)}`);
    return false;
  }
}

const report = await withEngine('cpu', (engine) => engine.probe());
const gpus = report.providers.filter(({ provider }) => provider !== 'cpu');
for (const { provider, available, reason } of gpus) console.log(`${provider}: ${available ? 'works' : reason}`);
const wanted = gpus.filter(({ provider, available }) => (values.provider ? provider === values.provider : available));
if (wanted.length === 0) {
  console.log('There is no GPU to check here.');
  process.exit(1);
}
console.log(`\n${EXPECTED}\n`);
await mkdir(values.out, { recursive: true });
const cpu = await withEngine('cpu', draw);
let isAllRight = true;
for (const { provider } of wanted) isAllRight = (await check(provider, cpu)) && isAllRight;
process.exit(isAllRight ? 0 : 1);
