import { buildRecipe, type RecipeWishes, recipeLimits } from '../build-recipe.ts';
import { defineCommand } from '../command.ts';
import { drawWork } from '../draw-work.ts';
import type { ModelDescription } from '../engine.ts';
import { promptLibrary } from '../extras.ts';
import { messagesFor } from '../locale/index.ts';
import type { OptionDefinitions, OptionValues } from '../options.ts';
import { escapeSigns } from '../prompt/escapes.ts';
import { parseLoraList } from '../prompt/lora-tags.ts';
import { resolvePrompts, type TypedPrompts } from '../prompt/resolve-prompts.ts';
import { MAX_PROMPT_LENGTH, type Recipe } from '../recipe.ts';
import { type CommandRequest, UserError } from '../request.ts';
import type { Services } from '../services.ts';
import type { RecipeDefaults } from '../settings.ts';
import { applyStyle, requireStyle, stylesOf } from '../styles.ts';
import { requireGranted, submit, UNSEEN } from '../submit.ts';
import { findRecipe } from '../targets.ts';

const options = {
  prompt: {
    type: 'string',
    required: true,
    maxLength: MAX_PROMPT_LENGTH,
    multiline: true,
    description: 'What to draw, in words',
  },
  negative: {
    type: 'string',
    minLength: 0,
    maxLength: MAX_PROMPT_LENGTH,
    multiline: true,
    description: 'What to keep out of the picture',
  },
  aspect: {
    type: 'string',
    maxLength: 11,
    autocomplete: 'aspect',
    description: 'Width to height, such as 16:9; the nearest size that the model knows is taken',
  },
  size: {
    type: 'string',
    maxLength: 11,
    autocomplete: 'size',
    description: 'WIDTHxHEIGHT in pixels, multiples of 8 (instead of aspect)',
  },
  count: { type: 'integer', ...recipeLimits.count, description: 'How many pictures; seeds count up from the first' },
  seed: {
    type: 'integer',
    ...recipeLimits.seed,
    autocomplete: 'seed',
    description: 'The same seed and options give the same picture; by default a random one',
  },
  steps: { type: 'integer', ...recipeLimits.steps, description: 'More steps take longer and draw more carefully' },
  guidance: {
    type: 'number',
    ...recipeLimits.guidance,
    description: 'How closely to follow the prompt; 1 switches guidance off',
  },
  'guidance-rescale': {
    type: 'number',
    ...recipeLimits.guidanceRescale,
    description: 'Tames colours that strong guidance burns: 0 is off, 0.7 is usual',
  },
  sampler: {
    type: 'string',
    maxLength: 40,
    autocomplete: 'sampler',
    description: 'The method that removes the noise',
  },
  lora: {
    type: 'string',
    minLength: 0,
    maxLength: 600,
    autocomplete: 'lora',
    list: true,
    description: 'LoRAs with their weights, such as watercolour:0.8, grain; <lora:name:0.8> in the prompt does too',
  },
  fast: {
    type: 'boolean',
    description: 'Faster and a little less exact: coarse features are kept over steps',
  },
  style: { type: 'string', maxLength: 50, autocomplete: 'style', description: 'A style to put around the prompt' },
  model: { type: 'string', maxLength: 100, autocomplete: 'model', description: 'The model that draws' },
  refine: {
    type: 'string',
    maxLength: 8,
    description: 'on, auto, or the base’s share such as 0.8; by default off: Refine is a button under the picture',
  },
  picture: { type: 'attachment', description: 'A picture to start from; where it is transparent, only that is drawn' },
  mask: { type: 'attachment', description: 'What of it to draw anew: white on black, or a hole in a picture' },
  strength: {
    type: 'number',
    ...recipeLimits.strength,
    description: 'How far from that picture: 0.01 is hardly, 1 is all the way',
  },
  prompt2: {
    type: 'string',
    minLength: 0,
    maxLength: MAX_PROMPT_LENGTH,
    multiline: true,
    description: 'Another prompt for the second text encoder; by default both read the same',
  },
  negative2: {
    type: 'string',
    minLength: 0,
    maxLength: MAX_PROMPT_LENGTH,
    multiline: true,
    description: 'Another negative prompt for the second text encoder',
  },
  private: { type: 'boolean', description: 'Only you see the picture' },
  from: {
    type: 'string',
    maxLength: 60,
    autocomplete: 'recipe',
    description: 'The id of a recipe or a picture whose other options are taken over',
  },
} as const satisfies OptionDefinitions;

