import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Engine, EngineError } from '../../commands/engine.ts';
import type { Job } from '../../commands/job.ts';
import type { Logger, ModelEntry, UpscalerEntry } from '../../config/index.ts';
import type { Blobs } from '../blobs/blobs.ts';
import type { ProgressBus } from '../progress/progress-bus.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import type { Store } from '../store/store.ts';
import type { ServedModel } from './make-pictures.ts';
import { Quarantine } from './quarantine.ts';
import { runJob } from './run-job.ts';

/** A worker that is killed is missed after this long. */
const LEASE_SECONDS = 15;
const HEARTBEAT_MS = 15_000;
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
  readonly upscalers: readonly UpscalerEntry[];
  /** Jobs at a time; their pictures share the engine's steps. */
  readonly concurrency: number;
  readonly deadlineSeconds: number;
  readonly log: Logger;
}

export interface RunningWorker {
  /** Takes no more jobs, ends or hands back what it has, and withdraws its models. */
  stop(): Promise<void>;
}

/** Offers its models, then takes jobs until it is stopped. Rejects where no model can be used, or an upscaler cannot. */
export async function startWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { store, queue, engine, log } = parts;
  const id = `worker-${randomUUID()}`;
  const described = await describeAll(parts);
  for (const upscaler of parts.upscalers) await requireUpscaler(upscaler, engine);
  const upscalers = new Map(parts.upscalers.map(({ name, file }) => [name, file]));
  await store.models.register(id, described);
  const models: ReadonlyMap<string, ServedModel> = new Map(described.map(({ name, served }) => [name, served]));
  log.info({ worker: id, models: [...models.keys()] }, 'worker ready');

  const heartbeat = setInterval(() => {
    store.models.heartbeat(id).catch((error: unknown) => log.warn({ error }, 'no heartbeat'));
  }, HEARTBEAT_MS);
  const handBack = new AbortController();
  const lease = { worker: id, seconds: LEASE_SECONDS };
  const quarantine = new Quarantine();
  const loaded = (): readonly string[] =>
    [...models].filter(([, { source }]) => engine.isLoaded(source)).map(([name]) => name);
  const inHand = new Set<Promise<void>>();
  let isStopping = false;
  const takeNext = async (): Promise<Job | null> =>
    isStopping ? null : store.jobs.takeNext(lease, { offered: [...models.keys()], loaded: loaded() });
  const consumer = await queue.work(async () => {
    // As long as there is work: announcements may have gone to workers that lack the model for it.
    for (let job = await takeNext(); job !== null; job = await takeNext()) {
      const running = runJob(job, { ...parts, models, upscalers, lease, quarantine }, handBack.signal);
      inHand.add(running);
      await running.finally(() => inHand.delete(running));
    }
  }, parts.concurrency);

  return {
    async stop() {
      isStopping = true;
      const settled = () => Promise.allSettled(inHand);
      const within = (milliseconds: number) =>
        Promise.race([settled(), sleep(milliseconds, undefined, { ref: false })]);
      await within(FINISH_MS);
      handBack.abort();
      await within(HAND_BACK_MS);
      // What is left hangs in the engine, and is handed back when that ends.
      if (inHand.size > 0) await engine.close();
      await settled();
      await consumer.stop();
      clearInterval(heartbeat);
      await store.models.unregister(id);
    },
  };
}

/** One that cannot be opened is left out, and said so: the others keep serving. */
async function describeAll({ models, engine, log }: WorkerParts) {
  const outcomes = await Promise.allSettled(models.map((model) => describe(model, engine)));
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  const described = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  if (described.length === 0) throw refused[0];
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'rejected') log.error({ error: outcome.reason, model: models[index]?.name }, 'left out');
  }
  return described;
}

async function describe({ name, base, refiner, vae, predictionType }: ModelEntry, engine: Engine) {
  const source = { base, refiner, ...(vae && { vae }), ...(predictionType && { predictionType }) };
  const description = { ...(await engine.describe(source)), name };
  const handoffAt = description.refiner === null ? null : (description.defaults.refine ?? HANDOFF_AT);
  return { name, description, served: { source, handoffAt } };
}

async function requireUpscaler({ name, file }: UpscalerEntry, engine: Engine): Promise<void> {
  const { kind, description } = await engine.inspect(file);
  if (kind === 'upscaler') return;
  throw new EngineError('checkpoint', `The upscaler ${name} cannot be used: ${file} is ${String(description)}.`);
}

/** Where SDXL's refiner takes over unless a model says otherwise (Podell et al. 2023: the last 200 of 1,000 timesteps). */
const HANDOFF_AT = 0.8;
