import { findBlockedIn } from './blocked-words.ts';
import type { ChannelId } from './ids.ts';
import { type Job, type Work, workRecipes } from './job.ts';
import type { Messages } from './locale/index.ts';
import { LATEST_REVISION } from './parameters/revision.ts';
import { composedPrompts, encodedTexts, type ReadingRules } from './prompt/encoded-texts.ts';
import { readings } from './prompt/encoder-words.ts';
import type { Recipe } from './recipe.ts';
import { type CommandRequest, UserError } from './request.ts';
import type { GuildSettings } from './settings.ts';

/** Words that make a prompt adult. Short and plain on purpose: an admin's block list adds what a guild needs beyond it. */
const adultWords: readonly string[] = [
  'nsfw',
  'nude*',
  'nudity',
  'naked',
  'topless',
  'porn*',
  'hentai',
  'erotic*',
  'sex',
  'sexual*',
  'genital*',
  'penis*',
  'vagina*',
  'nipple*',
];

const MAX_NAMED_CHANNELS = 10;

function refuse(message: string): never {
  throw new UserError('not_allowed', message);
}

/** The rules about who asks and where: all that can be said before anything that was sent is looked at. */
export function requireWelcome(settings: GuildSettings, request: CommandRequest, { rules }: Messages): void {
  if (settings.paused) refuse(rules.paused);
  if (settings.banned.includes(request.origin.user)) refuse(rules.banned);
  if (mayDrawIn(placesOf(request), settings)) return;
  const allowedChannels = settings.allowedChannels ?? [];
  const named = allowedChannels.slice(0, MAX_NAMED_CHANNELS);
  const mentions = named.map((id) => ({ kind: 'channel', id }) as const);
  throw new UserError('not_allowed', rules.channel(named, allowedChannels.length), mentions);
}

/** By the nearest place that a rule names; one that none names is as good as allowed where no channel is allowed by name. */
function mayDrawIn(places: readonly ChannelId[], settings: GuildSettings): boolean {
  const { allowedChannels, deniedChannels } = settings;
  for (const place of places) {
    if (deniedChannels.includes(place)) return false;
    if (allowedChannels?.includes(place) === true) return true;
  }
  return allowedChannels === null;
}

/** The channel of a request and what it belongs to, the nearest first: a rule about any of them holds. */
function placesOf({ origin, place }: CommandRequest): readonly ChannelId[] {
  return [origin.channel, ...(place.within ?? [])];
}

/**
 * Holds what is asked against the guild's rules (all but quotas, which are decided in the transaction that accepts).
 * Throws a `UserError` that names the rule. Admins are bound too: they can change the rule.
 *
 * @param fileNames what the embeddings are called here, whatever a recipe calls them
 */
export function requireAllowed(
  settings: GuildSettings,
  request: CommandRequest,
  work: Work,
  messages: Messages,
  fileNames: readonly string[] = [],
): void {
  requireWelcome(settings, request, messages);
  const { rules } = messages;
  const { recipe } = work;
  const factor = recipe.upscale?.factor ?? 1;
  const [width, height] = [recipe.width * factor, recipe.height * factor];
  const size = `${width}x${height}`;
  if (settings.allowedModels?.includes(recipe.model.name) === false) {
    refuse(rules.model(recipe.model.name, settings.allowedModels));
  }
  if (settings.maxPixels !== null && width * height > settings.maxPixels) {
    refuse(rules.pixels(size, settings.maxPixels));
  }
  if (settings.maxSteps !== null && recipe.steps > settings.maxSteps) {
    refuse(rules.steps(recipe.steps, settings.maxSteps));
  }
  for (const { name } of workRecipes(work).flatMap(({ loras }) => loras)) {
    if (settings.allowedLoras?.includes(name) === false) refuse(rules.lora(name, settings.allowedLoras));
  }
  const texts = drawnTexts(work, fileNames);
  const blocked = findBlockedIn(texts, settings.blocked);
  if (blocked !== null) refuse(rules.blocked(blocked));
  if (isAdult(texts)) {
    if (settings.adult === 'never') refuse(rules.adultNever);
    if (!request.place.ageRestricted) refuse(rules.adultElsewhere);
  }
}

/**
 * Holds what was asked before against the rules of now, where nobody is there to say in which place: who is banned since, what
 * is blocked since. Throws a `UserError` that names the rule.
 */
export function requireStillAllowed(
  settings: GuildSettings,
  { origin, work }: Pick<Job, 'origin' | 'work'>,
  { rules }: Messages,
): void {
  if (settings.paused) refuse(rules.paused);
  if (settings.banned.includes(origin.user)) refuse(rules.bannedSince);
  const blocked = findBlockedIn(drawnTexts(work, []), settings.blocked);
  if (blocked !== null) refuse(rules.blocked(blocked));
}

/** Whether the pictures of this work are hidden until clicked. */
export function isSpoiler(
  settings: GuildSettings,
  request: CommandRequest,
  work: Work,
  fileNames: readonly string[] = [],
): boolean {
  switch (settings.spoiler) {
    case 'off':
      return false;
    case 'always':
      return true;
    case 'age-restricted':
      return request.place.ageRestricted || isAdult(drawnTexts(work, fileNames));
    default:
      return settings.spoiler satisfies never;
  }
}

/**
 * What is drawn towards, of all pictures: the prompts as typed and as the encoders read them, the names of LoRAs and
 * embeddings, and what a negative weight turns towards in the negative prompts. A word in a negative prompt is otherwise
 * what somebody wants to keep out.
 */
function drawnTexts(work: Work, fileNames: readonly string[]): readonly string[] {
  const texts = workRecipes(work).flatMap((recipe) => [
    ...towards(recipe.prompt, recipe),
    ...towards(recipe.prompt2, recipe),
    ...[recipe.negative, recipe.negative2].flatMap((text) =>
      isNegativeDrawn(recipe) ? towards(text, recipe) : turnedTowards(text, recipe),
    ),
    ...recipe.loras.map(({ name }) => name),
    ...(recipe.embeddings ?? []).map(({ name }) => name),
  ]);
  return [...new Set([...texts, ...fileNames])];
}

/**
 * Whether the parts that AND joins weigh so little together that the negative prompt is what is drawn towards: its own
 * coefficient is 1 less the guidance times their sum (Liu et al. 2022), and guidance is at least 1.
 */
function isNegativeDrawn(recipe: Recipe): boolean {
  return [recipe.prompt, recipe.prompt2 ?? ''].some((text) => {
    const parts = composedPrompts(text, recipe);
    return parts.reduce((sum, { weight }) => sum + weight, 0) < 1;
  });
}

const towards = (prompt: string | undefined, rules: ReadingRules): readonly string[] =>
  prompt === undefined
    ? []
    : [prompt, ...encodedTexts(prompt, rules, 'towards').flatMap((text) => readings(text, 'all'))];
const turnedTowards = (prompt: string | undefined, rules: ReadingRules): readonly string[] =>
  prompt === undefined ? [] : encodedTexts(prompt, rules, 'away').flatMap((text) => readings(text, 'turned'));

/** How a prompt is read that nobody has asked to be drawn. */
const USUAL_READING: ReadingRules = { steps: 30, revision: LATEST_REVISION };

/** The entry that a prompt contains, as typed or as the encoders read it; null: none. */
export function findBlockedInPrompt(prompt: string, entries: readonly string[]): string | null {
  return findBlockedIn(towards(prompt, USUAL_READING), entries);
}

function isAdult(texts: readonly string[]): boolean {
  return findBlockedIn(texts, adultWords) !== null;
}
