import { expect } from 'vitest';
import type { Store } from '../../../../../bot/store/store.ts';
import type { GuildId } from '../../../../../commands/ids.ts';
import { type Job, type JobStatus, MAX_ATTEMPTS, pictureCount } from '../../../../../commands/job.ts';
import { chargedTo, found, newGuild } from '../../requests.ts';

/** What a job's drawing takes in this model, whatever was reserved for it. */
export const MEASURED_SECONDS = 2;

/** What must be true of a job, kept beside the store in the plainest way. */
export interface Expected {
  readonly job: Job;
  status: JobStatus;
  attempts: number;
  /** Who draws it; null: nobody. */
  worker: string | null;
  /** Its worker has not been heard of for too long. */
  isExpired: boolean;
  isUnwanted: boolean;
  delivery: 'waiting' | 'due' | 'claimed' | 'settled';
  partial: unknown;
  /** How often somebody was told that it has ended by their doing. */
  ends: number;
}

/** All jobs of a guild of its own, in the order in which they were accepted. */
export class Model {
  readonly guild: GuildId = newGuild();
  readonly jobs: Expected[] = [];
  /** By event, for what is repeated. */
  readonly events = new Map<number, Expected>();

  accept(job: Job, event: number): void {
    const one: Expected = {
      ...{ job, status: 'queued', attempts: 0, worker: null, isExpired: false, isUnwanted: false },
      ...{ delivery: 'waiting', partial: null, ends: 0 },
    };
    this.jobs.push(one);
    this.events.set(event, one);
  }

  of(id: string): Expected {
    const one = this.jobs.find(({ job }) => job.id === id);
    if (one === undefined) throw new Error('The store speaks of a job that nobody asked for.');
    return one;
  }

  end(one: Expected, status: 'done' | 'failed' | 'cancelled'): void {
    Object.assign(one, { status, worker: null, isExpired: false, delivery: 'due', ends: one.ends + 1 });
  }

  /** A wish to cancel ends the job where it would have to wait again. */
  putBack(one: Expected): void {
    if (one.isUnwanted) this.end(one, 'cancelled');
    else Object.assign(one, { status: 'queued', worker: null, isExpired: false });
  }

  /** Its worker has vanished. */
  reclaim(one: Expected): void {
    if (one.attempts >= MAX_ATTEMPTS && !one.isUnwanted) this.end(one, 'failed');
    else this.putBack(one);
  }
}

/** The store says of every job what the model says, and every sum is that of its parts. */
export async function agree(model: Model, store: Store): Promise<void> {
  let pictures = 0;
  let seconds = 0;
  for (const { job, status, attempts, ends } of model.jobs) {
    expect(await found(store, job)).toMatchObject({ status, attempts });
    expect(ends).toBe(isEnd(status) ? 1 : 0);
    const made = await store.pictures.ofJob(job.id);
    expect(made).toHaveLength(status === 'done' ? pictureCount(job.work) : 0);
    const isCharged = status !== 'failed' && status !== 'cancelled';
    pictures += isCharged ? pictureCount(job.work) : 0;
    seconds += isCharged ? (status === 'done' ? MEASURED_SECONDS : job.reservedSeconds) : 0;
  }
  const charged = await chargedTo(store, model.guild);
  expect(charged.pictures).toBe(pictures);
  expect(charged.seconds).toBeCloseTo(seconds, 6);
  const count = (is: (one: Expected) => boolean): number => model.jobs.filter(is).length;
  expect(await store.deliveries.countOwed()).toBe(
    count(({ delivery }) => delivery === 'due' || delivery === 'claimed'),
  );
  const queued = count(({ status }) => status === 'queued');
  expect(await store.jobs.countWaiting()).toBe(queued);
  const listed = await store.jobs.waiting({ guild: model.guild, limit: 1000 });
  expect(listed.filter(({ job }) => job.status === 'queued')).toHaveLength(queued);
}

export function isEnd(status: JobStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled';
}