/** Text to picture, and picture to picture where one is attached. */
export const imagine = defineCommand({
  name: 'imagine',
  description: 'Draw a picture from words',
  details: ({ prompts }) => prompts.notation,
  options,
  permission: 'everyone',
  async run(request, given, services) {
    const messages = messagesFor(request.actor.locale);
    const { guild, user } = request.origin;
    const [settings, preferences, start] = await Promise.all([
      services.settings.of(guild),
      services.preferences.of(guild, user),
      given.from === undefined ? undefined : findRecipe(given.from, request, services),
    ]);
    const preferred = { ...settings.defaults, ...preferences };
    // An earlier recipe brings all of its own.
    const usual: RecipeDefaults = start === undefined ? preferred : {};
    const model = await chooseModel(given.model, start?.model.name ?? preferred.model, request, services);
    const style =
      requireStyle(given.style, settings, messages) ?? stylesOf(settings).find(({ name }) => name === usual.style);
    const texts = applyStyle(typedTexts(given, start, usual.negative), style);
    const seed = given.seed ?? services.randomSeed();
    const recipeFrom = (init: RecipeWishes['init']): Recipe =>
      buildRecipe(
        { ...(start === undefined ? usualWishes(usual, model, given) : {}), ...said(given), prompt: '', init },
        model,
        seed,
        { start, messages },
      );
    if (given.picture === undefined && given.mask !== undefined) {
      throw new UserError('no_picture', messages.recipe.maskWithoutPicture);
    }
    // The files are looked at last: until then, any picture stands for the one that was sent.
    const recipe = recipeFrom(given.picture && { picture: UNSEEN });
    const pictures = await resolvePrompts(
      {
        texts,
        count: given.count ?? usual.count ?? 1,
        seed,
        loras: given.lora === undefined ? [] : parseLoraList(given.lora, messages),
        usualLoras: given.lora === undefined ? recipe.loras : [],
      },
      await promptLibrary(model.name, services),
      messages,
    );
    const visibility = (given.private ?? preferred.private) ? 'private' : 'public';
    if (given.picture === undefined) return submit(request, services, drawWork(recipe, pictures), visibility);
    await requireGranted(request, services, drawWork(recipe, pictures));
    return services.blobs.withStart(
      { picture: given.picture, mask: given.mask },
      request.origin,
      async ({ picture, mask, width, height }) => {
        const init = { picture: picture.key, width, height, mask: mask?.key ?? null };
        const uploads = mask === null ? [picture] : [picture, mask];
        return submit(request, services, drawWork(recipeFrom(init), pictures), visibility, uploads);
      },
    );
  },
});

type Given = OptionValues<typeof options>;

/** The prompts as they were typed; those that were not come from an earlier recipe, as it read them, or are usual here. */
function typedTexts(given: Given, start: Recipe | undefined, usualNegative: string | undefined): TypedPrompts {
  const earlier = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : escapeSigns(text);
  const unlessEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
  return {
    prompt: given.prompt,
    prompt2: unlessEmpty(given.prompt2 ?? earlier(start?.prompt2)),
    negative: unlessEmpty(given.negative ?? (start === undefined ? usualNegative : earlier(start.negative))),
    negative2: unlessEmpty(given.negative2 ?? earlier(start?.negative2)),
  };
}

/** An asked-for model must be there; one that only a recipe or a default names gives way to the first. */
async function chooseModel(
  asked: string | undefined,
  preferred: string | undefined,
  request: CommandRequest,
  { models }: Services,
): Promise<ModelDescription> {
  const isServed = preferred !== undefined && (await models.names(request)).includes(preferred);
  return models.describe(request, asked ?? (isServed ? preferred : undefined));
}

/** Defaults of a person or a guild, as far as this model can follow them and nothing said contradicts them. */
function usualWishes(defaults: RecipeDefaults, model: ModelDescription, given: Given): Partial<RecipeWishes> {
  return {
    steps: defaults.steps,
    guidance: defaults.guidance,
    aspect: given.size === undefined && given.picture === undefined ? defaults.aspect : undefined,
    sampler: defaults.sampler !== undefined && model.samplers.includes(defaults.sampler) ? defaults.sampler : undefined,
    // Unrefined, a picture comes sooner, and the refiner is one press away.
    refine: defaults.refine === 'on' && model.refiner === null ? 'off' : (defaults.refine ?? 'off'),
  };
}

/** What the person said, without what they left out: `undefined` would hide a default beneath. */
function said(given: Given): Partial<RecipeWishes> {
  const wishes: Partial<RecipeWishes> = {
    size: given.size,
    aspect: given.aspect,
    steps: given.steps,
    guidance: given.guidance,
    guidanceRescale: given['guidance-rescale'],
    sampler: given.sampler,
    refine: given.refine,
    fast: given.fast,
    strength: given.strength,
  };
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
}
