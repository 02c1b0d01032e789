import type { PictureNote } from '../../commands/picture-note.ts';
import type { Recipe } from '../../commands/recipe.ts';
import { decodeAlpha } from '../image/decode.ts';
import type { StartPicture } from './start-picture.ts';

/** How many of a mask's pixels must be those that are missing, for the two to be the same: edges are resampled. */
const SAME_SHARE = 0.99;

/** What is to be said of a drawing whose start was masked or had transparent parts, so that no guess goes unsaid. */
export async function partNote(
  recipe: Recipe,
  start: StartPicture | null,
  init: Uint8Array | undefined,
): Promise<PictureNote | null> {
  if (start === null || init === undefined || recipe.init?.place !== undefined) return null;
  const alpha = (await decodeAlpha(init, recipe))?.data;
  const missing = alpha?.map((value) => (value < 0.5 ? 1 : 0));
  if (start.mask === null) {
    return missing?.includes(1) ? { code: 'transparency_filled', percent: percentOf(missing) } : null;
  }
  const marked = start.mask.data.map((value) => (value >= 0.5 ? 1 : 0));
  const same = marked.filter((value, index) => value === missing?.[index]).length;
  const isHole = missing?.includes(1) && same >= marked.length * SAME_SHARE;
  return { code: isHole ? 'hole_drawn' : 'part_drawn', percent: percentOf(marked) };
}

/** The share of ones, to two figures; a stray pixel is more than 0 %. */
function percentOf(values: Float32Array): number {
  const share = values.reduce((sum, value) => sum + value, 0) / values.length;
  return share === 0 ? 0 : Math.max(0.01, Number((100 * share).toPrecision(2)));
}
