import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { PictureNote } from '../../../commands/picture-note.ts';
import { type Recipe, recipeSchema } from '../../../commands/recipe.ts';
import { partNote } from '../../../inference/pipeline/part-note.ts';
import { readStart } from '../../../inference/pipeline/start-picture.ts';

const SIDE = 64;
const key = 'a'.repeat(64);
const recipe: Recipe = recipeSchema.parse({
  prompt: 'a cat',
  width: SIDE,
  height: SIDE,
  steps: 4,
  guidance: 5,
  guidanceRescale: 0,
  sampler: 'euler',
  seed: 7,
  refine: null,
  model: { name: 'mini', hash: '' },
  loras: [],
  init: { picture: key, strength: 0.5 },
});

/** What is said of a picture with these pixels missing, under a mask with these marked. */
async function noteOf(missing: (column: number) => boolean, marked?: (column: number) => boolean) {
  const init = await png((column) => [90, 120, 150, missing(column) ? 0 : 255]);
  const mask = marked && (await png((column) => (marked(column) ? [255, 255, 255, 255] : [0, 0, 0, 255])));
  const masked: Recipe = { ...recipe, ...(mask && { mask: recipe.init?.picture }) };
  return partNote(masked, await readStart(masked, { init, ...(mask && { mask }) }), init);
}

function png(colour: (column: number) => readonly number[]): Promise<Uint8Array> {
  const data = Uint8Array.from(Array.from({ length: SIDE ** 2 }, (_, index) => colour(index % SIDE)).flat());
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 4 } })
    .png()
    .toBuffer();
}

const nowhere = () => false;
const leftHalf = (column: number) => column < SIDE / 2;

it.each<[string, Parameters<typeof noteOf>, PictureNote | null]>([
  ['of a whole picture nothing', [nowhere], null],
  ['of a mask how much it marks', [nowhere, leftHalf], { code: 'part_drawn', percent: 50 }],
  ['of a hole that it is one', [leftHalf, leftHalf], { code: 'hole_drawn', percent: 50 }],
  ['of a mask beside a hole that the mask counts', [leftHalf, nowhere], { code: 'part_drawn', percent: 0 }],
  ['of specks that they were filled', [(column) => column === 9], { code: 'transparency_filled', percent: 1.6 }],
])('says %s', async (_, parts, note) => {
  expect(await noteOf(...parts)).toEqual(note);
});

it('says nothing where there is no start picture', async () => {
  const { init: _init, ...plain } = recipe;
  expect(await partNote(plain, null, undefined)).toBeNull();
});
