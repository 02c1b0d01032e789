import {
  type JobId,
  jobIdSchema,
  type PictureId,
  partsOfPictureId,
  pictureIdSchema,
  type RecipeId,
  recipeIdSchema,
} from './ids.ts';
import type { Job, Picture } from './job.ts';
import { messagesFor } from './locale/index.ts';
import type { OptionDefinition } from './options.ts';
import type { Recipe } from './recipe.ts';
import { type CommandRequest, UserError } from './request.ts';
import type { Services } from './services.ts';

/** What a button's target, or an id that a person typed, can name. */
export type Target =
  | { readonly kind: 'picture'; readonly id: PictureId }
  | { readonly kind: 'job'; readonly id: JobId }
  | { readonly kind: 'recipe'; readonly id: RecipeId };

/** The option that a button fills; without it, the message that was pressed or reacted to says what is meant. */
export const targetOption = {
  type: 'string',
  maxLength: 60,
  description: 'The id of a picture, a request or a recipe',
} as const satisfies OptionDefinition;

/** Throws a `UserError` where the text is no id. */
export function parseTarget(text: string, request: CommandRequest): Target {
  const id = text.trim().toLowerCase();
  const picture = pictureIdSchema.safeParse(id);
  if (picture.success) return { kind: 'picture', id: picture.data };
  const job = jobIdSchema.safeParse(id);
  if (job.success) return { kind: 'job', id: job.data };
  const recipe = recipeIdSchema.safeParse(id);
  if (recipe.success) return { kind: 'recipe', id: recipe.data };
  throw new UserError('invalid_target', messagesFor(request.actor.locale).targets.unreadable(text));
}

/**
 * The job that is meant. Whose it may be: the requester's own, or a public one of the same channel; for anyone else's it is as
 * if it were not there.
 */
export async function findJob(target: string | undefined, request: CommandRequest, services: Services): Promise<Job> {
  const found = await lookUpJob(target, request, services);
  if (found !== null && maySee(found, request)) return found;
  throw unknownTarget(target, request);
}

/** Who typed an id is told it again; who pressed a button never saw one, and a reaction may be on any message. */
function unknownTarget(target: string | undefined, request: CommandRequest): UserError {
  const { targets } = messagesFor(request.actor.locale);
  if (target !== undefined) {
    return new UserError('unknown_target', request.message === undefined ? targets.unknown(target) : targets.gone);
  }
  return new UserError('unknown_target', request.message === undefined ? targets.missing : targets.noneThere);
}

async function lookUpJob(target: string | undefined, request: CommandRequest, services: Services): Promise<Job | null> {
  if (target === undefined) {
    const { message, origin } = request;
    return message === undefined ? null : services.jobs.ofMessage(origin.platform, message.channel, message.id);
  }
  const parsed = parseTarget(target, request);
  if (parsed.kind === 'recipe') {
    throw new UserError('needs_picture', messagesFor(request.actor.locale).targets.needsPicture(parsed.id));
  }
  return services.jobs.find(parsed.kind === 'job' ? parsed.id : partsOfPictureId(parsed.id).job);
}

/** The picture that is meant, with its job: a job or a message means its first picture. */
export async function findPicture(
  target: string | undefined,
  request: CommandRequest,
  services: Services,
): Promise<{ picture: Picture; job: Job }> {
  const { targets } = messagesFor(request.actor.locale);
  const job = await findJob(target, request, services);
  const parsed = target === undefined ? null : parseTarget(target, request);
  const picture =
    parsed?.kind === 'picture'
      ? await services.pictures.find(parsed.id)
      : ((await services.pictures.ofJob(job.id))[0] ?? null);
  if (picture !== null) return { picture, job };
  if (parsed?.kind === 'picture') throw unknownTarget(target, request);
  if (job.status === 'queued' || job.status === 'running') throw new UserError('unknown_target', targets.noPictures);
  throw new UserError('unknown_target', job.status === 'done' ? targets.gone : targets.cameToNothing);
}

/** Throws a `UserError` where the picture's bytes are no longer kept: for what starts from the picture itself. */
export function requireKept(picture: Picture, request: CommandRequest): void {
  if (!picture.expired) return;
  throw new UserError('expired', messagesFor(request.actor.locale).targets.expired(picture.recipeId));
}

/** A recipe's id gives its recipe wherever it was made: it is public by being passed on. Anything else is looked up as a picture. */
export async function findRecipe(target: string, request: CommandRequest, services: Services): Promise<Recipe> {
  const parsed = parseTarget(target, request);
  if (parsed.kind !== 'recipe') return (await findPicture(target, request, services)).picture.recipe;
  const recipe = await services.pictures.recipe(parsed.id);
  if (recipe !== null) return recipe;
  throw new UserError('unknown_target', messagesFor(request.actor.locale).targets.unknown(parsed.id));
}

/** Throws a `UserError` unless the job is the requester's own, or the requester rules its guild. */
export function requireOwnerOrAdmin(job: Job, request: CommandRequest): void {
  if (isOwn(job, request) || (request.actor.admin && isSameGuild(job, request))) return;
  throw new UserError('not_yours', messagesFor(request.actor.locale).targets.notYours);
}

/**
 * Whether somebody may see what a job says and shows: their own; in a place that others share, what was public in the
 * same channel, for only who reads that channel was shown it; and everything of a guild that they rule.
 */
export function maySee(job: Job, request: CommandRequest): boolean {
  if (isOwn(job, request)) return true;
  if (!isSameGuild(job, request) || isAlone(request)) return false;
  return request.actor.admin || (job.visibility === 'public' && job.origin.channel === request.origin.channel);
}

/** A direct conversation, or the page: nobody else is there, though others have the same guild's id. */
function isAlone({ origin, place }: CommandRequest): boolean {
  return place.direct || origin.platform === 'web';
}

export function isOwn(job: Job, { origin }: CommandRequest): boolean {
  return job.origin.platform === origin.platform && job.origin.user === origin.user;
}

function isSameGuild(job: Job, { origin }: CommandRequest): boolean {
  return job.origin.platform === origin.platform && job.origin.guild === origin.guild;
}
