import { commands } from '../../commands/index.ts';
import type { AutocompleteSource } from '../../commands/options.ts';
import type { CommandRequest } from '../../commands/request.ts';
import type { Services } from '../../commands/services.ts';
import { stylesOf } from '../../commands/styles.ts';

export interface Suggestion {
  readonly name: string;
  readonly value: string;
}

/** As many as Discord shows. */
const MAX_SUGGESTIONS = 25;
const ASPECTS = ['1:1', '4:3', '3:2', '16:9', '21:9', '3:4', '2:3', '9:16', '9:21'];
const RECENT_PICTURES = 25;

/** What a person may mean who is typing a value of this kind: those that begin with it first, then those that contain it. */
export async function suggest(
  source: AutocompleteSource,
  typed: string,
  request: CommandRequest,
  services: Services,
): Promise<readonly Suggestion[]> {
  const all = await candidates(source, request, services);
  // Of a list, the last entry is being typed.
  const before = source === 'lora' ? (/^.*,\s*/s.exec(typed)?.[0] ?? '') : '';
  const wanted = typed.slice(before.length).trim().toLowerCase();
  const starts = all.filter(({ name }) => name.toLowerCase().startsWith(wanted));
  const contains = all.filter((one) => !starts.includes(one) && one.name.toLowerCase().includes(wanted));
  return [...starts, ...contains]
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name, value }) => ({ name: before + name, value: before + value }));
}

async function candidates(
  source: AutocompleteSource,
  request: CommandRequest,
  services: Services,
): Promise<readonly Suggestion[]> {
  const { guild, user } = request.origin;
  switch (source) {
    case 'model':
      return plain(await services.models.names(request));
    case 'lora':
      return plain((await allowedLoras(request, services)).map(({ name }) => name));
    case 'style':
      return plain(stylesOf(await services.settings.of(guild)).map(({ name }) => name));
    case 'aspect':
      return plain(ASPECTS);
    case 'command':
      return plain(commands.map(({ name }) => name));
    case 'sampler':
      return plain((await chosenModel(request, services)).samplers);
    case 'upscaler':
      return plain(services.upscaleMethods);
    case 'size':
      return plain((await chosenModel(request, services)).buckets.map(({ width, height }) => `${width}x${height}`));
    case 'seed':
    case 'recipe': {
      const pictures = await services.pictures.history({ guild, user, limit: RECENT_PICTURES });
      return pictures.map(({ recipe, recipeId }) => {
        const value = source === 'seed' ? String(recipe.seed) : recipeId;
        return { name: `${value} · ${recipe.prompt}`.slice(0, 100), value };
      });
    }
    default:
      return source satisfies never;
  }
}

/** Those that fit the model and that the guild allows. */
async function allowedLoras(request: CommandRequest, services: Services) {
  const [{ allowedLoras }, { name }, loras] = await Promise.all([
    services.settings.of(request.origin.guild),
    chosenModel(request, services),
    services.extras.loras(),
  ]);
  return loras.filter((lora) => lora.models.includes(name) && allowedLoras?.includes(lora.name) !== false);
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
