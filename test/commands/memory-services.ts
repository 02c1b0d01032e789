import { createHash } from 'node:crypto';
import type { ModelDescription } from '../../commands/engine.ts';
import {
  type BlobKey,
  blobKeySchema,
  jobIdSchema,
  type PictureId,
  partsOfPictureId,
  pictureId,
  type RecipeId,
} from '../../commands/ids.ts';
import { type Job, type JobStatus, type Picture, workRecipes } from '../../commands/job.ts';
import { mayUse } from '../../commands/model-access.ts';
import { type Recipe, recipeId } from '../../commands/recipe.ts';
import { type Attachment, UserError } from '../../commands/request.ts';
import type { AcceptInput, AuditEntry, Extra, QuotaState, Services, Upload } from '../../commands/services.ts';
import { defaultSettings, type GuildSettings, type RecipeDefaults } from '../../commands/settings.ts';
import { scaledBuckets } from '../../commands/sizes.ts';

/** A model such as the miniature, described without opening it. */
export const mini: ModelDescription = {
  name: 'mini',
  hash: 'd6060fdda523a2410cb41c3a70ca7366b59075a984eb6e3a61ee527140c949e9',
  bytes: 128e6,
  licence: 'MIT',
  allow: null,
  refiner: { name: 'mini-refiner', hash: 'ab'.repeat(32) },
  predictionType: 'epsilon',
  nativeSize: 256,
  buckets: scaledBuckets(256),
  samplers: ['euler', 'euler_a', 'unipc'],
  tokenLimit: 32,
  defaults: { sampler: 'euler', steps: 20, guidance: 5, guidanceRescale: 0, refine: 0.8 },
};

/** `Services` in memory: the smallest thing that keeps its promises, with hooks for what a worker would do. */
export class MemoryServices implements Services {
  readonly store = {
    jobs: new Map<string, Job>(),
    pictures: new Map<string, Picture>(),
    recipes: new Map<RecipeId, Recipe>(),
    messages: new Map<string, Job['id']>(),
    blobs: new Map<string, Uint8Array>(),
    settings: new Map<string, GuildSettings>(),
    preferences: new Map<string, RecipeDefaults>(),
    audit: [] as AuditEntry[],
    grants: [] as unknown[],
    quotas: [] as QuotaState[],
    arithmetics: [] as string[],
    usage: [] as { day: string; user: Job['origin']['user']; pictures: number; seconds: number }[],
    forgotten: [] as unknown[],
  };
  readonly served = new Map<string, ModelDescription>([['mini', mini]]);
  accepted: AcceptInput[] = [];
  /** Who uploaded which bytes. */
  readonly uploaders = new Map<string, string>();
  /** The transparent part of whatever picture is sent. */
  hole: Attachment | null = null;
  /** Throws where a quota is used up. */
  refuseRoom?: () => void;
  private lastSeed = 1000;

  now = (): Date => new Date('2026-11-24T12:00:00Z');
  randomSeed = (): number => ++this.lastSeed;
  drawSvg = async (svg: string): Promise<Uint8Array> => new TextEncoder().encode(svg);

