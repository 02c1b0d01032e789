import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Store } from '../../../bot/store/store.ts';
import { blobKeySchema, channelIdSchema, type JobId, messageIdSchema } from '../../../commands/ids.ts';
import type { Job } from '../../../commands/job.ts';
import { actorSchema, originSchema } from '../../../commands/request.ts';
import type { AcceptInput } from '../../../commands/services.ts';
import { fillStatements, guildOf, recipe, type StoreSize, userName } from './fill.ts';
import type { GrownStore } from './grown-store.ts';

/** One thing that a store is asked to do. */
export interface GrowthResult {
  readonly name: string;
  readonly medianMilliseconds: number;
  readonly slowestMilliseconds: number;
  /** Rows and index entries that the database read for one request. */
  readonly rowsRead: number;
  /** Tables that were read from end to end for it: none that grows may be. */
  readonly scanned: readonly string[];
}

/** Small however long the service has run. */
const SMALL_TABLES = ['share_clock', 'waiting_sums', 'operation', 'workers', 'worker_models', 'measured_rates'];
const DAY = 86_400_000;
const LARGEST = originSchema.shape.guild.parse('guild-0');
const lease = { worker: 'bench', seconds: 600 };

/** Fills a store that is empty, then measures what a running service asks of it. */
export async function measureGrowth(
  grown: GrownStore,
  size: StoreSize,
  maxRepeats = Number.POSITIVE_INFINITY,
): Promise<readonly GrowthResult[]> {
  const isFilled = await grown.use(async (store) => (await store.jobs.countWaiting()) > 0);
  if (!isFilled) for (const statement of fillStatements(size)) await grown.query(statement);
  const results: GrowthResult[] = [];
  for (const operation of operations(size)) {
    results.push(await measure({ ...operation, repeats: Math.min(operation.repeats, maxRepeats) }, grown));
  }
  return results;
}

interface Operation {
  readonly name: string;
  readonly repeats: number;
  /** How many requests one run is about; one unless said otherwise. */
  readonly batch?: number;
  run(store: Store, index: number): Promise<unknown>;
}

function operations(size: StoreSize): readonly Operation[] {
  const now = new Date();
  const from = new Date(now.getTime() - 30 * DAY);
  const taken: Job[] = [];
  let lastPassed: JobId | null = null;
  const anyone = (index: number): AcceptInput => request((index * 104_729) % size.users, size);
  const member = (index: number) => anyone(index).origin;
  const small = (index: number) => guildOf(((index * 104_729) % size.users) | 1, size);
  return [
    { name: 'Accept a request', repeats: 200, run: (store, index) => store.jobs.accept(anyone(index)) },
    {
      name: 'Pick the next job',
      repeats: 200,
      run: async (store) => {
        const job = await store.jobs.takeNext(lease);
        if (job !== null) taken.push(job);
      },
    },
    { name: 'Renew a lease', repeats: 200, run: (store, index) => store.jobs.renew(taken[index]!.id, lease) },
    {
      name: 'Finish a job',
      repeats: 200,
      run: (store, index) => {
        const blob = blobKeySchema.parse(randomUUID().replaceAll('-', '').repeat(2));
        const picture = { index: 0, blob, handoff: blob, width: 1024, height: 1024, notes: [], timings: {} };
        return store.jobs.finish(taken[index]!.id, lease.worker, [picture], 11);
      },
    },
    { name: 'Claim a due delivery', repeats: 100, run: (store) => store.deliveries.claimDue(['discord'], 1, 60) },
    {
      name: 'Record a delivery',
      repeats: 200,
      run: (store, index) => {
        const message = messageIdSchema.parse(randomUUID());
        return store.deliveries.delivered(taken[index]!.id, { channel: channelIdSchema.parse('channel'), message });
      },
    },
    {
      name: 'The pictures of a message',
      repeats: 200,
      run: (store, index) => {
        const { channel } = member(index);
        return store.pictures.ofMessage('discord', channel, messageIdSchema.parse(`message-${index}`));
      },
    },
    {
      name: 'A page of a history',
      repeats: 200,
      run: (store, index) => store.pictures.history({ ...member(index), limit: 5 }),
    },
    {
      name: 'Quotas of a member',
      repeats: 200,
      run: (store, index) => store.usage.quotas({ ...member(index), roles: [] }),
    },
    {
      name: "A member's newest unfinished job",
      repeats: 50,
      run: (store, index) => store.jobs.unfinished({ ...member(index), limit: 1 }),
    },
    {
      name: "A small guild's queue",
      repeats: 30,
      run: (store, index) => store.jobs.waiting({ guild: originSchema.shape.guild.parse(small(index)), limit: 15 }),
    },
    {
      name: "The largest guild's queue",
      repeats: 30,
      run: (store) => store.jobs.waiting({ guild: LARGEST, limit: 15 }),
    },
    { name: 'Places of the first 200 in line', repeats: 30, run: (store) => store.jobs.waiting({ limit: 200 }) },
    {
      name: "A small guild's usage in 30 days",
      repeats: 50,
      run: (store, index) => store.usage.daily({ guild: originSchema.shape.guild.parse(small(index)), from, to: now }),
    },
    {
      name: "The largest guild's usage in 30 days",
      repeats: 10,
      run: (store) => store.usage.daily({ guild: LARGEST, from, to: now }),
    },
    { name: "The operator's dashboard", repeats: 10, run: (store) => store.operations.snapshot() },
    { name: 'Jobs in line, counted', repeats: 50, run: (store) => store.jobs.countWaiting() },
    { name: 'Jobs in line, by the load of their guilds', repeats: 50, run: (store) => store.jobs.queueDepth() },
    { name: 'Deliveries owed, counted', repeats: 50, run: (store) => store.deliveries.countOwed() },
    {
      name: 'Retention: 200 requests, whose pictures go',
      repeats: 20,
      batch: 200,
      run: async (store) => {
        const cutoff = new Date(now.getTime() - 100 * DAY);
        const passed = await store.retention.passJobs(
          { pictures: cutoff, handoffs: cutoff, jobs: null, now },
          lastPassed,
          200,
        );
        lastPassed = passed.last;
      },
    },
    { name: 'Leases that ran out', repeats: 50, run: (store) => store.jobs.reclaimExpired() },
  ];
}

