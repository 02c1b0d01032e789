import { type JobId, partsOfPictureId, pictureId } from './ids.ts';
import type { Job, Picture } from './job.ts';
import { messagesFor } from './locale/index.ts';
import type { Recipe } from './recipe.ts';
import { type CommandRequest, UserError } from './request.ts';
import type { Services } from './services.ts';
import { isOwn, isSameGuild, maySee, sightOf } from './sight.ts';
import { parseTarget, type Target } from './target-ids.ts';

export { requestOption, targetOption } from './target-ids.ts';

/**
 * The job that is meant. Whose it may be: the requester's own, or a public one of the same channel; for anyone else's it is as
 * if it were not there.
 */
export async function findJob(target: string | undefined, request: CommandRequest, services: Services): Promise<Job> {
  const found = await lookUpJob(target, request, services);
  if (found !== null && (maySee(found, request) || isForwarded(found, target, request))) return found;
  throw unknownTarget(target, request);
}

/** What was said for all in its channel, and somebody forwarded. */
function isForwarded({ visibility, origin }: Job, target: string | undefined, { message }: CommandRequest): boolean {
  const isOfMessage = target === undefined && message?.forwarded === true;
  return isOfMessage && visibility === 'public' && origin.channel === message.channel;
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
  if (parsed.kind === 'message') return services.jobs.ofMessage(parsed.platform, parsed.channel, parsed.message);
  return services.jobs.find(await jobOf(parsed, request, services));
}

async function jobOf(
  target: Exclude<Target, { kind: 'message' }>,
  request: CommandRequest,
  services: Services,
): Promise<JobId> {
  if (target.kind === 'job') return target.id;
  if (target.kind === 'picture') return partsOfPictureId(target.id).job;
  const drawn = await services.pictures.ofRecipe(target.id, sightOf(request));
  if (drawn !== null) return drawn.job;
  throw new UserError('needs_picture', messagesFor(request.actor.locale).targets.needsPicture(target.id));
}

/**
 * The picture that is meant, with its job. A message means its first picture. A recipe's id means the picture of it that the
 * person may see, their own and then the newest first. The id of a request for several has to say which; `first` is for what is
 * done to all of them.
 */
export async function findPicture(
  target: string | undefined,
  request: CommandRequest,
  services: Services,
  ofSeveral: 'ask' | 'first' = 'ask',
): Promise<{ picture: Picture; job: Job }> {
  const { targets } = messagesFor(request.actor.locale);
  const parsed = target === undefined ? null : parseTarget(target, request);
  const job = await findJob(target, request, services);
  const all = await services.pictures.ofJob(job.id);
  if (parsed?.kind === 'job' && ofSeveral === 'ask' && all.length > 1) {
    throw new UserError('which_picture', targets.whichPicture(parsed.id, all.length));
  }
  const picture = all.find((each) => isMeant(each, parsed)) ?? null;
  if (picture !== null) return { picture, job };
  if (job.status === 'queued' || job.status === 'running') throw new UserError('unknown_target', targets.noPictures);
  if (parsed?.kind === 'picture' || all.length > 0) throw unknownTarget(target, request);
  throw new UserError('unknown_target', job.status === 'done' ? targets.gone : targets.cameToNothing);
}

/** Whether it is this one of its job's pictures. */
function isMeant({ id, job, recipeId }: Picture, target: Target | null): boolean {
  if (target?.kind === 'picture') return id === target.id;
  if (target?.kind === 'message') return id === pictureId(job, (target.nth ?? 1) - 1);
  if (target?.kind !== 'recipe') return true;
  return target.nth === null ? recipeId === target.id : id === pictureId(job, target.nth - 1);
}

/** Throws a `UserError` where the picture's bytes are no longer kept: for what starts from the picture itself. */
export function requireKept(picture: Picture, request: CommandRequest): void {
  if (!picture.expired) return;
  throw new UserError('expired', messagesFor(request.actor.locale).targets.expired(picture.recipeId));
}

/** A recipe's id gives its recipe wherever it was made: it is public by being passed on. Anything else is looked up as a picture. */
export async function findRecipe(target: string, request: CommandRequest, services: Services): Promise<Recipe> {
  return (await findDrawn(target, request, services)).recipe;
}

/** A recipe, and what it was computed in where that is known. */
export type Drawn = Pick<Picture, 'recipe' | 'arithmetic'>;

/** The same with what it was computed in, as far as the person may see a picture of it. */
export async function findDrawn(target: string, request: CommandRequest, services: Services): Promise<Drawn> {
  const parsed = parseTarget(target, request);
  if (parsed.kind !== 'recipe' || parsed.nth !== null) return (await findPicture(target, request, services)).picture;
  const recipe = await services.pictures.recipe(parsed.id);
  const picture = recipe && (await services.pictures.ofRecipe(parsed.id, sightOf(request)));
  if (recipe !== null) return { recipe, arithmetic: picture?.arithmetic ?? null };
  throw new UserError('unknown_target', messagesFor(request.actor.locale).targets.unknown(parsed.id));
}

/** Throws a `UserError` unless the job is the requester's own, or the requester rules its guild. */
export function requireOwnerOrAdmin(job: Job, request: CommandRequest): void {
  if (isOwn(job, request) || (request.actor.admin && isSameGuild(job, request))) return;
  throw new UserError('not_yours', messagesFor(request.actor.locale).targets.notYours);
}
