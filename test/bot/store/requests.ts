import { createHash, randomUUID } from 'node:crypto';
import type { Store } from '../../../bot/store/store.ts';
import {
  type BlobKey,
  blobKeySchema,
  type GuildId,
  guildIdSchema,
  type UserId,
  userIdSchema,
} from '../../../commands/ids.ts';
import type { Job, Work } from '../../../commands/job.ts';
import type { Recipe } from '../../../commands/recipe.ts';
import { actorSchema, type Origin, originSchema } from '../../../commands/request.ts';
import type { AcceptInput } from '../../../commands/services.ts';
import { defaultSettings, type GuildSettings, quotaRuleSchema } from '../../../commands/settings.ts';

export const recipe: Recipe = {
  prompt: 'a cat in the snow',
  width: 256,
  height: 256,
  steps: 20,
  guidance: 5,
  guidanceRescale: 0,
  sampler: 'euler',
  seed: 7,
  refine: null,
  model: { name: 'mini', hash: 'ab'.repeat(32) },
  loras: [],
};

export const draw = (count = 1, changes: Partial<Recipe> = {}): Work => ({
  kind: 'draw',
  recipe: { ...recipe, ...changes },
  count,
});

export const newGuild = (): GuildId => guildIdSchema.parse(`guild-${randomUUID()}`);
export const newUser = (): UserId => userIdSchema.parse(`user-${randomUUID()}`);
export const blob = (content: string): BlobKey =>
  blobKeySchema.parse(createHash('sha256').update(content).digest('hex'));

/** A request with an event of its own, by a person and in a channel of its own unless told otherwise. */
export function request(
  changes: Partial<Record<keyof Origin, string>> &
    Partial<Omit<AcceptInput, 'origin' | 'actor'>> & { roles?: string[]; locale?: string } = {},
): AcceptInput {
  const { platform, guild, channel, user, event, roles = [], locale = 'en', ...rest } = changes;
  return {
    origin: originSchema.parse({
      platform: platform ?? 'discord',
      guild: guild ?? newGuild(),
      channel: channel ?? `channel-${randomUUID()}`,
      user: user ?? newUser(),
      event: event ?? `event-${randomUUID()}`,
    }),
    actor: actorSchema.parse({ name: 'Ada', roles, admin: false, locale }),
    work: draw(),
    visibility: 'public',
    spoiler: false,
    replyTo: { token: 'reply' },
    ...rest,
  };
}

export const WORKER = { worker: 'worker-1', seconds: 60 };
export const OTHER_WORKER = { worker: 'worker-2', seconds: 60 };

/** Takes the job whose turn it is; there must be one. */
export async function take(store: Store, lease = WORKER): Promise<Job> {
  const job = await store.jobs.takeNext(lease);
  if (job === null) throw new Error('No job waits.');
  return job;
}

/** Finishes a job with pictures of its own. */
export function finish(store: Store, job: Job, seconds = 1, worker = WORKER.worker): Promise<boolean> {
  const count = job.work.kind === 'draw' ? job.work.count : 1;
  const pictures = Array.from({ length: count }, (_, index) => ({
    index,
    blob: blob(`${job.id}.${index}`),
    handoff: blob(`${job.id}.${index} handoff`),
    width: 256,
    height: 256,
    notes: [],
    timings: { drawing: seconds / count },
  }));
  return store.jobs.finish(job.id, worker, pictures, seconds);
}

export const failure = { code: 'internal', message: 'Something broke.' };

/** Accepts, takes and finishes: nothing else may be waiting. */
export async function drawn(store: Store, input: AcceptInput, seconds = 1): Promise<Job> {
  const { job } = await store.jobs.accept(input);
  const taken = await take(store);
  if (taken.id !== job.id) throw new Error('Another job was waiting.');
  if (!(await finish(store, taken, seconds))) throw new Error('The lease was lost.');
  return found(store, job);
}

export async function found(store: Store, { id }: Pick<Job, 'id'>): Promise<Job> {
  const job = await store.jobs.find(id);
  if (job === null) throw new Error('The job is not there.');
  return job;
}

/** Sets a guild's rules, over the defaults without any limit. */
export async function setRules(store: Store, guild: GuildId, rules: Partial<GuildSettings>): Promise<void> {
  const by = newUser();
  await store.settings.change({
    guild,
    by,
    action: 'test',
    edit: () => ({ ...defaultSettings, concurrentJobs: null, ...rules }),
  });
}

type LooseRule = { subject?: unknown; unit?: string; window?: string; amount: number };

export const rule = ({ subject = { kind: 'everyone' }, unit = 'pictures', window = 'day', amount }: LooseRule) =>
  quotaRuleSchema.parse({ subject, unit, window, amount });

/** What a guild's members have been charged together, reservations included. */
export async function chargedTo(store: Store, guild: GuildId): Promise<{ pictures: number; seconds: number }> {
  const subject = { kind: 'guild' };
  const quotas = ['pictures', 'seconds'].map((unit) => rule({ subject, unit, window: 'rolling-day', amount: 1e9 }));
  const settings = await store.settings.of(guild);
  await setRules(store, guild, { ...settings, quotas });
  const states = await store.usage.quotas({ platform: 'discord', guild, user: newUser(), roles: [] });
  await setRules(store, guild, settings);
  const used = (unit: string): number => states.find((state) => state.rule.unit === unit)?.used ?? Number.NaN;
  return { pictures: used('pictures'), seconds: used('seconds') };
}
