import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { openStore } from '../../../bot/store/open-store.ts';
import type { FinishedPicture, Store } from '../../../bot/store/store.ts';
import {
  blobKeySchema,
  channelIdSchema,
  eventIdSchema,
  type GuildId,
  guildIdSchema,
  type JobId,
  messageIdSchema,
  type RoleId,
  type UserId,
  userIdSchema,
} from '../../../commands/ids.ts';
import type { Work } from '../../../commands/job.ts';
import type { Recipe } from '../../../commands/recipe.ts';
import type { AcceptInput } from '../../../commands/services.ts';
import type { GuildSettings } from '../../../commands/settings.ts';

/** A store of its own for one test file, with a clock that the test sets. */
export interface TestStore {
  readonly store: Store;
  readonly clock: { now: Date };
  close(): Promise<void>;
}

export const NOON = new Date('2026-11-24T12:00:00Z');

/** In memory, or in a new database of the server at `url`, which is dropped at the end. */
export async function openTestStore(url?: string): Promise<TestStore> {
  const clock = { now: NOON };
  const now = (): Date => clock.now;
  if (url === undefined) {
    const { store } = await openStore({ folder: null, now });
    return { store, clock, close: () => store.close() };
  }
  const { url: databaseUrl, drop } = await newDatabase(url);
  const { store } = await openStore({ databaseUrl, folder: null, now });
  return {
    store,
    clock,
    async close() {
      await store.close();
      await drop();
    },
  };
}

export async function newDatabase(url: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `easel_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(url, `create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => onServer(url, `drop database ${name} with (force)`) };
}

export async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export const guildId = (name: string): GuildId => guildIdSchema.parse(name);
export const userId = (name: string): UserId => userIdSchema.parse(name);
export const channelId = (name: string) => channelIdSchema.parse(name);
export const messageId = (name: string) => messageIdSchema.parse(name);
export const eventId = (name: string) => eventIdSchema.parse(name);
export const newGuild = (): GuildId => guildId(`guild-${randomUUID()}`);
export const newUser = (): UserId => userId(`user-${randomUUID()}`);

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
  model: { name: 'mini', hash: 'ab' },
  loras: [],
};

export function draw(changes: Partial<Recipe> = {}, count = 1): Work {
  return { kind: 'draw', recipe: { ...recipe, ...changes }, count };
}

/** A request; without `event` a new one each time. */
export function request(
  who: { guild: GuildId; user: UserId; channel?: string; event?: string; roles?: readonly RoleId[] },
  work: Work = draw(),
): AcceptInput {
  const { guild, user, channel = 'channel', event = randomUUID(), roles = [] } = who;
  return {
    origin: { platform: 'discord', guild, channel: channelId(channel), user, event: eventId(event) },
    actor: { name: 'Ada', roles: [...roles], admin: false, locale: 'en' },
    work,
    visibility: 'public',
    spoiler: false,
    replyTo: { token: 'first' },
  };
}

/** Pictures such as a worker brings, with bytes of their own. */
export function pictures(count: number): readonly FinishedPicture[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    blob: newBlob(),
    handoff: newBlob(),
    width: 256,
    height: 256,
    notes: [],
  }));
}

export function newBlob() {
  return blobKeySchema.parse(createHash('sha256').update(randomUUID()).digest('hex'));
}

export const lease = { worker: 'worker-1', seconds: 60 };

/** A guild whose members may ask for as much as they like. */
export async function openGuild(store: Store): Promise<GuildId> {
  const guild = newGuild();
  const edit = (settings: GuildSettings) => ({ ...settings, concurrentJobs: null });
  await store.settings.change({ guild, by: userId('admin'), action: 'opened', edit });
  return guild;
}

/** Ends everything that other tests have left in line. */
export async function drain(store: Store): Promise<void> {
  await store.jobs.expireLeases();
  await store.jobs.reclaimExpired();
  for (let job = await store.jobs.takeNext(lease); job !== null; job = await store.jobs.takeNext(lease)) {
    await store.jobs.fail(job.id, lease.worker, 'failed', { code: 'drained', message: 'Drained.' });
  }
}

/** Accepts, takes and finishes one job; resolves with its id. */
export async function drawn(store: Store, input: AcceptInput, seconds = 1): Promise<JobId> {
  const { job } = await store.jobs.accept(input);
  for (let taken = await store.jobs.takeNext(lease); taken !== null; taken = await store.jobs.takeNext(lease)) {
    const count = taken.work.kind === 'draw' ? taken.work.count : 1;
    await store.jobs.finish(taken.id, lease.worker, pictures(count), seconds);
    if (taken.id === job.id) return job.id;
  }
  throw new Error('The job was not in line.');
}
