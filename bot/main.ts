import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Config, cacheFolder, createLogger, type Logger, redactor } from '../config/index.ts';
import { openBlobs } from './blobs/open-blobs.ts';
import { CleanUp } from './clean-up.ts';
import { startOutbox } from './delivery/outbox.ts';
import { labelledBlobs } from './delivery/picture-label.ts';
import { startProgressRelay } from './delivery/progress-relay.ts';
import { applyDirectSettings } from './direct-settings.ts';
import { residentBytes } from './engine/resident-bytes.ts';
import { startEngine } from './engine/start-engine.ts';
import { createHost } from './host.ts';
import { modelsOf } from './models/find-models.ts';
import { createMetrics } from './monitor/metrics.ts';
import { startMonitor } from './monitor/monitor.ts';
import { observeProgress } from './monitor/observe-progress.ts';
import type { Platform } from './platform.ts';
import { platformFactories } from './platforms.ts';
import { closeFolder } from './private-folder.ts';
import { openProgress } from './progress/open-progress.ts';
import { openRunQueue } from './queue/open-queue.ts';
import { startSweep } from './queue/sweep.ts';
import { BETWEEN_ERRORS_MS, rarely } from './rarely.ts';
import { startRetention } from './retention/retention.ts';
import { createServices } from './services/services.ts';
import { openStore } from './store/open-store.ts';
import { watchVersion } from './store/watch-version.ts';
import { outsideRequests, requestFields } from './tracing/request-scope.ts';
import { startTracing } from './tracing/tracing.ts';
import { agreedArithmetic, isChoiceOpen } from './worker/agreed-arithmetic.ts';
import { startWorker } from './worker/worker.ts';

/** A started program. */
export interface Running {
  /** Where the page is. */
  readonly address: string;
  /** Resolves only where it cannot go on: with why, in one line for the operator. It is still to be stopped then. */
  readonly failure: Promise<Error>;
  /** Ends in good order: no new requests, jobs finished or handed back, deliveries kept for the next start. */
  stop(): Promise<void>;
}

/** Wires the bot: store, queue, platforms, outbox, and a worker of its own unless workers are elsewhere. */
export async function serve(config: Config): Promise<Running> {
  const cleanUp = new CleanUp();
  try {
    const shared = await openShared(config, 'easel', cleanUp);
    const { store, queue, blobs, progress, log } = shared;
    const services = createServices({
      store,
      queue,
      blobs,
      progress,
      modelNames: config.models.map(({ name }) => name),
      wildcardDir: config.wildcardDir,
      log,
    });
    const { failure, giveUp } = shared;
    const shown = config.pictureLabel === undefined ? blobs : await labelledBlobs(blobs, config.pictureLabel);
    await applyDirectSettings(config.directSettings, store.settings);
    const host = createHost({ services, store, blobs: shown, directMessages: config.directMessages, log, giveUp });
    if (config.worker) await addWorker(config, shared, cleanUp);
    const sweep = startSweep({ store, queue, progress, log });
    cleanUp.add('the sweep', () => sweep.stop());
    const retention = startRetention({ store, blobs, policy: config.retention, log });
    cleanUp.add('retention', () => retention.stop());

    const platforms = await createPlatforms(config, store, log);
    const process = randomUUID();
    const relay = startProgressRelay({ store, progress, platforms, process, log });
    cleanUp.add('the progress relay', () => relay.stop());
    for (const platform of platforms) {
      await platform.start(host);
      cleanUp.add(`the platform ${platform.id}`, () => platform.stop());
    }
    const outbox = startOutbox({ store, blobs: shown, progress, platforms, process, log });
    cleanUp.add('the outbox', () => outbox.stop());
    await addMonitor(config, shared, cleanUp);
    const address = platforms.find((platform) => platform.address)?.address ?? '';
    return { address, failure, stop: () => cleanUp.run(log) };
  } catch (error) {
    await cleanUp.run();
    throw error;
  }
}

/** Wires a worker that draws for a bot elsewhere, on the same database. */
export async function work(config: Config): Promise<Pick<Running, 'failure' | 'stop'>> {
  const cleanUp = new CleanUp();
  try {
    const shared = await openShared(config, 'easel-worker', cleanUp);
    await addWorker(config, shared, cleanUp);
    await addMonitor(config, shared, cleanUp);
    return { failure: shared.failure, stop: () => cleanUp.run(shared.log) };
  } catch (error) {
    await cleanUp.run();
    throw error;
  }
}

