import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { parseInfotext } from '../../../commands/infotext.ts';
import { readPngText, readPngTexts } from '../../../commands/png-text.ts';
import { toBytes } from '../../../inference/image/pixels.ts';
import { encodePng } from '../../../inference/image/png.ts';
import { encodePreview } from '../../../inference/image/preview.ts';
import { recipeTexts } from '../../../inference/image/recipe-texts.ts';
import { upscaleLanczos } from '../../../inference/image/upscale.ts';
import { isMarkedAsAi } from '../../ai-mark.ts';
import { smallRecipe } from '../small-recipe.ts';

const golden = await readFile('test/fixtures/golden/mini/cat_snow.png');

const recipe = smallRecipe({
  prompt: 'a cat in the snow, "quoted"\n雪の中の猫',
  width: 64,
  height: 64,
  steps: 20,
  model: { name: 'mini', hash: 'abc' },
});

describe('bytes of a picture', () => {
  it('round half to even and stay in range', () => {
    const values = [0, 0.5 / 255, 1.5 / 255, 2.5 / 255, 0.999, 1, 1.2, -0.3];
    const picture = { shape: [1, 3, 1, 8], data: Float32Array.from([...values, ...values, ...values]) };
    const { width, height, data } = toBytes(picture);
    expect([width, height]).toEqual([8, 1]);
    const red = [...data].filter((_, i) => i % 3 === 0);
    expect(red).toEqual([0, 0, 2, 2, 255, 255, 255, 0]);
  });
});

describe('a finished PNG', () => {
  it('carries its recipe, what made it, and that a model did', async () => {
    const picture = { shape: [1, 3, 4, 4], data: new Float32Array(48).fill(0.5) };
    const png = await encodePng(picture, recipeTexts(recipe));
    expect(parseInfotext(readPngText(png, 'parameters') ?? '')).toEqual(recipe);
    expect(readPngText(png, 'Software')).toMatch(/^Easel \d+\.\d+\.\d+$/);
    const { xmp, width, height, channels } = await sharp(png, { failOn: 'warning' }).metadata();
    expect([width, height, channels]).toEqual([4, 4, 3]);
    expect(xmp?.toString()).toContain('http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia');
    expect(readPngTexts(png).size).toBe(3);
  });

  it('is the same file every time', async () => {
    const picture = { shape: [1, 3, 8, 8], data: Float32Array.from({ length: 192 }, (_, i) => i / 192) };
    const [first, second] = await Promise.all([encodePng(picture, {}), encodePng(picture, {})]);
    expect(Buffer.from(first).equals(second)).toBe(true);
  });
});

describe('enlarging', () => {
  it('multiplies both sides and keeps the picture and the texts', async () => {
    const { picture, width, height } = await upscaleLanczos(golden, 2, { parameters: 'kept' });
    expect([width, height]).toEqual([512, 512]);
    expect(readPngText(picture, 'parameters')).toBe('kept');
    const back = await sharp(picture).resize(256, 256, { kernel: 'lanczos3' }).raw().toBuffer();
    const original = await sharp(golden).removeAlpha().raw().toBuffer();
    const squares = original.reduce((sum, value, i) => sum + (value - (back[i] ?? 0)) ** 2, 0);
    expect(Math.sqrt(squares / original.length)).toBeLessThan(4);
  });

  it('refuses what is no picture', async () => {
    await expect(upscaleLanczos(Buffer.from('no'), 2, {})).rejects.toThrow(/not a picture/);
  });
});

describe('a preview', () => {
  it('is a small JPEG of the same shape', async () => {
    const jpeg = await encodePreview({ shape: [1, 3, 24, 40], data: new Float32Array(3 * 24 * 40).fill(0.25) });
    const { format, width, height } = await sharp(jpeg).metadata();
    expect(format).toBe('jpeg');
    expect(width).toBe(256);
    expect(height).toBe(154);
    expect(jpeg.length).toBeLessThan(20_000);
    expect(await isMarkedAsAi(jpeg)).toBe(true);
  });
});
