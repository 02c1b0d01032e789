import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Job } from '../../commands/job.ts';
import type { Store } from '../store/store.ts';

const SECONDS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000];

export interface Metrics {
  readonly registry: Registry;
  /** A job has ended. */
  ended(job: Job): void;
  /** A job has lost its worker or engine and goes back in line. */
  restarted(): void;
  /**
   * One more step of a picture is drawn, so many seconds after the one before (null: the first), while so many pictures were
   * drawn together.
   */
  stepped(seconds: number | null, together: number): void;
  /** Reads an engine's memory when it is asked for; null: there is none now. */
  watchEngine(residentBytes: () => Promise<number | null>): void;
}

/** What an operator's Prometheus is told. What the whole house shares (the queue) is read from the store when it asks. */
export function createMetrics(store: Pick<Store, 'jobs' | 'deliveries'>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'easel_' });
  new Gauge({
    name: 'easel_jobs_waiting',
    help: 'Jobs in line, by how much their guild has there: light (up to 3), busy (up to 20), crowded',
    labelNames: ['guilds'],
    registers,
    async collect() {
      for (const { load, jobs } of await store.jobs.queueDepth()) this.set({ guilds: load }, jobs);
    },
  });
  new Gauge({
    name: 'easel_oldest_wait_seconds',
    help: 'Of the job that waits longest, by how much its guild has in line',
    labelNames: ['guilds'],
    registers,
    async collect() {
      for (const { load, oldestSeconds } of await store.jobs.queueDepth()) this.set({ guilds: load }, oldestSeconds);
    },
  });
  new Gauge({
    name: 'easel_deliveries_owed',
    help: 'Messages of ended jobs that are not there yet',
    registers,
    async collect() {
      this.set(await store.deliveries.countOwed());
    },
  });
  const ended = new Counter({
    name: 'easel_jobs_ended_total',
    help: 'Jobs that have ended; all but the done ones were refunded',
    labelNames: ['platform', 'kind', 'status'],
    registers,
  });
  const restarted = new Counter({
    name: 'easel_jobs_restarted_total',
    help: 'Jobs that went back in line',
    registers,
  });
  const refunded = new Counter({
    name: 'easel_refunded_seconds_total',
    help: 'Compute seconds that were reserved and given back whole, for jobs that came to nothing',
    labelNames: ['status'],
    registers,
  });
  // There from the start, or the first one would be no increase.
  for (const status of ['failed', 'cancelled']) refunded.inc({ status }, 0);
  const waited = new Histogram({
    name: 'easel_job_wait_seconds',
    help: 'From the request to its beginning',
    labelNames: ['platform'],
    buckets: SECONDS,
    registers,
  });
  const computed = new Histogram({
    name: 'easel_job_compute_seconds',
    help: 'Compute seconds of done jobs',
    labelNames: ['kind'],
    buckets: SECONDS,
    registers,
  });
  const steps = new Histogram({
    name: 'easel_step_seconds',
    help: 'From one step of a picture to the next',
    buckets: SECONDS.map((seconds) => seconds / 10),
    registers,
  });
  const batches = new Histogram({
    name: 'easel_batch_pictures',
    help: 'Pictures that were drawn together when one of them had a step more',
    buckets: [1, 2, 3, 4, 6, 8, 12, 16, 32, 64],
    registers,
  });

  return {
    registry,
    ended({ origin: { platform }, work: { kind }, status, reservedSeconds, measuredSeconds, createdAt, startedAt }) {
      ended.inc({ platform, kind, status });
      if (status !== 'done') refunded.inc({ status }, reservedSeconds);
      if (startedAt !== null)
        waited.observe({ platform }, Math.max(0, startedAt.getTime() - createdAt.getTime()) / 1000);
      if (measuredSeconds !== null) computed.observe({ kind }, measuredSeconds);
    },
    restarted: () => restarted.inc(),
    stepped: (seconds, together) => {
      if (seconds !== null) steps.observe(seconds);
      batches.observe(together);
    },
    watchEngine(residentBytes) {
      new Gauge({
        name: 'easel_engine_resident_memory_bytes',
        help: 'Memory of the process that draws',
        registers,
        async collect() {
          this.set((await residentBytes()) ?? 0);
        },
      });
    },
  };
}
