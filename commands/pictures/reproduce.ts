import { requireDrawable } from '../build-recipe.ts';
import { defineCommand } from '../command.ts';
import { ARITHMETICS, type Arithmetic } from '../engine.ts';
import { promptLibrary, sameWeights, servedExtras } from '../extras.ts';
import { parseInfotext } from '../infotext.ts';
import { messagesFor } from '../locale/index.ts';
import { readPngText } from '../png-text.ts';
import type { Recipe } from '../recipe.ts';
import { type Attachment, type CommandRequest, UserError } from '../request.ts';
import { requireWelcome } from '../rules.ts';
import { submitAlike } from '../same-arithmetic.ts';
import type { Services } from '../services.ts';
import { bindingSettings } from '../submit.ts';
import { type Drawn, findDrawn, findPicture, targetOption } from '../targets.ts';

/** Draws a recipe exactly as it is, seed included: from its id on any platform, or from a picture that carries it. */
export const reproduce = defineCommand({
  name: 'reproduce',
  description: 'Draw a recipe again, exactly: by its id, or from a picture that Easel made',
  options: {
    target: targetOption,
    picture: { type: 'attachment', description: 'A PNG that Easel made, as it was downloaded' },
    private: { type: 'boolean', description: 'Only you see the picture' },
  },
  permission: 'everyone',
  async run(request, options, services) {
    const { recipe, arithmetic } = await wantedRecipe(options.target, options.picture, request, services);
    const served = await servedRecipe(recipe, request, services);
    const visibility = options.private === true ? 'private' : 'public';
    return submitAlike(request, services, { kind: 'draw', recipe: served, count: 1 }, arithmetic, visibility);
  },
});

async function wantedRecipe(
  target: string | undefined,
  attachment: Attachment | undefined,
  request: CommandRequest,
  services: Services,
): Promise<Drawn> {
  const { work } = messagesFor(request.actor.locale);
  if (target !== undefined) return findDrawn(target, request, services);
  if (attachment !== undefined) {
    requireWelcome(await bindingSettings(request, services), request, messagesFor(request.actor.locale));
    const bytes = await services.blobs.receive(attachment, request.origin);
    const parameters = readPngText(bytes, 'parameters');
    const recipe = parameters === null ? null : parseInfotext(parameters);
    if (recipe === null) throw new UserError('no_recipe', work.noRecipeInPicture);
    return { recipe, arithmetic: arithmeticIn(bytes) };
  }
  if (request.message !== undefined) return (await findPicture(undefined, request, services)).picture;
  throw new UserError('which_recipe', work.whichRecipe);
}

/** Written only where it is not the exact one. */
function arithmeticIn(png: Uint8Array): Arithmetic | null {
  const written = readPngText(png, 'Arithmetic');
  return written === null ? 'float32' : (ARITHMETICS.find((known) => known === written) ?? null);
}

/** The recipe with the model as it is called here: weights are known by their hash, whatever their name elsewhere. */
async function servedRecipe(recipe: Recipe, request: CommandRequest, services: Services): Promise<Recipe> {
  const messages = messagesFor(request.actor.locale);
  const { upscale: _upscale, ...drawn } = recipe;
  for (const name of await services.models.names(request)) {
    const model = await services.models.describe(request, name);
    const { hash, refiner } = model;
    if (!sameWeights(hash, recipe.model.hash)) continue;
    if (recipe.refiner !== undefined && !sameWeights(refiner?.hash ?? '', recipe.refiner.hash)) continue;
    requireDrawable(drawn, model, messages);
    return {
      ...drawn,
      ...servedExtras(drawn, await promptLibrary(name, services), messages),
      model: { name, hash },
      ...(recipe.refiner === undefined || refiner === null ? {} : { refiner }),
    };
  }
  throw new UserError('unknown_model', messages.work.modelGone(recipe.model.name));
}
