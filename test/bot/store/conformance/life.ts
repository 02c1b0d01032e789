import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../../bot/store/store.ts';
import type { Job, JobStatus } from '../../../../commands/job.ts';
import { chargedTo, draw, failure, finish, found, newGuild, OTHER_WORKER, request, WORKER } from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

type Step =
  | { readonly kind: 'accept'; readonly user: number; readonly count: number; readonly event: number }
  | { readonly kind: 'take'; readonly vanishes: boolean }
  | {
      readonly kind: 'finish' | 'fail' | 'cancel' | 'release' | 'renew';
      readonly job: number;
      readonly isOther: boolean;
    }
  | { readonly kind: 'reclaim' }
  | { readonly kind: 'deliver' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('accept'),
      user: fc.nat(2),
      count: fc.integer({ min: 1, max: 4 }),
      event: fc.nat(12),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('take'), vanishes: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('finish', 'finish', 'fail', 'cancel', 'release', 'renew'),
      job: fc.nat(8),
      isOther: fc.boolean().map((flag) => flag),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reclaim' }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'deliver' }) },
);

const MEASURED_SECONDS = 2;
const MAX_ATTEMPTS = 3;

/** What must be true of a job, kept beside the store in the plainest way. */
interface Expected {
  readonly job: Job;
  status: JobStatus;
  attempts: number;
  hasLease: boolean;
  isExpired: boolean;
  isUnwanted: boolean;
  isDelivered: boolean;
}

/** Whatever happens in whatever order: each job ends once, is charged for what it brought, and owes one message. */
export function lifeSuite({ store, removeJobs }: StoreUnderTest): void {
  describe('any life of jobs', () => {
    afterEach(removeJobs);

    it('ends each once, charges what was delivered, and owes one message', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          const life = new Life(store());
          for (const each of steps) await life.go(each);
          await life.check();
          await removeJobs();
        }),
        { numRuns: 25 },
      );
    });
  });
}

class Life {
  private readonly guild = newGuild();
  private readonly expected = new Map<string, Expected>();
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  async go(step: Step): Promise<void> {
    switch (step.kind) {
      case 'accept':
        return this.accept(step.user, step.count, step.event);
      case 'take':
        return this.take(step.vanishes);
      case 'reclaim':
        return this.reclaim();
      case 'deliver':
        return this.deliver();
      default: {
        const one = [...this.expected.values()].at(step.job);
        const worker = step.isOther ? OTHER_WORKER : WORKER;
        if (one !== undefined) await this.act(step.kind, one, worker);
      }
    }
  }

  /** The store says of every job what it should be, and the sums are those of its parts. */
  async check(): Promise<void> {
    let pictures = 0;
    let seconds = 0;
    let owed = 0;
    let waiting = 0;
    for (const { job, status, attempts, isDelivered } of this.expected.values()) {
      expect(await found(this.store, job)).toMatchObject({ status, attempts });
      const made = await this.store.pictures.ofJob(job.id);
      const count = job.work.kind === 'draw' ? job.work.count : 1;
      expect(made).toHaveLength(status === 'done' ? count : 0);
      const isCharged = status !== 'failed' && status !== 'cancelled';
      pictures += isCharged ? count : 0;
      seconds += isCharged ? (status === 'done' ? MEASURED_SECONDS : job.reservedSeconds) : 0;
      owed += isEnd(status) && !isDelivered ? 1 : 0;
      waiting += status === 'queued' ? 1 : 0;
    }
    const charged = await chargedTo(this.store, this.guild);
    expect(charged.pictures).toBe(pictures);
    expect(charged.seconds).toBeCloseTo(seconds, 6);
    expect(await this.store.deliveries.countOwed()).toBe(owed);
    expect(await this.store.jobs.countWaiting()).toBe(waiting);
    const listed = await this.store.jobs.waiting({ guild: this.guild, limit: 1000 });
    expect(listed.filter(({ job }) => job.status === 'queued')).toHaveLength(waiting);
  }

  private async accept(user: number, count: number, event: number): Promise<void> {
    const input = request({ guild: this.guild, user: `u${user}`, event: `${this.guild} ${event}`, work: draw(count) });
    const { job, repeated } = await this.store.jobs.accept(input);
    expect(repeated).toBe(this.expected.has(job.id));
    if (!repeated) {
      this.expected.set(job.id, {
        job,
        status: 'queued',
        attempts: 0,
        hasLease: false,
        isExpired: false,
        isUnwanted: false,
        isDelivered: false,
      });
    }
  }

