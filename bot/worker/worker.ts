import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ContentRule } from '../../commands/content.ts';
import type { Engine } from '../../commands/engine.ts';
import type { Job } from '../../commands/job.ts';
import { computedIn } from '../../commands/needs.ts';
import type { Logger, ModelEntry, UpscalerEntry } from '../../config/index.ts';
import type { Blobs } from '../blobs/blobs.ts';
import { ExtraShelf, type ShelfParts } from '../extras/extra-shelf.ts';
import { UpscalerShelf } from '../extras/upscaler-shelf.ts';
import { ModelCatalogue } from '../models/catalogue.ts';
import type { ProgressBus } from '../progress/progress-bus.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import { repeat } from '../repeat.ts';
import type { Store, WorkerModels } from '../store/store.ts';
import { Turnstile } from '../turnstile.ts';
import { within } from '../within.ts';
import { Quarantine } from './quarantine.ts';
import { runJob } from './run-job.ts';

/** A worker that is killed is missed after this long. */
const LEASE_SECONDS = 15;
const HEARTBEAT_MS = 15_000;
/** Models come and go unseen for so long; looking costs a few reads of folders. Many file systems tell of no changes. */
const LOOK_MS = 2_000;
/** How long jobs that run may take to end when the worker stops; then they are handed back. */
const FINISH_MS = 10_000;
/** How long handing back may take: the engine stops between two steps, unless it is stuck. */
const HAND_BACK_MS = 5_000;

export interface WorkerParts {
  readonly store: Store;
  readonly queue: RunQueue;
  readonly blobs: Blobs;
  readonly progress: ProgressBus;
  readonly engine: Engine;
  readonly models: readonly ModelEntry[];
  /** Its checkpoints are models too, as they come and go. */
  readonly modelDir: string;
  readonly upscalers: readonly UpscalerEntry[];
  /** Folders of the files that prompts name. */
  readonly extraFolders: ShelfParts['folders'];
  readonly contentRules?: readonly ContentRule[];
  /** Jobs at a time; their pictures share the engine's steps. */
  readonly concurrency: number;
  readonly deadlineSeconds: number;
  readonly log: Logger;
}

export interface RunningWorker {
  /** Takes no more jobs, ends or hands back what it has, and withdraws its models. */
  stop(): Promise<void>;
}

/** Offers its models and what goes with them, then takes jobs until it is stopped. Rejects where no model can be used. */
export async function startWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { store, queue, engine, log, contentRules = [] } = parts;
  const id = `${hostname()}-${randomUUID().slice(0, 8)}`;
  const catalogue = new ModelCatalogue({ engine, configured: parts.models, folder: parts.modelDir, log });
  await catalogue.refresh();
  if (catalogue.models.length === 0 && catalogue.problem !== undefined) throw catalogue.problem;
  const shelf = new ExtraShelf({
    folders: parts.extraFolders,
    models: () => new Map(catalogue.models.map(({ name, source }) => [name, source])),
    engine,
    warn: (problem) => log.warn(problem),
  });
  const upscalers = new UpscalerShelf(parts.upscalers, engine, (problem) => log.warn(problem));
  await upscalers.refresh();
  const offerFiles = (): Promise<void> =>
    store.extras.offer(id, [
      ...shelf.offers(),
      ...upscalers.names().map((name) => ({ kind: 'upscaler', name, models: [] }) as const),
      ...catalogue.models.flatMap(({ name, description: { arithmetic } }) =>
        arithmetic === undefined
          ? []
          : [{ kind: 'arithmetic', name: computedIn(name, arithmetic), models: [] } as const],
      ),
    ]);
  const offer = async (): Promise<void> => {
    await store.models.register(
      id,
      catalogue.models.map(({ name, description }) => ({ name, description })),
      parts.concurrency,
    );
    await offerFiles();
  };
  await offer();
  log.info({ worker: id, models: catalogue.models.map(({ name }) => name) }, 'worker ready');
  const watch = repeat(
    LOOK_MS,
    async () => {
      if (await catalogue.refresh()) await offer();
    },
    (error) => log.warn({ error }, 'the model folder could not be looked at'),
  );

  // By itself: hundreds of new files take minutes to read.
  const shelfWatch = repeat(
    LOOK_MS,
    async () => {
      const haveChanged = [await upscalers.refresh(), await shelf.refresh()];
      if (haveChanged.includes(true)) await offerFiles();
    },
    (error) => log.warn({ error }, 'the LoRAs, embeddings and upscalers could not be looked through'),
  );

  const heartbeat = setInterval(() => {
    store.models.heartbeat(id).catch((error: unknown) => log.warn({ error }, 'no heartbeat'));
  }, HEARTBEAT_MS);
  const handBack = new AbortController();
  const lease = { worker: id, seconds: LEASE_SECONDS };
  const quarantine = new Quarantine();
  const offered = (): WorkerModels => ({
    offered: catalogue.models.map(({ name }) => name),
    loaded: catalogue.models.filter(({ source }) => engine.isLoaded(source)).map(({ name }) => name),
  });
  const inHand = new Set<Promise<void>>();
  let isStopping = false;
  const taking = new Turnstile(1);
  const busy = new Set<Job['origin']>();
  const takeNext = async (): Promise<Job | null> => {
    if (isStopping) return null;
    const job = await store.jobs.takeNext(lease, offered(), [...busy]);
    if (job !== null) busy.add(job.origin);
    return job;
  };
  /** Resolves when the engine is done with the job; `ended` then resolves when it is stored and settled. */
  const draw = async (job: Job): Promise<{ readonly ended: Promise<void> }> => {
    const models = new Map(catalogue.models.map((model) => [model.name, model]));
    const context = { ...parts, contentRules, models, upscalers, extras: shelf, offerFiles, lease, quarantine };
    let onDrawn = (): void => {};
    const drawn = new Promise<void>((resolve) => {
      onDrawn = resolve;
    });
    const ended = runJob(job, { ...context, onDrawn }, handBack.signal)
      .catch((error: unknown) => log.error({ error, job: job.id }, 'the job did not end; its lease will'))
      .finally(() => inHand.delete(ended));
    inHand.add(ended);
    await Promise.race([drawn, ended]);
    busy.delete(job.origin);
    return { ended };
  };
  const consumer = await queue.work(async () => {
    // One job is stored and settled while the next is drawn, so that the engine is not kept waiting by disk or database.
    let last = Promise.resolve();
    // As long as there is work: announcements may have gone to workers that lack the model for it, or while they were
    // drawing for the same member, of whose jobs each draws one at a time.
    for (let job = await taking.pass(takeNext); job !== null; job = await taking.pass(takeNext)) {
      const { ended } = await draw(job);
      await last;
      last = ended;
    }
    await last;
  }, parts.concurrency);

  return {
    async stop() {
      isStopping = true;
      const settled = () => Promise.allSettled(inHand);
      await within(FINISH_MS, settled()).catch(() => {});
      handBack.abort();
      await within(HAND_BACK_MS, settled()).catch(() => {});
      // What is left hangs in the engine, and is handed back when that ends.
      if (inHand.size > 0) await engine.close();
      await settled();
      await consumer.stop();
      clearInterval(heartbeat);
      shelf.close();
      await Promise.all([watch.stop(), shelfWatch.stop()]);
      await store.models.unregister(id);
    },
  };
}
