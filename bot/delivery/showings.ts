import type { JobId } from '../../commands/ids.ts';
import type { DeliveryStore } from '../store/store.ts';

/** A process that is gone holds up its jobs' messages for so long at most. */
const LEASE_SECONDS = 20;
/** An edit that begins must be over while the lease still holds: the platforms' calls are given up after 15 s. */
const MARGIN_MS = 16_000;
/** How long another process is taken to go on showing what it shows. */
const OTHERS_MS = 5_000;

/**
 * The jobs whose progress this process shows. Each is shown by one process only, under a lease, which keeps the job's message
 * from being delivered by another one: so no late state covers an answer, and the platforms are asked for each edit once.
 */
export class Showings {
  /** Until when the lease holds, and until when another process is taken to have it. */
  private readonly held = new Map<JobId, number>();
  private readonly elsewhere = new Map<JobId, number>();
  private readonly deliveries: Pick<DeliveryStore, 'claimShowing' | 'releaseShowing'>;
  private readonly process: string;
  private readonly now: () => number;

  constructor(
    deliveries: Pick<DeliveryStore, 'claimShowing' | 'releaseShowing'>,
    process: string,
    now: () => number = () => performance.now(),
  ) {
    this.deliveries = deliveries;
    this.process = process;
    this.now = now;
  }

  /** Those of these jobs whose progress this process may show now. */
  async claim(jobs: readonly JobId[]): Promise<ReadonlySet<JobId>> {
    const asked = this.now();
    const open = jobs.filter((job) => !this.isHeld(job) && (this.elsewhere.get(job) ?? 0) <= asked);
    if (open.length > 0) {
      const claimed = new Set(await this.deliveries.claimShowing(open, this.process, LEASE_SECONDS));
      this.dropPast(asked);
      for (const job of open) {
        if (claimed.has(job)) this.held.set(job, asked + LEASE_SECONDS * 1000);
        else this.elsewhere.set(job, asked + OTHERS_MS);
      }
    }
    return new Set(jobs.filter((job) => this.isHeld(job)));
  }

  /** Nothing of it is shown here any more: its message may be delivered by any process. */
  async release(job: JobId): Promise<void> {
    this.elsewhere.delete(job);
    if (this.held.delete(job)) await this.deliveries.releaseShowing(this.process, job);
  }

  async releaseAll(): Promise<void> {
    this.held.clear();
    await this.deliveries.releaseShowing(this.process);
  }

  private isHeld(job: JobId): boolean {
    return (this.held.get(job) ?? 0) - MARGIN_MS > this.now();
  }

  private dropPast(now: number): void {
    for (const times of [this.held, this.elsewhere]) {
      for (const [job, until] of times) if (until < now) times.delete(job);
    }
  }
}
