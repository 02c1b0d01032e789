import type { ModelDescription, SizeBucket } from './engine.ts';
import { en } from './locale/en.ts';
import type { Messages } from './locale/index.ts';
import { MAX_OUTPAINTED_SIDE } from './outpaint.ts';
import { MAX_COUNT, MAX_PROMPT_LENGTH, MAX_SEED, type Recipe } from './recipe.ts';
import { UserError } from './request.ts';
import { nearestBucket, parseAspect } from './sizes.ts';

/** The share of the steps that the base takes where "on" is all that was said; also where a hand-off is kept for later. */
export const DEFAULT_REFINE = 0.8;
/** Every so many steps of a fast picture the whole network is computed. */
export const FAST_DEEP_EVERY = 3;
/** How far picture to picture goes where nothing was said. */
export const DEFAULT_STRENGTH = 0.6;
/** Under a mask something else is wanted, not the same again. */
export const MASK_STRENGTH = 0.9;

/** The options of a picture, with the limits that hold for every model: `/imagine` and the command line offer them alike. */
export const recipeLimits = {
  steps: { min: 1, max: 200 },
  guidance: { min: 0, max: 50 },
  guidanceRescale: { min: 0, max: 1 },
  strength: { min: 0.01, max: 1 },
  seed: { min: 0, max: MAX_SEED },
  count: { min: 1, max: MAX_COUNT },
} as const;

/** What a person said about a picture; what is absent comes from `start` or from the model. */
export interface RecipeWishes {
  readonly prompt: string;
  /** For the second text encoder, where it is to read something else. */
  readonly prompt2?: string | undefined;
  /** Taken as it is, from `start` never: empty and absent differ, as in `Recipe`. */
  readonly negative?: string | undefined;
  readonly negative2?: string | undefined;
  /** `WIDTHxHEIGHT` in pixels. */
  readonly size?: string | undefined;
  /** `WIDTH:HEIGHT`; the model's nearest size is taken. */
  readonly aspect?: string | undefined;
  readonly steps?: number | undefined;
  readonly guidance?: number | undefined;
  readonly guidanceRescale?: number | undefined;
  readonly sampler?: string | undefined;
  readonly fast?: boolean | undefined;
  /** `auto`, `on`, `off` or a share such as `0.8`. */
  readonly refine?: string | undefined;
  /** The picture to start from; `width` and `height` choose a size where nothing else does. */
  readonly init?:
    | {
        readonly picture: NonNullable<Recipe['init']>['picture'];
        readonly width?: number;
        readonly height?: number;
        /** What of it is drawn; null and absent: all. */
        readonly mask?: Recipe['mask'] | null;
      }
    | undefined;
  readonly strength?: number | undefined;
}

/**
 * The recipe that a person's wishes make with a model: everything that was not said is filled in, so that the recipe stands
 * by itself. `start` is an earlier recipe whose values come before the model's. Throws a `UserError` of one line.
 */
export function buildRecipe(
  wishes: RecipeWishes,
  model: ModelDescription,
  seed: number,
  options: { start?: Recipe | undefined; messages?: Messages } = {},
): Recipe {
  const { start, messages = en } = options;
  for (const name of ['prompt', 'prompt2', 'negative', 'negative2'] as const) {
    const length = wishes[name]?.length ?? 0;
    if (length > MAX_PROMPT_LENGTH) {
      throw new UserError('too_long', messages.recipe.tooLong(name, length, MAX_PROMPT_LENGTH));
    }
  }
  const steps = wishes.steps ?? start?.steps ?? model.defaults.steps;
  const init = chooseInit(wishes, start, steps, messages);
  const refine = chooseRefine(wishes.refine, model, { start, drawsFromPicture: init !== undefined, messages });
  const size = chooseSize(wishes, model, start, messages);
  const deepEvery = wishes.fast === undefined ? start?.deepEvery : wishes.fast ? FAST_DEEP_EVERY : undefined;
  const sampler = wishes.sampler ?? start?.sampler ?? model.defaults.sampler;
  requireSampler(sampler, model, messages);
  return {
    prompt: wishes.prompt,
    ...(wishes.prompt2 === undefined ? {} : { prompt2: wishes.prompt2 }),
    ...(wishes.negative === undefined ? {} : { negative: wishes.negative }),
    ...(wishes.negative2 === undefined ? {} : { negative2: wishes.negative2 }),
    width: size.width,
    height: size.height,
    steps,
    guidance: wishes.guidance ?? start?.guidance ?? model.defaults.guidance,
    guidanceRescale: wishes.guidanceRescale ?? start?.guidanceRescale ?? model.defaults.guidanceRescale,
    sampler,
    seed,
    refine,
    model: { name: model.name, hash: model.hash },
    ...(refine === null || model.refiner === null ? {} : { refiner: model.refiner }),
    loras: start?.loras ?? [],
    ...(deepEvery === undefined ? {} : { deepEvery }),
    ...startingFrom(init, wishes, start, size),
  };
}

/** Over how many pixels a masked drawing fades into what is kept. */
export function maskFeather({ width, height }: SizeBucket): number {
  return Math.max(1, Math.round(Math.min(width, height) / 32));
}

