import { recipeLine } from './describe-recipe.ts';
import { sameWeights } from './extras.ts';
import { blobKeySchema } from './ids.ts';
import { modelOf, type Work, workRecipes } from './job.ts';
import { type Messages, messagesFor } from './locale/index.ts';
import { requireFewReadings } from './prompt/encoded-texts.ts';
import type { AcceptedReply } from './reply.ts';
import { type CommandRequest, isPersonal, UserError } from './request.ts';
import { isSpoiler, requireAllowed, requireWelcome } from './rules.ts';
import type { Services, Upload } from './services.ts';
import { type GuildSettings, strictest } from './settings.ts';

/**
 * Where every command that draws ends: the guild's rules, then the one transaction that records the job. Rejects with a
 * `UserError` where a rule or a quota forbids it.
 */
export async function submit(
  request: CommandRequest,
  services: Services,
  work: Work,
  visibility: 'public' | 'private',
  uploads: readonly Upload[] = [],
): Promise<AcceptedReply> {
  const messages = messagesFor(request.actor.locale);
  const { settings, fileNames } = await requireGranted(request, services, work, uploads);
  const { job, place, expectedSeconds, repeated, isDelayed } = await services.jobs.accept({
    origin: request.origin,
    actor: request.actor,
    work,
    visibility,
    spoiler: isSpoiler(settings, request, work, fileNames),
    replyTo: request.replyTo,
    uploads,
  });
  return {
    kind: 'accepted',
    job: job.id,
    visibility,
    text: [
      [workLine(work, messages), messages.work.price(job.reservedSeconds)].join(' · '),
      ...(isDelayed === true ? [messages.work.delayed] : []),
    ].join('\n'),
    place,
    expectedSeconds,
    buttons: [[{ command: 'cancel', target: job.id, label: messages.buttons.cancel, style: 'secondary' }]],
    repeated,
  };
}

/**
 * All rules and limits that would refuse this work, before what is expensive: a file that came with the request is fetched
 * and decoded only for those who may have it drawn. `submit` asks again, in the transaction that counts. Rejects with a
 * `UserError`.
 */
export async function requireGranted(
  request: CommandRequest,
  services: Services,
  work: Work,
  uploads: readonly Upload[] = [],
): Promise<{ settings: GuildSettings; fileNames: readonly string[] }> {
  const messages = messagesFor(request.actor.locale);
  const settings = await bindingSettings(request, services);
  requireWelcome(settings, request, messages);
  requireFewReadings(workRecipes(work), messages);
  const fileNames = await embeddingNames(work, services);
  requireAllowed(settings, request, work, messages, fileNames);
  await requireOwnStart(work, uploads, request, services);
  const model = modelOf(work);
  if (model !== null) await services.models.describe(request, model);
  await services.jobs.requireRoom({ origin: request.origin, actor: request.actor, work });
  return { settings, fileNames };
}

/** The rules that bind whoever asks, where they ask. */
export async function bindingSettings(request: CommandRequest, { settings }: Services): Promise<GuildSettings> {
  const own = await settings.of(request.origin.guild);
  return isPersonal(request) ? strictest(own, await settings.ofPerson(request.origin)) : own;
}

/** Stands for a picture that was sent and has not been looked at yet. */
export const UNSEEN = blobKeySchema.parse('0'.repeat(64));

/** Throws a `UserError` where this would draw from a picture or a mask that somebody else uploaded. */
async function requireOwnStart(
  work: Work,
  uploads: readonly Upload[],
  request: CommandRequest,
  services: Services,
): Promise<void> {
  const own = new Set([UNSEEN, ...uploads.map(({ key }) => key)]);
  for (const key of [work.recipe.init?.picture, work.recipe.mask]) {
    if (key === undefined || own.has(key) || (await services.pictures.mayUse(key, request.origin))) continue;
    throw new UserError('not_yours', messagesFor(request.actor.locale).work.notYourUpload);
  }
}

/** What the embeddings of this work are called here: a recipe from elsewhere may call a file by any word. */
async function embeddingNames(work: Work, services: Services): Promise<readonly string[]> {
  const hashes = new Set(workRecipes(work).flatMap(({ embeddings = [] }) => embeddings.map(({ hash }) => hash)));
  if (hashes.size === 0) return [];
  const known = await services.extras.embeddings();
  return known.filter((extra) => [...hashes].some((hash) => sameWeights(extra.hash, hash))).map(({ name }) => name);
}

/** What a job does, in one line. */
export function workLine(work: Work, messages: Messages): string {
  const recipe = recipeLine(work.recipe, messages);
  switch (work.kind) {
    case 'draw': {
      if (work.count === 1) return recipe;
      const prompts = new Set(workRecipes(work).map(({ seed: _seed, ...texts }) => JSON.stringify(texts))).size;
      const { pictures, ofPrompts } = messages.work;
      return `${recipe} · ${prompts === 1 ? pictures(work.count) : ofPrompts(work.count, prompts)}`;
    }
    case 'refine':
    case 'detail':
    case 'upscale':
      return recipe;
    default:
      return work satisfies never;
  }
}
