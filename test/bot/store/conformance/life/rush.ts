import fc from 'fast-check';
import { expect } from 'vitest';
import type { Store } from '../../../../../bot/store/store.ts';
import { type Job, pictureCount } from '../../../../../commands/job.ts';
import { chargedTo, draw, failure, finish, found, newGuild, request, WORKER } from '../../requests.ts';
import { isEnd, MEASURED_SECONDS } from './model.ts';

const ACTS = ['accept', 'take', 'finish', 'finish', 'fail', 'cancel', 'release', 'vanish', 'sweep', 'deliver'] as const;

export interface Act {
  readonly kind: (typeof ACTS)[number];
  /** Which of the jobs so far, or of the events. */
  readonly chosen: number;
}

/** Some acts at a time, whose order only the database decides. */
export const anyRush: fc.Arbitrary<readonly (readonly Act[])[]> = fc.array(
  fc.array(fc.record({ kind: fc.constantFrom(...ACTS), chosen: fc.nat(7) }), { minLength: 1, maxLength: 6 }),
  { minLength: 3, maxLength: 8 },
);

/** Acts at once on one guild's jobs. Nobody can say what each of them will find; but in the end the books must balance. */
export class Rush {
  private readonly guild = newGuild();
  private readonly jobs = new Map<string, Job>();
  /** How often somebody was told that their act has ended the job. */
  private readonly ends = new Map<string, number>();
  private readonly claimed: string[] = [];
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  async all(acts: readonly Act[]): Promise<void> {
    await Promise.all(acts.map((act) => this.go(act)));
  }

  async check(): Promise<void> {
    const sums = { pictures: 0, seconds: 0, queued: 0, ended: 0 };
    for (const { id, reservedSeconds, work } of this.jobs.values()) {
      const { status } = await found(this.store, { id });
      expect(await this.store.pictures.ofJob(id)).toHaveLength(status === 'done' ? pictureCount(work) : 0);
      expect(this.ends.get(id) ?? 0, `${status} by`).toBeLessThanOrEqual(isEnd(status) ? 1 : 0);
      const isCharged = status !== 'failed' && status !== 'cancelled';
      sums.pictures += isCharged ? pictureCount(work) : 0;
      sums.seconds += isCharged ? (status === 'done' ? MEASURED_SECONDS : reservedSeconds) : 0;
      sums.queued += status === 'queued' ? 1 : 0;
      sums.ended += isEnd(status) ? 1 : 0;
    }
    const charged = await chargedTo(this.store, this.guild);
    expect(charged.pictures).toBe(sums.pictures);
    expect(charged.seconds).toBeCloseTo(sums.seconds, 6);
    expect(await this.store.jobs.countWaiting()).toBe(sums.queued);
    expect(new Set(this.claimed).size, 'a delivery for two').toBe(this.claimed.length);
    expect(await this.store.deliveries.countOwed()).toBe(sums.ended);
    // Whatever is left can still be drawn: no turn was lost.
    for (let left = sums.queued; left > 0; left--) expect(await this.store.jobs.takeNext(WORKER)).not.toBeNull();
    expect(await this.store.jobs.takeNext(WORKER)).toBeNull();
  }

  private async go({ kind, chosen }: Act): Promise<void> {
    const { jobs, deliveries } = this.store;
    switch (kind) {
      case 'accept': {
        const event = `${this.guild} ${chosen}`;
        const { job } = await jobs.accept(request({ guild: this.guild, user: `u${chosen % 2}`, event, work: draw(2) }));
        this.jobs.set(job.id, job);
        return;
      }
      case 'take':
      case 'vanish':
        await jobs.takeNext(kind === 'take' ? WORKER : { ...WORKER, seconds: 0 });
        return;
      case 'sweep':
        await jobs.reclaimExpired();
        return;
      case 'deliver':
        for (const { job } of await deliveries.claimDue(['discord'], 3, 600)) this.claimed.push(job.id);
        return;
      default: {
        const job = [...this.jobs.values()].at(chosen % Math.max(1, this.jobs.size));
        if (job !== undefined) await this.act(kind, job);
      }
    }
  }

  private async act(kind: 'finish' | 'fail' | 'cancel' | 'release', job: Job): Promise<void> {
    const { jobs } = this.store;
    if (kind === 'release') return jobs.release(job.id, WORKER.worker);
    const hasEnded =
      kind === 'finish'
        ? await finish(this.store, job, MEASURED_SECONDS)
        : kind === 'fail'
          ? await jobs.fail(job.id, WORKER.worker, 'failed', failure)
          : (await jobs.cancel(job.id)) === 'cancelled';
    if (hasEnded) this.ends.set(job.id, (this.ends.get(job.id) ?? 0) + 1);
  }
}