async function openShared(config: Config, service: string, cleanUp: CleanUp) {
  const log = createLogger(config, { fields: requestFields });
  await keepToOneself(config.dataDir, log);
  const tracing = await startTracing(config.otelEndpoint, service, redactor(config.secrets));
  cleanUp.add('tracing', () => tracing.stop());
  const onError = outsideRequests(
    rarely(BETWEEN_ERRORS_MS, (error, untold) => log.warn({ error, untold }, 'the queue is away')),
  );
  const { store, database } = await openStore({
    databaseUrl: config.databaseUrl,
    folder: join(config.dataDir, 'store'),
    onDrift: (guild) => log.error({ guild }, 'what waits of this guild was miscounted; it is counted anew'),
  });
  cleanUp.add('the store', () => store.close());
  const queue = await openRunQueue(config.redisUrl, database, onError);
  cleanUp.add('the queue', () => queue.close());
  const bus = await openProgress(config.redisUrl, database, onError);
  cleanUp.add('the progress bus', () => bus.close());
  const metrics = createMetrics(store);
  const progress = observeProgress(bus, metrics, store, log);
  const blobs = await openBlobs(config);
  let giveUp: (error: Error) => void = () => {};
  const failure = new Promise<Error>((resolve) => {
    giveUp = resolve;
  });
  const watch = watchVersion({ store, giveUp, log });
  cleanUp.add('the watch on the version', () => watch.stop());
  return { store, queue, progress, blobs, metrics, log, failure, giveUp };
}

/** Prompts and pictures lie there, and what signs memberships of the page. */
async function keepToOneself(folder: string, log: Logger): Promise<void> {
  const closing = await closeFolder(folder);
  if (closing === 'closed now') log.warn({ folder }, 'the data folder was open to other users of this machine: closed');
  if (closing === 'still open')
    log.warn({ folder }, 'the data folder is open to other users of this machine: chmod 700');
}

type Shared = Awaited<ReturnType<typeof openShared>>;

/** Last of all: from then on this process is ready. */
async function addMonitor(config: Config, { store, queue, metrics, log }: Shared, cleanUp: CleanUp): Promise<void> {
  const { host, monitorPort: port } = config;
  if (port === undefined) return;
  const checks = [
    { name: 'store', answer: () => store.ping() },
    { name: 'queue', answer: () => queue.requireWritable() },
  ];
  const monitor = await startMonitor({ host, port, checks, registry: metrics.registry });
  cleanUp.add('the monitor', () => monitor.stop());
  log.info({ address: monitor.address }, 'monitor ready');
}

async function addWorker(config: Config, shared: Shared, cleanUp: CleanUp): Promise<void> {
  const { models, modelDir, upscalers } = config;
  const { jobsAtOnce: concurrency, jobDeadlineSeconds: deadlineSeconds } = config;
  const { provider, threads, arithmetic, maxBatch, memoryLimit } = config;
  const { log } = shared;
  const { folder, rules: contentRules = [] } = config.classifier ?? {};
  const classifier = folder !== undefined && { folder, labels: contentRules.map(({ label }) => label) };
  const settings = {
    provider,
    threads,
    arithmetic,
    maxBatch,
    memoryLimit,
    cacheFolder: cacheFolder(config),
    // Nobody has looked at a picture yet while it is made.
    previews: classifier === false,
    ...(classifier && { classifier }),
  };
  const onCrash = outsideRequests((message: string) => log.error(message));
  const probe = async () => {
    const chooser = startEngine(settings, onCrash);
    return chooser.probe().finally(() => chooser.close());
  };
  const isOpen = await isChoiceOpen(await modelsOf(config));
  const agreed = isOpen ? await agreedArithmetic(config, probe, shared.store.models, log) : arithmetic;
  const engine = startEngine({ ...settings, arithmetic: agreed }, onCrash);
  shared.metrics.watchEngine(async () => (engine.processId === null ? null : residentBytes(engine.processId)));
  cleanUp.add('the engine', () => engine.close());
  const extraFolders = { lora: config.loraDir, embedding: config.embeddingDir };
  const worker = await startWorker({
    ...shared,
    engine,
    models,
    modelDir,
    extraFolders,
    upscalers,
    contentRules,
    concurrency,
    deadlineSeconds,
  });
  cleanUp.add('the worker', () => worker.stop());
}

async function createPlatforms(
  config: Config,
  store: Parameters<(typeof platformFactories)[number]>[0]['store'],
  log: Logger,
) {
  const platforms: Platform[] = [];
  for (const create of platformFactories) {
    const platform = await create({ config, store, log });
    if (platform !== null) platforms.push(platform);
  }
  return platforms;
}