  jobs: Services['jobs'] = {
    accept: async (input) => {
      const repeated = [...this.store.jobs.values()].find(({ origin }) => origin.event === input.origin.event);
      const job = repeated ?? this.newJob(input);
      if (repeated === undefined) this.accepted.push(input);
      for (const { key, bytes } of input.uploads ?? []) {
        this.store.blobs.set(key, bytes);
        this.uploaders.set(key, input.origin.user);
      }
      this.store.jobs.set(job.id, job);
      return { job, place: 0, expectedSeconds: 4, repeated: repeated !== undefined };
    },
    requireRoom: async () => this.refuseRoom?.(),
    find: async (id) => this.store.jobs.get(id) ?? null,
    ofMessage: async (platform, channel, message) => {
      const id = this.store.messages.get(`${platform} ${channel} ${message}`);
      return id === undefined ? null : (this.store.jobs.get(id) ?? null);
    },
    cancel: async ({ id }) => {
      const job = this.store.jobs.get(id);
      if (job === undefined) return 'unknown';
      if (job.status !== 'queued' && job.status !== 'running') return 'finished';
      this.store.jobs.set(id, { ...job, status: 'cancelled' });
      return job.status === 'queued' ? 'cancelled' : 'stopping';
    },
    unfinished: async ({ guild, user, limit }) =>
      [...this.store.jobs.values()]
        .filter(({ status }) => status === 'queued' || status === 'running')
        .filter(({ origin }) => origin.guild === guild && origin.user === user)
        .reverse()
        .slice(0, limit),
    waiting: async ({ guild, limit }) =>
      [...this.store.jobs.values()]
        .filter(({ status }) => status === 'queued' || status === 'running')
        .filter(({ origin }) => (guild ?? origin.guild) === origin.guild)
        .slice(0, limit)
        .map((job, place) => ({ job, place, expectedSeconds: 4 * (place + 1) })),
  };

  pictures: Services['pictures'] = {
    find: async (id) => this.store.pictures.get(id) ?? null,
    ofJob: async (job) => [...this.store.pictures.values()].filter((picture) => picture.job === job),
    ofMessage: async (platform, channel, message) => {
      const job = await this.jobs.ofMessage(platform, channel, message);
      return job === null ? [] : this.pictures.ofJob(job.id);
    },
    recipe: async (id) => this.store.recipes.get(id) ?? null,
    ofRecipe: async (id, { platform, user, shared }) => {
      const seen = [...this.store.pictures.values()].filter(({ recipeId: of, origin, job }) => {
        if (of !== id || origin.platform !== platform || origin.user === user) {
          return of === id && origin.platform === platform;
        }
        const isPublic = this.store.jobs.get(job)?.visibility === 'public' && origin.channel === shared?.channel;
        return origin.guild === shared?.guild && (isPublic || shared.channel === null);
      });
      return seen.sort((a, b) => Number(b.origin.user === user) - Number(a.origin.user === user))[0] ?? null;
    },
    mayUse: async (key, { user }) => (this.uploaders.get(key) ?? user) === user,
    history: async ({ guild, user, before, limit }) =>
      [...this.store.pictures.values()]
        .filter(({ origin }) => origin.guild === guild && origin.user === user)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .filter(({ id }) => before === undefined || id < before)
        .slice(0, limit),
    remove: async (id) => void this.store.pictures.delete(id),
  };

  models: Services['models'] = {
    names: async (asker) => [...this.served].filter(([, { allow }]) => mayUse(allow, asker)).map(([name]) => name),
    describe: async (asker, given) => {
      const names = await this.models.names(asker);
      const name = given ?? names[0] ?? '';
      const model = names.includes(name) ? this.served.get(name) : undefined;
      if (model === undefined) throw new UserError('unknown_model', `There is no model ${name}.`);
      return model;
    },
  };

  readonly known = { loras: [] as Extra[], embeddings: [] as Extra[], wildcards: new Map<string, string[]>() };

  extras: Services['extras'] = {
    loras: async () => this.known.loras,
    embeddings: async () => this.known.embeddings,
    upscalers: async () => ['ultra'],
    arithmetics: async () => this.store.arithmetics,
  };

  wildcards: Services['wildcards'] = {
    names: async () => [...this.known.wildcards.keys()],
    lines: async (name) => this.known.wildcards.get(name) ?? null,
  };

  blobs: Services['blobs'] = {
    receive: (file) => file.fetch(),
    withStart: async ({ picture, mask = this.hole }, _from, use) =>
      use({ picture: await uploadOf(picture), width: 300, height: 100, mask: mask && (await uploadOf(mask)) }),
    withMask: async (file, _size, _from, use) => use(await uploadOf(file)),
    get: async (key) => {
      const bytes = this.store.blobs.get(key);
      if (bytes === undefined) throw new UserError('gone', 'It is gone.');
      return bytes;
    },
  };