async function measure({ name, repeats, batch = 1, run }: Operation, grown: GrownStore): Promise<GrowthResult> {
  const before = await readingsOf(grown);
  const times = await grown.use(async (store) => {
    const measured: number[] = [];
    // The first one makes connections and plans: it does not count.
    for (let index = 0; index <= repeats; index++) {
      const start = performance.now();
      await run(store, index);
      if (index > 0) measured.push(performance.now() - start);
    }
    return measured.sort((a, b) => a - b);
  });
  const after = await readingsOf(grown);
  const done = [...after].map(([table, { scans, rows }]) => {
    const earlier = before.get(table) ?? { scans: 0, rows: 0 };
    return { table, scans: scans - earlier.scans, rows: rows - earlier.rows };
  });
  return {
    name,
    medianMilliseconds: times[Math.floor(times.length / 2)] ?? Number.NaN,
    slowestMilliseconds: times.at(-1) ?? Number.NaN,
    rowsRead: done.reduce((sum, { rows }) => sum + rows, 0) / (repeats + 1) / batch,
    scanned: done.filter(({ scans }) => scans > 0).map(({ table }) => table),
  };
}

const readingsSchema = z.array(z.object({ table: z.string(), scans: z.coerce.number(), rows: z.coerce.number() }));

/** By growing table, how often the database has read it from end to end, and how many rows and index entries it has read. */
async function readingsOf(grown: GrownStore) {
  const rows = await grown.query(`
    select t.relname as table, t.seq_scan as scans, t.seq_tup_read + coalesce(sum(i.idx_tup_read), 0) as rows
    from pg_stat_user_tables t left join pg_stat_user_indexes i on i.relid = t.relid
    where t.schemaname = 'easel' and t.relname not in (${SMALL_TABLES.map((name) => `'${name}'`).join()})
    group by t.relname, t.seq_scan, t.seq_tup_read`);
  return new Map(readingsSchema.parse(rows).map(({ table, ...readings }) => [table, readings]));
}

function request(user: number, size: StoreSize): AcceptInput {
  const guild = guildOf(user, size);
  return {
    origin: originSchema.parse({
      platform: 'discord',
      guild,
      channel: `channel-${guild}`,
      user: userName(user),
      event: `event-${randomUUID()}`,
    }),
    actor: actorSchema.parse({ name: 'Ada', roles: [], admin: false, locale: 'en' }),
    work: { kind: 'draw', recipe, count: 1 },
    visibility: 'public',
    spoiler: false,
    replyTo: null,
  };
}
