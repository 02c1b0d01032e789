import type { Work } from './job.ts';
import type { Recipe } from './recipe.ts';

export type WorkKind = Work['kind'];

/** The area that one unit of work is about: 256x256 pixels. */
const UNIT_PIXELS = 256 * 256;
/** Encoding and decoding a picture take about as long as this many steps of one pass. */
const CODING_STEPS = 4;

/** Seconds a unit where nothing has been measured yet: about a small processor's with the miniature. */
export const initialSecondsPerUnit: Readonly<Record<WorkKind, number>> = { draw: 0.05, refine: 0.05, upscale: 0.02 };

/** How much computing a piece of work is, in units of one pass of one step over 256x256 pixels. */
export function workUnits(work: Work): number {
  const { recipe } = work;
  const area = (recipe.width * recipe.height) / UNIT_PIXELS;
  switch (work.kind) {
    case 'draw':
      return work.count * area * (recipe.steps * (recipe.init?.strength ?? 1) * passes(recipe) + CODING_STEPS);
    case 'refine':
      return area * (recipe.steps * (1 - (recipe.refine ?? 0)) * passes(recipe) + CODING_STEPS);
    case 'upscale':
      return area * (recipe.upscale?.factor ?? 1) ** 2;
    default:
      return work satisfies never;
  }
}

/** Compute seconds that a piece of work will take. */
export function priceOf(work: Work, secondsPerUnit: number): number {
  return workUnits(work) * secondsPerUnit;
}

/** How much the newest measurement counts: single outliers hardly move a price, a new machine does within ten jobs. */
const NEWEST = 0.2;

/** The seconds a unit after one more measurement. */
export function measuredRate(known: number | null, work: Work, measuredSeconds: number): number {
  const measured = measuredSeconds / workUnits(work);
  return known === null ? measured : known + NEWEST * (measured - known);
}

/** Guidance draws every step twice, with and without the prompt. */
function passes({ guidance }: Recipe): 1 | 2 {
  return guidance > 1 ? 2 : 1;
}
