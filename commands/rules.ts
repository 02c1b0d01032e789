import { findBlocked } from './blocked-words.ts';
import { type Work, workRecipes } from './job.ts';
import type { Messages } from './locale/index.ts';
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

/**
 * Holds what is asked against the guild's rules (all but quotas, which are decided in the transaction that accepts).
 * Throws a `UserError` that names the rule. Admins are bound too: they can change the rule.
 */
export function requireAllowed(settings: GuildSettings, request: CommandRequest, work: Work, messages: Messages): void {
  const refuse = (message: string): never => {
    throw new UserError('not_allowed', message);
  };
  const { rules } = messages;
  const { recipe } = work;
  const size = `${recipe.width}x${recipe.height}`;
  if (settings.paused) refuse(rules.paused);
  if (settings.banned.includes(request.origin.user)) refuse(rules.banned);
  if (settings.allowedChannels?.includes(request.origin.channel) === false) refuse(rules.channel);
  if (settings.allowedModels?.includes(recipe.model.name) === false) {
    refuse(rules.model(recipe.model.name, settings.allowedModels));
  }
  if (settings.maxPixels !== null && recipe.width * recipe.height > settings.maxPixels) {
    refuse(rules.pixels(size, settings.maxPixels));
  }
  if (settings.maxSteps !== null && recipe.steps > settings.maxSteps) {
    refuse(rules.steps(recipe.steps, settings.maxSteps));
  }
  for (const { name } of workRecipes(work).flatMap(({ loras }) => loras)) {
    if (settings.allowedLoras?.includes(name) === false) refuse(rules.lora(name, settings.allowedLoras));
  }
  const prompt = promptsOf(work);
  const blocked = findBlocked(prompt, settings.blocked);
  if (blocked !== null) refuse(rules.blocked(blocked));
  if (isAdult(prompt)) {
    if (settings.adult === 'never') refuse(rules.adultNever);
    if (!request.place.ageRestricted) refuse(rules.adultElsewhere);
  }
}

/** Whether the pictures of this work are hidden until clicked. */
export function isSpoiler(settings: GuildSettings, request: CommandRequest, work: Work): boolean {
  switch (settings.spoiler) {
    case 'off':
      return false;
    case 'always':
      return true;
    case 'age-restricted':
      return request.place.ageRestricted || isAdult(promptsOf(work));
    default:
      return settings.spoiler satisfies never;
  }
}

/** All that is asked to be drawn, of all pictures. */
function promptsOf(work: Work): string {
  return [...new Set(workRecipes(work).flatMap(({ prompt, prompt2 = '' }) => [prompt, prompt2]))].join('\n');
}

function isAdult(prompt: string): boolean {
  return findBlocked(prompt, adultWords) !== null;
}