/** The start, and where nothing of it has changed also where it lies and what of it is drawn. */
function startingFrom(
  init: Recipe['init'],
  wishes: RecipeWishes,
  start: Recipe | undefined,
  { width, height }: SizeBucket,
): Pick<Recipe, 'init' | 'mask' | 'feather'> {
  if (init === undefined) return {};
  const given = wishes.init?.mask;
  if (given) return { init, mask: given, feather: maskFeather({ width, height }) };
  const isSame = wishes.init === undefined && start?.width === width && start.height === height;
  if (!isSame) return { init };
  const { mask, feather } = start;
  const place = start.init?.place;
  return {
    init: { ...init, ...(place && { place }) },
    ...(mask && { mask }),
    ...(feather !== undefined && { feather }),
  };
}

/** The sides that a model draws at all, in pixels: beyond these its pictures fall apart. */
export function sideLimits(model: ModelDescription): { min: number; max: number } {
  return { min: Math.max(64, roundTo8(model.nativeSize / 4)), max: Math.min(4096, model.nativeSize * 2) };
}

/**
 * Holds a recipe that came from outside against a model: whoever can write a recipe into a picture could ask for anything.
 * Throws a `UserError` that names what the model cannot do.
 */
export function requireDrawable(recipe: Recipe, model: ModelDescription, messages: Messages = en): void {
  requireRecipeSize(recipe, model, messages);
  requireSampler(recipe.sampler, model, messages);
  if (recipe.refine !== null && model.refiner === null) {
    throw new UserError('no_refiner', messages.recipe.noRefiner(model.name));
  }
}

function chooseSize(
  wishes: RecipeWishes,
  model: ModelDescription,
  start: Recipe | undefined,
  messages: Messages,
): SizeBucket {
  if (wishes.size !== undefined && wishes.aspect !== undefined) {
    throw new UserError('invalid_size', messages.recipe.sizeAndAspect);
  }
  if (wishes.size !== undefined) {
    const size = parseSize(wishes.size, messages);
    const isStarts = start?.width === size.width && start.height === size.height;
    if (isStarts) requireRecipeSize(start, model, messages);
    else requireSize(size, model, messages);
    return size;
  }
  if (wishes.aspect !== undefined) {
    const ratio = parseAspect(wishes.aspect);
    if (ratio === null) throw new UserError('invalid_aspect', messages.recipe.aspect(wishes.aspect));
    return nearestBucket(ratio, model.buckets);
  }
  if (start !== undefined) {
    // It may have been another model's.
    requireRecipeSize(start, model, messages);
    return { width: start.width, height: start.height };
  }
  const { width, height } = wishes.init ?? {};
  return nearestBucket(width === undefined || height === undefined ? 1 : width / height, model.buckets);
}

function parseSize(given: string, messages: Messages): SizeBucket {
  const match = /^\s*(\d{1,5})\s*[x×*]\s*(\d{1,5})\s*$/i.exec(given);
  if (match === null) throw new UserError('invalid_size', messages.recipe.size(given));
  return { width: Number(match[1]), height: Number(match[2]) };
}

function requireSize({ width, height }: SizeBucket, model: ModelDescription, messages: Messages): void {
  const { min, max } = sideLimits(model);
  const nearest = (side: number): number => Math.min(max, Math.max(min, roundTo8(side)));
  if (nearest(width) === width && nearest(height) === height) return;
  const possible = `${nearest(width)}x${nearest(height)}`;
  throw new UserError('invalid_size', messages.recipe.sizeLimits(`${width}x${height}`, min, max, possible));
}

/** A picture that was extended is drawn in parts, so it may be larger than the model draws at once. */
function requireRecipeSize(recipe: Recipe, model: ModelDescription, messages: Messages): void {
  const { width, height, init } = recipe;
  const isExtended = init?.place !== undefined && Math.max(width, height) <= MAX_OUTPAINTED_SIDE;
  if (!isExtended) requireSize(recipe, model, messages);
}

function requireSampler(sampler: string, model: ModelDescription, messages: Messages): void {
  if (model.samplers.includes(sampler)) return;
  throw new UserError('unknown_sampler', messages.recipe.sampler(sampler, model.samplers));
}

function chooseRefine(
  given: string | undefined,
  model: ModelDescription,
  context: { start: Recipe | undefined; drawsFromPicture: boolean; messages: Messages },
): number | null {
  const wish = given?.trim().toLowerCase() ?? 'auto';
  if (wish === 'off') return null;
  if (wish === 'auto') {
    if (model.refiner === null || context.drawsFromPicture) return null;
    return context.start === undefined ? model.defaults.refine : context.start.refine;
  }
  const share = wish === 'on' ? (model.defaults.refine ?? DEFAULT_REFINE) : Number(wish.replace(',', '.'));
  if (!(share > 0 && share < 1)) throw new UserError('invalid_refine', context.messages.recipe.refine(given ?? ''));
  if (model.refiner === null) throw new UserError('no_refiner', context.messages.recipe.noRefiner(model.name));
  return share;
}

function chooseInit(
  wishes: RecipeWishes,
  start: Recipe | undefined,
  steps: number,
  messages: Messages,
): Recipe['init'] {
  const picture = wishes.init?.picture ?? start?.init?.picture;
  if (picture === undefined) {
    if (wishes.strength !== undefined) throw new UserError('no_picture', messages.recipe.strengthWithoutPicture);
    return undefined;
  }
  const usual = wishes.init?.mask ? MASK_STRENGTH : DEFAULT_STRENGTH;
  const strength = wishes.strength ?? start?.init?.strength ?? usual;
  if (Math.floor(steps * strength) < 1) {
    throw new UserError('invalid_strength', messages.recipe.tooFewSteps(strength, steps));
  }
  return { picture, strength };
}

function roundTo8(pixels: number): number {
  return Math.round(pixels / 8) * 8;
}
