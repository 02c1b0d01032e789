import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readSafetensorsHeader } from '../../../inference/checkpoint/safetensors.ts';
import { EngineServer } from '../../../inference/engine/server.ts';
import { createSession } from '../../../inference/graph/session.ts';
import { fromBytes } from '../../../inference/image/pixels.ts';
import { buildUpscaler } from '../../../inference/models/upscaler/upscaler.ts';
import { openUpscaler } from '../../../inference/pipeline/upscaler.ts';
import { miniature, receiver } from '../engine/receiver.ts';
import { smallRecipe } from '../small-recipe.ts';

const bundled = fileURLToPath(new URL('../../../models/upscaler/model.safetensors', import.meta.url));

/** A smooth picture with edges. */
function picture(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, channel] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    const isInside = Math.hypot(x - width / 2, y - height / 2) < width / 4;
    return isInside ? 60 * (channel + 1) : (x + 2 * y + 50 * channel) % 256;
  });
  return { width, height, data };
}

describe('the bundled upscaler in tiles', () => {
  it('makes of a large picture what it makes of the whole at once', async () => {
    const image = fromBytes(picture(276, 260));
    const { enlarge, scale } = await openUpscaler(bundled, { provider: 'cpu', threads: 1 });
    let tiles = 0;
    const tiled = await enlarge(image, (tile) => {
      tiles++;
      return tile();
    });
    expect(tiles).toBe(4);

    const cpu = { provider: 'cpu' } as const;
    const { tensors } = await readSafetensorsHeader(bundled);
    const session = await createSession(buildUpscaler(tensors, cpu).model, cpu);
    const { upscaled } = await session.run({ image });
    await session.release();
    expect(tiled.shape).toEqual([1, 3, 260 * scale, 276 * scale]);
    const worst = tiled.data.reduce((most, value, i) => Math.max(most, Math.abs(value - upscaled.data[i]!)), 0);
    expect(worst).toBeLessThan(1e-4);
  });
});

describe('the upscale task', () => {
  const engine = receiver();
  const settings = { provider: 'cpu', threads: 1, maxBatch: 8, cacheFolder: '', previews: false } as const;
  const server = new EngineServer(settings, engine.send);
  const png = async (width: number, height: number): Promise<Uint8Array> =>
    sharp(picture(width, height).data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
  const run = async (bytes: Uint8Array, factor: number, method: string, upscaler?: string) =>
    engine.run(server, {
      kind: 'upscale',
      picture: bytes,
      ...(upscaler !== undefined && { upscaler }),
      recipe: smallRecipe({ upscale: { factor, method } }),
    });

  it.each([
    [128, 96, 4],
    [128, 96, 2],
    [61, 47, 3],
  ])('enlarges %i x %i by %i', async (width, height, factor) => {
    const source = await png(width, height);
    const result = await run(source, factor, 'realesrgan-compact');
    const { info } = await sharp(result.picture).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([width * factor, height * factor]);
    expect([result.width, result.height]).toEqual([width * factor, height * factor]);
    expect(result.timings.upscaling).toBeGreaterThan(0);

    // Made small again it is the picture that it was; by Lanczos' filter it is another large one.
    const small = await sharp(result.picture)
      .resize(width, height, { kernel: 'lanczos3', fit: 'fill' })
      .raw()
      .toBuffer();
    const before = await sharp(source).raw().toBuffer();
    const difference = before.reduce((sum, value, i) => sum + Math.abs(value - small[i]!), 0) / before.length;
    expect(difference).toBeLessThan(8);
    const lanczos = await run(source, factor, 'lanczos');
    expect(Buffer.from(lanczos.picture).equals(Buffer.from(result.picture))).toBe(false);
  });

  it('takes a network of one’s own by its path', async () => {
    const source = await png(32, 32);
    const own = await run(source, 4, 'my network', bundled);
    const named = await run(source, 4, 'realesrgan-compact');
    const [a, b] = await Promise.all([own, named].map(({ picture: bytes }) => sharp(bytes).raw().toBuffer()));
    expect(a).toEqual(b);
  });

  it.each<[string, string, string | undefined, string]>([
    ['a method that is not known', 'magic', undefined, 'known: lanczos, realesrgan-compact'],
    ['a file that is not there', 'mine', '/nowhere/net.safetensors', '/nowhere/net.safetensors'],
    [
      'a file that is no upscaler',
      'mine',
      `${miniature.base}/vae/diffusion_pytorch_model.safetensors`,
      'An upscaler is needed',
    ],
  ])('answers %s with one clear line', async (_, method, upscaler, line) => {
    const message = await run(await png(32, 32), 2, method, upscaler).catch((error: Error) => error.message);
    expect(message).toContain(line);
    expect(String(message).split('\n')).toHaveLength(1);
  });
});
