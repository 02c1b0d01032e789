import { buildRecipe, type RecipeWishes } from '../build-recipe.ts';
import { defineCommand } from '../command.ts';
import { drawWork } from '../draw-work.ts';
import type { ModelDescription } from '../engine.ts';
import { promptLibrary } from '../extras.ts';
import { messagesFor } from '../locale/index.ts';
import type { OptionDefinitions, OptionValues } from '../options.ts';
import { advancedOptions, recipeOptions } from '../parameters/index.ts';
import { escapeSigns } from '../prompt/escapes.ts';
import { parseLoraList } from '../prompt/lora-tags.ts';
import { resolvePrompts, type TypedPrompts } from '../prompt/resolve-prompts.ts';
import type { Recipe } from '../recipe.ts';
import { type CommandRequest, UserError } from '../request.ts';
import { countOption, privateOption, styleOption } from '../request-options.ts';
import type { Services } from '../services.ts';
import type { RecipeDefaults } from '../settings.ts';
import { applyStyle, requireStyle, stylesOf } from '../styles.ts';
import { requireGranted, submit, UNSEEN } from '../submit.ts';
import { MAX_TARGET } from '../target-ids.ts';
import { findRecipe } from '../targets.ts';

const options = {
  ...recipeOptions,
  count: countOption,
  style: styleOption,
  private: privateOption,
  from: {
    type: 'string',
    maxLength: MAX_TARGET,
    autocomplete: 'recipe',
    description: 'The id of a recipe or a picture whose other options are taken over',
  },
  ...advancedOptions,
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
  const { style: _style, count: _count, private: _private, negative: _negative, ...usual } = defaults;
  const { aspect, sampler, refine = 'off' } = defaults;
  return {
    ...usual,
    aspect: given.size === undefined && given.picture === undefined ? aspect : undefined,
    sampler: sampler !== undefined && model.samplers.includes(sampler) ? sampler : undefined,
    // Unrefined, a picture comes sooner, and the refiner is one press away.
    refine: refine === 'on' && model.refiner === null ? 'off' : refine,
  };
}

/** What the person said, without what they left out: `undefined` would hide a default beneath. */
function said({
  picture: _picture,
  mask: _mask,
  prompt2: _prompt2,
  negative: _negative,
  negative2: _negative2,
  ...given
}: Given): Partial<RecipeWishes> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
