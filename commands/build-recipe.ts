import type { ModelDescription, SizeBucket } from './engine.ts';
import { en } from './locale/en.ts';
import type { Messages } from './locale/index.ts';
import type { OptionValues } from './options.ts';
import { MAX_OUTPAINTED_SIDE } from './outpaint.ts';
import { type advancedOptions, parameters, type recipeOptions } from './parameters/index.ts';
import { MAX_PROMPT_LENGTH, textNames } from './parameters/prompts.ts';
import { requireSampler } from './parameters/sampler.ts';
import { DEFAULT_STRENGTH, MASK_STRENGTH } from './parameters/start-picture.ts';
import { type Recipe, recipeSchema } from './recipe.ts';
import { UserError } from './request.ts';
import { nearestBucket, parseAspect } from './sizes.ts';

/** What the options of the parameters say. */
type Said = OptionValues<typeof recipeOptions & typeof advancedOptions>;

/**
 * What a person said about a picture; what is absent comes from `start` or from the model. The prompts are taken as they
 * are, from `start` never.
 */
export interface RecipeWishes extends Partial<Omit<Said, 'prompt' | 'picture' | 'mask'>>, Pick<Said, 'prompt'> {
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
  for (const name of textNames) {
    const length = wishes[name]?.length ?? 0;
    if (length > MAX_PROMPT_LENGTH) {
      throw new UserError('too_long', messages.recipe.tooLong(name, length, MAX_PROMPT_LENGTH));
    }
  }
  const { init: startPicture, ...said } = wishes;
  const drawsFromPicture = (startPicture ?? start?.init) !== undefined;
  const choice = { start, model, seed, drawsFromPicture, messages };
  const chosen: Partial<Recipe> = Object.assign(
    {},
    ...parameters.map((parameter) => parameter.choose?.(said, choice) ?? {}),
  );
  const { prompt, prompt2, negative, negative2 } = wishes;
  const init = chooseInit(wishes, start, chosen.steps ?? model.defaults.steps, messages);
  const size = chooseSize(wishes, model, start, messages);
  return recipeSchema.parse({
    prompt,
    ...(prompt2 === undefined ? {} : { prompt2 }),
    ...(negative === undefined ? {} : { negative }),
    ...(negative2 === undefined ? {} : { negative2 }),
    ...chosen,
    width: size.width,
    height: size.height,
    loras: start?.loras ?? [],
    ...startingFrom(init, wishes, start, size),
  });
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
