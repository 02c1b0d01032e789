import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { type EngineTask, type ModelSource, modelKey } from '../../../commands/engine.ts';
import { BUNDLED_UPSCALER } from '../../../commands/upscale-methods.ts';
import { openCheckpoint } from '../../../inference/checkpoint/open.ts';
import { encodeSafetensors } from '../../../inference/checkpoint/safetensors.ts';
import { ModelLibrary } from '../../../inference/engine/library.ts';
import { EngineServer } from '../../../inference/engine/server.ts';
import { TorchGenerator } from '../../../inference/sampling/noise.ts';
import { goldenPath } from '../../golden/golden-folder.ts';
import { smallRecipe } from '../small-recipe.ts';
import { miniature, receiver } from './receiver.ts';

const settings = { provider: 'cpu', threads: 1, maxBatch: 8, cacheFolder: '', previews: false } as const;
const folder = mkdtempSync(join(tmpdir(), 'easel-loras-'));
afterAll(() => rm(folder, { recursive: true }));

const checkpoint = await openCheckpoint(miniature.base);

/** A LoRA of made-up numbers for these modules, in PEFT's names; strong, so that a picture shows it. */
function loraFor(name: string, modules: readonly string[]): string {
  const generator = new TorchGenerator(5);
  const tensors = modules.flatMap((module) => {
    const [component, path] = module.startsWith('unet.')
      ? (['unet', module.slice('unet.'.length)] as const)
      : (['textEncoder2', module.slice('text_encoder_2.'.length)] as const);
    const [out, inner] = checkpoint[component].weights.get(`${path}.weight`)!.shape;
    return [
      [`${module}.lora_A.weight`, generator.randn([4, inner!])] as const,
      [`${module}.lora_B.weight`, generator.randn([out!, 4])] as const,
    ];
  });
  const path = join(folder, `${name}.safetensors`);
  writeFileSync(path, encodeSafetensors(Object.fromEntries(tensors), {}));
  return path;
}

const attention = ['to_q', 'to_k', 'to_v', 'to_out.0'].map(
  (part) => `unet.mid_block.attentions.0.transformer_blocks.0.attn1.${part}`,
);
const drawing = loraFor('drawing', attention);
const reading = loraFor('reading', ['text_encoder_2.text_model.encoder.layers.1.mlp.fc1']);

const withLoras = (...loras: (readonly [path: string, weight: number])[]): ModelSource => ({
  ...miniature,
  loras: loras.map(([path, weight]) => ({ path, weight })),
});

describe('ModelLibrary', () => {
  it('shares with the plain model what a LoRA leaves alone', async () => {
    const loan = new ModelLibrary(settings).lend();
    const plain = await loan.open(miniature);
    const drawn = await loan.open(withLoras([drawing, 1]));
    const read = await loan.open(withLoras([reading, 1]));
    expect(drawn.refiner).toBe(plain.refiner);
    expect(drawn.base.text).toBe(plain.base.text);
    expect(drawn.base.networks.decode).toBe(plain.base.networks.decode);
    expect(drawn.base.networks.unet).not.toBe(plain.base.networks.unet);
    expect(read.base.networks.unet).toBe(plain.base.networks.unet);
    expect(read.base.networks.textEncoders[0]).toBe(plain.base.networks.textEncoders[0]);
    expect(read.base.networks.textEncoders[1]).not.toBe(plain.base.networks.textEncoders[1]);
    expect(await loan.open(withLoras([drawing, 0]))).toBe(plain);
    expect(await loan.open(withLoras([drawing, 1]))).toBe(drawn);
  });

  it('takes another autoencoder where one is named', async () => {
    const loan = new ModelLibrary(settings).lend();
    const own = await loan.open(miniature);
    const other = await loan.open({ ...miniature, vae: goldenPath('models/vae') });
    expect(other.base.networks.checkpoint.vae.config).not.toEqual(own.base.networks.checkpoint.vae.config);
    expect(other.refiner?.networks.checkpoint.vae.config).toEqual(other.base.networks.checkpoint.vae.config);
    await expect(loan.open({ ...miniature, vae: '/nowhere/vae' })).rejects.toThrow('/nowhere/vae');
  });

  it('keeps the model with LoRAs that was used last, and those in use', async () => {
    const library = new ModelLibrary(settings);
    const [one, two] = [withLoras([drawing, 1]), withLoras([drawing, 0.5])];
    const [longer, shorter] = [library.lend(), library.lend()];
    const first = await longer.open(one);
    const second = await shorter.open(two);
    await shorter.end();
    expect(await library.lend().open(two)).toBe(second);
    await longer.end();
    expect(await library.lend().open(one)).toBe(first);
  });

  it('opens anew what was released meanwhile', async () => {
    const library = new ModelLibrary(settings);
    const use = async (weight: number) => {
      const loan = library.lend();
      const model = await loan.open(withLoras([drawing, weight]));
      await loan.end();
      return model;
    };
    const first = await use(1);
    expect(await use(1)).toBe(first);
    await use(0.5);
    expect(await use(1)).not.toBe(first);
  });
});

