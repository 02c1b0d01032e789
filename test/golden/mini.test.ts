import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EngineTask } from '../../commands/engine.ts';
import { recipeSchema } from '../../commands/recipe.ts';
import { EngineServer } from '../../inference/engine/server.ts';
import { miniature, receiver } from '../inference/engine/receiver.ts';
import { goldenPath } from './golden-folder.ts';

const caseSchema = z.object({
  name: z.string(),
  prompt: z.string(),
  negative: z.string().optional(),
  size: z.string(),
  steps: z.number(),
  guidance: z.number(),
  guidance_rescale: z.number().default(0),
  sampler: z.string(),
  seed: z.number(),
  refine: z.number().nullable().default(null),
  init: z.string().optional(),
  strength: z.number().optional(),
});
const { cases } = z
  .object({ cases: z.array(caseSchema) })
  .parse(JSON.parse(readFileSync(goldenPath('mini/index.json'), 'utf8')));

/** README of the golden data, in decibels on the 8-bit picture. */
const LEAST_PSNR = 60;

describe('the miniature draws what diffusers draws with it', () => {
  const engine = receiver();
  const server = new EngineServer(
    { provider: 'cpu', threads: 1, maxBatch: 8, cacheFolder: '', previews: false },
    engine.send,
  );
  afterAll(() => engine.expectNothingWaiting());

  for (const { name, init, strength, guidance_rescale, size, ...given } of cases) {
    it(name, async () => {
      const [width, height] = size.split('x').map(Number);
      const recipe = recipeSchema.parse({
        ...given,
        width,
        height,
        guidanceRescale: guidance_rescale,
        model: { name: 'mini', hash: '' },
        loras: [],
        ...(init !== undefined && { init: { picture: '0'.repeat(64), strength } }),
      });
      const task: EngineTask = {
        kind: 'draw',
        model: miniature,
        recipe,
        handoffAt: null,
        ...(init !== undefined && { init: readFileSync(goldenPath('mini', init)) }),
      };
      const { picture } = await engine.run(server, task);
      expect(await psnr(picture, readFileSync(goldenPath('mini', `${name}.png`)))).toBeGreaterThanOrEqual(LEAST_PSNR);
    });
  }
});

/** Peak signal-to-noise ratio of two pictures' RGB bytes; infinite where they are equal. */
async function psnr(actual: Uint8Array, expected: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all(
    [actual, expected].map((bytes) => sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })),
  );
  expect([a?.info.width, a?.info.height]).toEqual([b?.info.width, b?.info.height]);
  const [x, y] = [a?.data ?? Buffer.alloc(0), b?.data ?? Buffer.alloc(1)];
  expect(x.length).toBe(y.length);
  const squares = x.reduce((sum, value, index) => sum + (value - (y[index] ?? 0)) ** 2, 0);
  return 10 * Math.log10((255 ** 2 * x.length) / squares);
}
