import { randomInt } from 'node:crypto';
import { SpanKind } from '@opentelemetry/api';
import sharp from 'sharp';
import { messagesFor } from '../../commands/locale/index.ts';
import { UserError } from '../../commands/request.ts';
import type { JobService, PeopleService, PictureService, Services } from '../../commands/services.ts';
import type { Logger } from '../../config/index.ts';
import type { Blobs } from '../blobs/blobs.ts';
import type { ProgressBus } from '../progress/progress-bus.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import type { Store } from '../store/store.ts';
import { inRequest, requestFields } from '../tracing/request-scope.ts';
import { inSpan } from '../tracing/spans.ts';
import { createBlobService } from './blobs.ts';
import { createExtraService } from './extras.ts';
import { createModelService } from './models.ts';
import { rememberedFor } from './remembered.ts';
import { UploadStorage } from './upload-storage.ts';
import { createWildcardService } from './wildcards.ts';

/** An operator's switch is obeyed after so long at the latest. */
const MODE_MS = 1_000;

export interface ServiceParts {
  readonly store: Store;
  readonly queue: RunQueue;
  readonly blobs: Blobs;
  readonly progress: ProgressBus;
  /** In the order of the configuration: the first is the default. */
  readonly modelNames: readonly string[];
  readonly wildcardDir: string;
  readonly log: Logger;
}

/** What commands may do, on the real store, queue and blobs. */
export function createServices(parts: ServiceParts): Services {
  const { store, modelNames, wildcardDir } = parts;
  return {
    jobs: jobService(parts),
    pictures: pictureService(parts),
    models: createModelService(store.models, modelNames),
    extras: createExtraService(store.extras),
    wildcards: createWildcardService(wildcardDir),
    blobs: createBlobService(parts.blobs),
    settings: store.settings,
    preferences: store.preferences,
    usage: store.usage,
    people: peopleService(parts),
    drawSvg: async (svg) => sharp(Buffer.from(svg)).png().toBuffer(),
    now: () => new Date(),
    randomSeed: () => randomInt(2 ** 32),
  };
}

function jobService({ store, queue, blobs, progress, log }: ServiceParts): JobService {
  const storage = new UploadStorage(blobs, store.retention, log);
  const mode = rememberedFor(MODE_MS, () => store.operations.mode());
  return {
    async accept(input) {
      if ((await mode()) === 'draining') {
        throw new UserError('draining', messagesFor(input.actor.locale).rules.draining);
      }
      const accepted = await inSpan('accept', { kind: SpanKind.PRODUCER }, async (span) => {
        const result = await storage.storedFor(input.uploads ?? [], () => store.jobs.accept(input));
        span.setAttribute('easel.job', result.job.id);
        return result;
      });
      const { id: job, work, reservedSeconds } = accepted.job;
      const { place, expectedSeconds, repeated } = accepted;
      const source = 'source' in work ? work.source : undefined;
      log.info({ job, kind: work.kind, source, place, expectedSeconds, reservedSeconds, repeated }, 'accepted');
      // The job is safe in the store: a queue that is away delays it until the sweep finds it, and loses nothing. So it is
      // kept rather than refused: the person would only have to ask again, and who asks again may ask too late.
      const isAnnounced = await queue.announce(accepted.job).then(
        () => true,
        (error: unknown) => {
          log.warn({ error, job }, 'could not be announced');
          return false;
        },
      );
      return { ...accepted, isDelayed: !isAnnounced };
    },
    async requireRoom(input) {
      if ((await mode()) === 'draining') {
        throw new UserError('draining', messagesFor(input.actor.locale).rules.draining);
      }
      await store.jobs.requireRoom(input);
    },
    find: (job) => store.jobs.find(job),
    ofMessage: (platform, channel, message) => store.jobs.ofMessage(platform, channel, message),
    async cancel({ id: job, origin }) {
      const outcome = await store.jobs.cancel(job);
      const { request: by } = requestFields();
      inRequest(origin, () => log.info({ job, outcome, by }, 'cancel wanted'));
      if (outcome === 'cancelled') progress.publish({ job, state: 'finished', status: 'cancelled' });
      return outcome;
    },
    unfinished: (member) => store.jobs.unfinished(member),
    waiting: (filter) => store.jobs.waiting(filter),
  };
}

function pictureService({ store }: ServiceParts): PictureService {
  return {
    find: (picture) => store.pictures.find(picture),
    ofJob: (job) => store.pictures.ofJob(job),
    ofMessage: (platform, channel, message) => store.pictures.ofMessage(platform, channel, message),
    recipe: (id) => store.pictures.recipe(id),
    ofRecipe: (id, sight) => store.pictures.ofRecipe(id, sight),
    mayUse: (key, person) => store.pictures.mayUse(key, person),
    history: (filter) => store.pictures.history(filter),
    remove: async (picture) => {
      await store.pictures.remove(picture);
    },
  };
}

function peopleService({ store }: ServiceParts): PeopleService {
  return {
    async forget(person) {
      const { pictures, jobs } = await store.people.forget(person);
      return { pictures, jobs };
    },
  };
}