  settings: Services['settings'] = {
    of: async (guild) => this.store.settings.get(guild) ?? defaultSettings,
    ofPerson: async () => [...this.store.settings.values()],
    change: async ({ edit, ...entry }) => {
      const changed = edit(this.store.settings.get(entry.guild) ?? defaultSettings);
      this.store.settings.set(entry.guild, changed);
      await this.settings.note(entry);
      return changed;
    },
    note: async ({ by, action, mentions = [] }) =>
      void this.store.audit.unshift({ id: String(this.store.audit.length), at: this.now(), by, action, mentions }),
    audit: async ({ before, limit }) =>
      this.store.audit.filter(({ id }) => before === undefined || Number(id) < Number(before)).slice(0, limit),
  };

  preferences: Services['preferences'] = {
    of: async (guild, user) => this.store.preferences.get(`${guild} ${user}`) ?? {},
    save: async (guild, user, preferences) => void this.store.preferences.set(`${guild} ${user}`, preferences),
  };

  usage: Services['usage'] = {
    quotas: async () => this.store.quotas,
    grant: async (grant) => void this.store.grants.push(grant),
    daily: async () => this.store.usage,
  };

  people: Services['people'] = {
    forget: async (person) => {
      this.store.forgotten.push(person);
      return { pictures: 3, jobs: 2 };
    },
  };

  /** What a worker does: the job's pictures are there. */
  finish(job: Job, status: JobStatus = 'done'): Picture[] {
    this.store.jobs.set(job.id, { ...job, status });
    return workRecipes(job.work).map((recipe, index) => {
      const factor = recipe.upscale?.factor ?? 1;
      const picture: Picture = {
        id: pictureId(job.id, index),
        job: job.id,
        recipe,
        recipeId: recipeId(recipe),
        blob: this.putBlob(new TextEncoder().encode(`${job.id}.${index}`)),
        handoff: null,
        expired: false,
        width: recipe.width * factor,
        height: recipe.height * factor,
        origin: job.origin,
        notes: [],
        arithmetic: 'float32',
        createdAt: this.now(),
      };
      this.store.pictures.set(picture.id, picture);
      this.store.recipes.set(picture.recipeId, recipe);
      return picture;
    });
  }

  /** What the request that was accepted last asks a worker for. */
  lastWork(): Job['work'] {
    const last = this.accepted.at(-1);
    if (last === undefined) throw new Error('Nothing was accepted.');
    return last.work;
  }

  /** The pictures of the request that was accepted last. */
  finishLast(): Picture[] {
    const last = [...this.store.jobs.values()].at(-1);
    if (last === undefined) throw new Error('Nothing was accepted.');
    return this.finish(last);
  }

  jobOf(picture: PictureId): Job {
    const job = this.store.jobs.get(partsOfPictureId(picture).job);
    if (job === undefined) throw new Error('That job is not there.');
    return job;
  }

  private newJob({ origin, work, visibility, spoiler }: AcceptInput): Job {
    const count = String(this.store.jobs.size + 1).padStart(12, '0');
    return {
      id: jobIdSchema.parse(`019a0000-0000-7000-8000-${count}`),
      origin,
      work,
      status: 'queued',
      visibility,
      spoiler,
      attempts: 0,
      reservedSeconds: 2.5,
      measuredSeconds: null,
      failure: null,
      trace: null,
      createdAt: this.now(),
      startedAt: null,
      finishedAt: null,
    };
  }

  private putBlob(bytes: Uint8Array): BlobKey {
    const key = blobKeyOf(bytes);
    this.store.blobs.set(key, bytes);
    return key;
  }
}

const blobKeyOf = (bytes: Uint8Array): BlobKey => blobKeySchema.parse(createHash('sha256').update(bytes).digest('hex'));

async function uploadOf(file: Attachment): Promise<Upload> {
  const bytes = await file.fetch();
  return { key: blobKeyOf(bytes), bytes };
}
