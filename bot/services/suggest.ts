import { commands } from '../../commands/index.ts';
import type { Job } from '../../commands/job.ts';
import { matching } from '../../commands/matching.ts';
import type { AutocompleteSource } from '../../commands/options.ts';
import { completeLoras } from '../../commands/prompt/complete-loras.ts';
import type { CommandRequest } from '../../commands/request.ts';
import type { Services } from '../../commands/services.ts';
import { stylesOf } from '../../commands/styles.ts';
import { upscaleMethods } from '../../commands/upscale-methods.ts';
import { cutText } from '../display-text.ts';

export interface Suggestion {
  readonly name: string;
  readonly value: string;
}

/** As many as Discord shows, and as long as it takes them. */
const MAX_SUGGESTIONS = 25;
const MAX_LENGTH = 100;
const ASPECTS = ['1:1', '4:3', '3:2', '16:9', '21:9', '3:4', '2:3', '9:16', '9:21'];
const RECENT_PICTURES = 25;

/** What a person may mean who is typing a value of this kind: those that begin with it first, then those that contain it. */
export async function suggest(
  source: AutocompleteSource,
  typed: string,
  request: CommandRequest,
  services: Services,
): Promise<readonly Suggestion[]> {
  const found =
    source === 'lora'
      ? plain(completeLoras(typed, await allowedLoras(request, services), MAX_LENGTH))
      : matching(typed, await candidates(source, request, services), ({ name }) => name);
  return found.slice(0, MAX_SUGGESTIONS);
}

async function candidates(
  source: Exclude<AutocompleteSource, 'lora'>,
  request: CommandRequest,
  services: Services,
): Promise<readonly Suggestion[]> {
  const { guild, user } = request.origin;
  switch (source) {
    case 'model':
      return plain(await services.models.names(request));
    case 'style':
      return plain(stylesOf(await services.settings.of(guild)).map(({ name }) => name));
    case 'aspect':
      return plain(ASPECTS);
    case 'command':
      return plain(commands.map(({ name }) => name));
    case 'sampler':
      return plain((await chosenModel(request, services)).samplers);
    case 'upscaler':
      return plain(upscaleMethods(await services.extras.upscalers()));
    case 'size':
      return plain((await chosenModel(request, services)).buckets.map(({ width, height }) => `${width}x${height}`));
    case 'request':
      return (await cancellable(request, services)).map(({ id, work }) => {
        return { name: `${cutText(work.recipe.prompt, 60)} · ${id}`, value: id };
      });
    case 'seed':
    case 'recipe': {
      const pictures = await services.pictures.history({ guild, user, limit: RECENT_PICTURES });
      return pictures.map(({ recipe, recipeId }) => {
        const value = source === 'seed' ? String(recipe.seed) : recipeId;
        return { name: `${value} · ${recipe.prompt}`.slice(0, MAX_LENGTH), value };
      });
    }
    default:
      return source satisfies never;
  }
}

/** Requests that have not ended: a person's own, and for `/easel-admin cancel` everybody's. */
async function cancellable(request: CommandRequest, { jobs }: Services): Promise<readonly Job[]> {
  const { guild, user } = request.origin;
  const rules = request.actor.admin && request.command === 'easel-admin cancel';
  if (!rules) return jobs.unfinished({ guild, user, limit: MAX_SUGGESTIONS });
  return (await jobs.waiting({ guild, limit: MAX_SUGGESTIONS })).map(({ job }) => job);
}

/** The names of those that fit the model and that the guild allows. */
async function allowedLoras(request: CommandRequest, services: Services): Promise<readonly string[]> {
  const [{ allowedLoras }, { name }, loras] = await Promise.all([
    services.settings.of(request.origin.guild),
    chosenModel(request, services),
    services.extras.loras(),
  ]);
  const fitting = loras.filter((lora) => lora.models.includes(name) && allowedLoras?.includes(lora.name) !== false);
  return fitting.map((lora) => lora.name);
}

function chosenModel(request: CommandRequest, { models }: Services) {
  const { options } = request;
  return models.describe(
    request,
    typeof options.model === 'string' && options.model !== '' ? options.model : undefined,
  );
}

function plain(values: readonly string[]): readonly Suggestion[] {
  return values.map((value) => ({ name: value, value }));
}