  private async take(vanishes: boolean): Promise<void> {
    const job = await this.store.jobs.takeNext({ ...WORKER, seconds: vanishes ? 0 : WORKER.seconds });
    const isAnyQueued = [...this.expected.values()].some(({ status }) => status === 'queued');
    expect(job !== null).toBe(isAnyQueued);
    const one = job === null ? undefined : this.expected.get(job.id);
    if (one === undefined) return;
    expect(one.status).toBe('queued');
    Object.assign(one, { status: 'running', attempts: one.attempts + 1, hasLease: true, isExpired: vanishes });
  }

  private async act(
    kind: 'finish' | 'fail' | 'cancel' | 'release' | 'renew',
    one: Expected,
    { worker, seconds }: typeof WORKER,
  ): Promise<void> {
    const { jobs } = this.store;
    const isHeld = one.hasLease && worker === WORKER.worker;
    switch (kind) {
      case 'finish': {
        const hasEnded = await finish(this.store, one.job, MEASURED_SECONDS, worker);
        if (hasEnded) expect(isHeld).toBe(true);
        // Whoever asked was told that it costs nothing: the store may refuse what comes too late, and end it so.
        if (isHeld && !one.isUnwanted) expect(hasEnded).toBe(true);
        if (isHeld) end(one, (await found(this.store, one.job)).status === 'done' ? 'done' : 'cancelled');
        return;
      }
      case 'fail':
        expect(await jobs.fail(one.job.id, worker, 'failed', failure)).toBe(isHeld);
        if (isHeld) end(one, 'failed');
        return;
      case 'cancel': {
        const outcomes = {
          queued: 'cancelled',
          running: 'stopping',
          done: 'finished',
          failed: 'finished',
          cancelled: 'finished',
        };
        expect(await jobs.cancel(one.job.id)).toBe(outcomes[one.status]);
        if (one.status === 'running') one.isUnwanted = true;
        if (one.status === 'queued') end(one, 'cancelled');
        return;
      }
      case 'release': {
        await jobs.release(one.job.id, worker);
        if (isHeld) backInLine(one);
        return;
      }
      case 'renew': {
        const { held, cancelled } = await jobs.renew(one.job.id, { worker, seconds });
        expect(held).toBe(isHeld);
        if (isHeld) {
          expect(cancelled).toBe(one.isUnwanted);
          one.isExpired = false;
        }
        return;
      }
      default:
        return kind satisfies never;
    }
  }

  private async reclaim(): Promise<void> {
    const lost = [...this.expected.values()].filter(({ status, isExpired }) => status === 'running' && isExpired);
    const returned = await this.store.jobs.reclaimExpired();
    for (const one of lost) {
      if (one.isUnwanted) end(one, 'cancelled');
      else if (one.attempts >= MAX_ATTEMPTS) end(one, 'failed');
      else backInLine(one);
    }
    const told = (jobs: readonly { id: string; status: JobStatus }[]) =>
      jobs.map(({ id, status }) => `${id} ${status}`);
    const expected = lost.map(({ job, status }) => ({ id: job.id, status }));
    expect(told(returned).sort()).toEqual(told(expected).sort());
  }

  private async deliver(): Promise<void> {
    for (const { job, pictures } of await this.store.deliveries.claimDue(['discord'], 100, 60)) {
      const one = this.expected.get(job.id);
      if (one === undefined) throw new Error('Nobody asked for this.');
      expect(isEnd(one.status) && !one.isDelivered).toBe(true);
      expect(job.status).toBe(one.status);
      expect(pictures.length > 0).toBe(one.status === 'done');
      await this.store.deliveries.refused(job.id, 'delivered as far as this test is concerned');
      one.isDelivered = true;
    }
  }
}

function end(one: Expected, status: 'done' | 'failed' | 'cancelled'): void {
  Object.assign(one, { status, hasLease: false, isExpired: false });
}

/** A wish to cancel ends the job where it would have to wait again. */
function backInLine(one: Expected): void {
  Object.assign(one, { status: one.isUnwanted ? 'cancelled' : 'queued', hasLease: false, isExpired: false });
}

function isEnd(status: JobStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled';
}
