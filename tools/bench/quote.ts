import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderBlobs } from '../../bot/blobs/folder.ts';
import { startEngine } from '../../bot/engine/start-engine.ts';
import { localProgress } from '../../bot/progress/progress-bus.ts';
import { openRunQueue } from '../../bot/queue/open-queue.ts';
import { openStore } from '../../bot/store/open-store.ts';
import type { Store } from '../../bot/store/store.ts';
import { startWorker } from '../../bot/worker/worker.ts';
import { type JobId, type PictureId, pictureId } from '../../commands/ids.ts';
import type { Work } from '../../commands/job.ts';
import { type Recipe, recipeSchema } from '../../commands/recipe.ts';
import { LANCZOS } from '../../commands/upscale-methods.ts';
import { createLogger, loadConfig } from '../../config/index.ts';
import { request } from '../../test/bot/store/requests.ts';

/** Three guilds of two; every member asks again some time after the last picture came. */
const MEMBERS = ['first', 'second', 'third'].flatMap((guild) => ['ann', 'bob'].map((user) => ({ guild, user })));
/** Who has drawn much already waits for others who come later: the warm-up is somebody else's. */
const WARMING = { guild: 'warm-up', user: 'cid' };
const LONGEST_PAUSE_MS = 4_000;
/** Asked for one after the other before anything is judged: the rates are measured by them. */
const WARM_UP = 24;

export interface QuoteResult {
  readonly jobs: number;
  /** The median of |expected - taken| / taken. */
  readonly medianError: number;
  /** Jobs whose quote was within a quarter of what they took. */
  readonly within: number;
  /** The same of those that nobody overtook: who comes later and has drawn less goes first, and no quote knows of them. */
  readonly inTurn: number;
  readonly withinInTurn: number;
}

interface Quoted {
  readonly expectedSeconds: number;
  readonly takenSeconds: number;
  readonly createdAt: Date;
  readonly startedAt: Date;
}

/**
 * How well the time that people are told on accepting holds: the real worker, engine and miniature on the embedded store,
 * under drawings of several sizes, steps, guidances and counts, refinements and enlargings, from accepting to the end.
 */
export async function measureQuotes(seconds: number): Promise<QuoteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-quote-'));
  const config = loadConfig({ LOG_LEVEL: 'silent' }, folder);
  const log = createLogger(config);
  const { store, database } = await openStore({ folder: join(folder, 'store') });
  const queue = await openRunQueue(undefined, database, () => {});
  const blobs = await folderBlobs(join(folder, 'blobs'));
  const { provider, threads, maxBatch, jobsAtOnce: concurrency, models, modelDir, upscalers } = config;
  const extraFolders = { lora: config.loraDir, embedding: config.embeddingDir };
  const engine = startEngine({ provider, threads, maxBatch, cacheFolder: folder, previews: true });
  const parts = {
    store,
    queue,
    blobs,
    progress: localProgress(),
    engine,
    models,
    modelDir,
    extraFolders,
    upscalers,
    concurrency,
    log,
  };
  const worker = await startWorker({ ...parts, deadlineSeconds: 120 });
  const draw = async (member: typeof WARMING, work: Work): Promise<Quoted & { readonly job: JobId }> => {
    const { job, expectedSeconds } = await store.jobs.accept(request({ ...member, work }));
    await queue.announce(job);
    return { job: job.id, expectedSeconds, ...(await ended(store, job.id)) };
  };
  try {
    const random = createRandom(1);
    let source: PictureId | null = null;
    const next = (): Work => (source === null ? drawing(random) : anyWork(random, source));
    for (let index = 0; index < WARM_UP; index++) {
      const work = next();
      const { job } = await draw(WARMING, work);
      if (work.kind === 'draw') source = pictureId(job, 0);
    }
    const quotes: Quoted[] = [];
    const end = performance.now() + seconds * 1000;
    await Promise.all(
      MEMBERS.map(async (member) => {
        while (performance.now() < end) {
          quotes.push(await draw(member, next()));
          await sleep(random() * LONGEST_PAUSE_MS);
        }
      }),
    );
    return judge(quotes);
  } finally {
    await worker.stop();
    await engine.close();
    await queue.close();
    await store.close();
    await rm(folder, { recursive: true });
  }
}

async function ended(store: Store, id: JobId): Promise<Omit<Quoted, 'expectedSeconds'>> {
  for (;;) {
    const job = await store.jobs.find(id);
    if (job?.status === 'failed') throw new Error(`A job failed: ${job.failure?.message}`);
    if (job?.status === 'done' && job.startedAt !== null && job.finishedAt !== null) {
      const { createdAt, startedAt, finishedAt } = job;
      return { createdAt, startedAt, takenSeconds: (finishedAt.getTime() - createdAt.getTime()) / 1000 };
    }
    await sleep(50);
  }
}

function judge(quotes: readonly Quoted[]): QuoteResult {
  const error = ({ expectedSeconds, takenSeconds }: Quoted) => Math.abs(expectedSeconds - takenSeconds) / takenSeconds;
  const isWithin = (quote: Quoted) => error(quote) <= 0.25;
  const inTurn = quotes.filter(
    (quote) => !quotes.some((other) => other.createdAt > quote.createdAt && other.startedAt < quote.startedAt),
  );
  return {
    jobs: quotes.length,
    medianError: median(quotes.map(error)),
    within: quotes.filter(isWithin).length,
    inTurn: inTurn.length,
    withinInTurn: inTurn.filter(isWithin).length,
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const SIDES = [128, 192, 256, 384] as const;

function drawing(random: () => number): Work {
  const pick = <T>(values: readonly T[]): T | undefined => values[Math.floor(random() * values.length)];
  const recipe = recipeSchema.parse({
    prompt: `picture ${Math.floor(random() * 1e6)}`,
    width: pick(SIDES),
    height: pick(SIDES),
    steps: pick([8, 12, 20, 30]),
    guidance: pick([1, 5, 5]),
    guidanceRescale: 0,
    sampler: pick(['euler', 'dpmpp_2m_karras']),
    seed: Math.floor(random() * 1e6),
    refine: pick([null, 0.8]),
    model: { name: 'mini', hash: '' },
    loras: [],
  });
  return { kind: 'draw', recipe, count: pick([1, 1, 1, 2, 4]) ?? 1 };
}

/** Mostly drawings. */
function anyWork(random: () => number, source: PictureId): Work {
  const work = drawing(random);
  const recipe: Recipe = { ...work.recipe, width: 256, height: 256 };
  const kind = random();
  if (kind < 0.15) return { kind: 'refine', recipe: { ...recipe, refine: 0.8 }, source };
  if (kind < 0.25) return { kind: 'upscale', recipe: { ...recipe, upscale: { factor: 2, method: LANCZOS } }, source };
  return work;
}

/** The same load every time: a linear congruential generator (Numerical Recipes' constants). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
