import type { ModelDescription, SizeBucket } from './engine.ts';
import type { BlobKey } from './ids.ts';
import type { Picture } from './job.ts';
import type { Place } from './parameters/start-picture.ts';
import type { Recipe } from './recipe.ts';

/** How far what is added goes from the colours of the picture's edge, unless the model's card says otherwise. */
const STRENGTH = 0.85;

/** The share of the canvas's shorter side over which what is added passes into the picture. */
const FEATHER = 1 / 8;

/** Sides of a smaller picture are multiples of this, so that it lies in the middle. */
const ZOOM_STEP = 16;

/** The share of a picture's side that is added to it. */
const PAN_SHARE = 1 / 2;

/** In pixels: as far as pictures may grow by being extended. */
export const MAX_OUTPAINTED_SIDE = 2048;

export const panDirections = ['left', 'right', 'up', 'down'] as const;
export const zoomLimits = { min: 1.1, max: 4 } as const;
export const DEFAULT_ZOOM = 2;

/** A size and where in it the picture lies that is extended. */
export interface Canvas extends SizeBucket {
  readonly place: Place;
}

/** As large as before, the picture in the middle so many times smaller. */
export function zoomedOut({ width, height }: SizeBucket, factor: number): Canvas {
  const smaller = (side: number): number => Math.max(ZOOM_STEP, Math.round(side / factor / ZOOM_STEP) * ZOOM_STEP);
  const inner = { width: smaller(width), height: smaller(height) };
  return { width, height, place: { x: (width - inner.width) / 2, y: (height - inner.height) / 2, ...inner } };
}

/** Larger to one side, the picture as it was at the other. */
export function panned({ width, height }: SizeBucket, direction: (typeof panDirections)[number]): Canvas {
  const isVertical = direction === 'up' || direction === 'down';
  const added = Math.round(((isVertical ? height : width) * PAN_SHARE) / 8) * 8;
  return {
    width: isVertical ? width : width + added,
    height: isVertical ? height + added : height,
    place: { x: direction === 'left' ? added : 0, y: direction === 'up' ? added : 0, width, height },
  };
}

/** The recipe that draws what is around a picture on a canvas. */
export function extended(
  recipe: Recipe,
  picture: BlobKey,
  { width, height, place }: Canvas,
  { defaults }: ModelDescription,
  strength: number = defaults.outpaint ?? STRENGTH,
): Recipe {
  const { mask: _mask, ...rest } = recipe;
  return {
    ...rest,
    width,
    height,
    init: { picture, strength: Math.max(strength, 1 / recipe.steps), place },
    feather: Math.max(1, Math.round(Math.min(width, height) * FEATHER)),
  };
}

/** The recipe that extends a picture which was drawn: the same otherwise, with a new seed. */
export function outpaintRecipe(
  { recipe, recipeId, blob }: Picture,
  canvas: Canvas,
  change: { readonly by: string; readonly seed: number },
  model: ModelDescription,
): Recipe {
  const { upscale: _upscale, refiner: _refiner, ...rest } = recipe;
  const changed: Recipe = {
    ...rest,
    // The picture has been refined, if it has; the refiner can go on from what the base adds.
    refine: null,
    seed: change.seed,
    parent: { recipe: recipeId, by: change.by },
  };
  return extended(changed, blob, canvas, model);
}