describe('a small memory', () => {
  const engine = receiver();
  const other: ModelSource = { base: miniature.base, refiner: null, predictionType: 'v_prediction' };
  const drawTiny = (server: EngineServer, model: ModelSource) =>
    engine.run(server, {
      kind: 'draw',
      model,
      handoffAt: null,
      recipe: smallRecipe({ width: 64, height: 64, steps: 1, guidance: 1 }),
    });

  it('holds one model at a time, and each draws as before after it was released', async () => {
    const loaded: string[] = [];
    const server = new EngineServer({ ...settings, memoryLimit: 1 }, (event) => {
      if (event.type === 'loaded') loaded.push(event.models.map(modelKey).join());
      engine.send(event);
    });
    const [first, second] = [await drawTiny(server, miniature), await drawTiny(server, other)];
    const [third, fourth] = await Promise.all([drawTiny(server, miniature), drawTiny(server, other)]);
    expect(third.picture).toEqual(first.picture);
    expect(fourth.picture).toEqual(second.picture);
    expect(second.picture).not.toEqual(first.picture);
    expect(loaded).toEqual([miniature, other, miniature, other].map(modelKey));
  });

  it('counts an upscaler, which makes room for a model and comes back as it was', async () => {
    const loaded: string[] = [];
    const server = new EngineServer({ ...settings, memoryLimit: 1 }, (event) => {
      if (event.type === 'loaded') loaded.push(event.models.map(modelKey).join());
      engine.send(event);
    });
    const { picture } = await drawTiny(server, miniature);
    const recipe = smallRecipe({ upscale: { factor: 2, method: BUNDLED_UPSCALER } });
    const enlarge = () => engine.run(server, { kind: 'upscale', picture, recipe });
    const first = await enlarge();
    await drawTiny(server, miniature);
    expect((await enlarge()).picture).toEqual(first.picture);
    expect(loaded).toEqual([modelKey(miniature), '', modelKey(miniature), '']);
  });

  it('keeps several where they fit, and opens a model anew whose files have changed', async () => {
    const library = new ModelLibrary(settings);
    const open = async (source: ModelSource) => {
      const loan = library.lend();
      const model = await loan.open(source);
      await loan.end();
      return model;
    };
    const [first, second] = [await open(miniature), await open(other)];
    expect([await open(miniature), await open(other)]).toEqual([first, second]);
    await library.forget(miniature);
    expect(await open(miniature)).not.toBe(first);
    expect(await open(other)).toBe(second);
  });
});

describe('drawing with LoRAs', () => {
  const engine = receiver();
  const server = new EngineServer(settings, engine.send);
  const task = (model: ModelSource): EngineTask => ({
    kind: 'draw',
    model,
    handoffAt: null,
    recipe: smallRecipe(),
  });
  const draw = async (model: ModelSource) =>
    sharp((await engine.run(server, task(model))).picture)
      .raw()
      .toBuffer();
  const meanDifference = (a: Buffer, b: Buffer): number =>
    a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length;

  it('changes the picture more the stronger it is, and leaves no trace when it is gone', async () => {
    const plain = await draw(miniature);
    const weak = await draw(withLoras([drawing, 0.02]));
    const strong = await draw(withLoras([drawing, 1]));
    expect(meanDifference(weak, plain)).toBeGreaterThan(0);
    expect(meanDifference(strong, plain)).toBeGreaterThan(meanDifference(weak, plain));
    expect(await draw(miniature)).toEqual(plain);
    expect(meanDifference(await draw(withLoras([reading, 1])), plain)).toBeGreaterThan(0);
  });

  it('adds several up: one and its opposite are none', async () => {
    const plain = await draw(miniature);
    const cancelled = await draw(withLoras([drawing, 1], [drawing, -1]));
    expect(meanDifference(cancelled, plain)).toBeLessThan(0.05);
    expect(meanDifference(await draw(withLoras([drawing, 1], [reading, 1])), plain)).toBeGreaterThan(1);
  });

  it.each<[string, string, string]>([
    ['a file that is not there', join(folder, 'nothing.safetensors'), 'nothing.safetensors'],
    ['a file that is no LoRA', goldenPath('models/vae/diffusion_pytorch_model.safetensors'), 'A LoRA is needed here.'],
    ['a LoRA of another model', goldenPath('lora/kohya.safetensors'), 'does not fit'],
  ])('answers %s with one clear line', async (_, path, line) => {
    const message = await engine.run(server, task(withLoras([path, 1]))).catch((error: Error) => error.message);
    expect(message).toContain(line);
    expect(String(message).split('\n')).toHaveLength(1);
  });
});
