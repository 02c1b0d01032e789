import fc from 'fast-check';
import { expect } from 'vitest';
import type { Store } from '../../../../../bot/store/store.ts';
import { messageIdSchema } from '../../../../../commands/ids.ts';
import { draw, failure, finish, found, OTHER_WORKER, request, WORKER } from '../../requests.ts';
import { type Expected, MEASURED_SECONDS, type Model } from './model.ts';

type LifeCommand = fc.AsyncCommand<Model, Store>;

/** Which of the jobs so far a command is about. */
const anyJob = fc.nat(8);
const anyWorker = fc.constantFrom(WORKER, OTHER_WORKER);
const user = fc.nat(2);
const message = messageIdSchema.parse('1');

/** A command that is about one job; it is left out as long as there is none. */
function about(
  name: string,
  chosen: number,
  run: (one: Expected, model: Model, store: Store) => Promise<void>,
): LifeCommand {
  return {
    check: ({ jobs }) => jobs.length > 0,
    async run(model, store) {
      const one = model.jobs[chosen % model.jobs.length];
      if (one !== undefined) await run(one, model, store);
    },
    toString: () => `${name}(${chosen})`,
  };
}

function always(name: string, run: LifeCommand['run']): LifeCommand {
  return { check: () => true, run, toString: () => name };
}

/** Everything that may happen in a job's life: people, workers, the sweep, the outbox, and what ends them all at once. */
export const lifeCommands: readonly fc.Arbitrary<LifeCommand>[] = [
  fc.record({ user, count: fc.integer({ min: 1, max: 4 }), event: fc.nat(12) }).map(({ user, count, event }) =>
    always(`accept(event ${event}, user ${user}, count ${count})`, async (model, store) => {
      const input = request({
        ...{
          guild: model.guild,
          user: `u${user}`,
          event: `${model.guild} ${event}`,
          channel: `${model.guild} ${user}`,
        },
        work: draw(count),
      });
      const { job, repeated } = await store.jobs.accept(input);
      const known = model.events.get(event);
      expect(repeated).toBe(known !== undefined);
      if (known !== undefined) expect(job.id).toBe(known.job.id);
      else model.accept(job, event);
    }),
  ),

  fc.record({ worker: anyWorker, vanishes: fc.boolean() }).map(({ worker: { worker, seconds }, vanishes }) =>
    always(`take(${worker}${vanishes ? ', vanishes' : ''})`, async (model, store) => {
      const job = await store.jobs.takeNext({ worker, seconds: vanishes ? 0 : seconds });
      expect(job !== null).toBe(model.jobs.some(({ status }) => status === 'queued'));
      if (job === null) return;
      const one = model.of(job.id);
      expect(one.status).toBe('queued');
      Object.assign(one, { status: 'running', attempts: one.attempts + 1, worker, isExpired: vanishes });
    }),
  ),

  fc.record({ job: anyJob, worker: anyWorker }).map(({ job, worker }) =>
    about(`renew[${worker.worker}]`, job, async (one, _model, { jobs }) => {
      const { held, cancelled } = await jobs.renew(one.job.id, worker);
      expect(held).toBe(one.worker === worker.worker);
      if (!held) return;
      expect(cancelled).toBe(one.isUnwanted);
      one.isExpired = false;
    }),
  ),

  fc.record({ job: anyJob, worker: anyWorker }).map(({ job, worker: { worker } }) =>
    about(`finish[${worker}]`, job, async (one, model, store) => {
      const isHeld = one.worker === worker;
      const hasEnded = await finish(store, one.job, MEASURED_SECONDS, worker);
      // Whoever asked was told that it costs nothing: the store may refuse what comes too late, and end it so.
      expect(hasEnded).toBe(isHeld && !one.isUnwanted);
      if (isHeld) model.end(one, (await found(store, one.job)).status === 'done' ? 'done' : 'cancelled');
    }),
  ),

  fc.record({ job: anyJob, worker: anyWorker }).map(({ job, worker: { worker } }) =>
    about(`fail[${worker}]`, job, async (one, model, { jobs }) => {
      const isHeld = one.worker === worker;
      expect(await jobs.fail(one.job.id, worker, 'failed', failure)).toBe(isHeld);
      if (isHeld) model.end(one, 'failed');
    }),
  ),

  fc.record({ job: anyJob, worker: anyWorker }).map(({ job, worker: { worker } }) =>
    about(`release[${worker}]`, job, async (one, model, { jobs }) => {
      await jobs.release(one.job.id, worker);
      if (one.worker === worker) model.putBack(one);
    }),
  ),

  anyJob.map((job) =>
    about('cancel', job, async (one, model, { jobs }) => {
      const outcome = await jobs.cancel(one.job.id);
      if (one.status === 'queued') {
        expect(outcome).toBe('cancelled');
        model.end(one, 'cancelled');
      } else if (one.status === 'running') {
        expect(outcome).toBe('stopping');
        one.isUnwanted = true;
      } else expect(outcome).toBe('finished');
    }),
  ),

  fc.constant(
    always('sweep', async (model, { jobs }) => {
      const lost = model.jobs.filter(({ status, isExpired }) => status === 'running' && isExpired);
      const returned = (await jobs.reclaimExpired()).map(({ id, status }) => `${id} ${status}`);
      for (const one of lost) model.reclaim(one);
      expect(returned.sort()).toEqual(lost.map(({ job, status }) => `${job.id} ${status}`).sort());
    }),
  ),

  fc.constantFrom(0, 60).map((seconds) =>
    always(`claim(for ${seconds} s)`, async (model, store) => {
      const owed = await store.deliveries.claimDue(['discord'], 100, seconds);
      for (const { job, partial, pictures } of owed) {
        const one = model.of(job.id);
        expect(one.delivery).toBe('due');
        expect(job.status).toBe(one.status);
        expect(pictures.length > 0).toBe(one.status === 'done');
        expect(partial).toEqual(one.partial);
        if (seconds > 0) one.delivery = 'claimed';
      }
      // One a channel: every channel that has something due, and nothing in hand, is served.
      const channels = (is: Expected['delivery']) =>
        new Set(model.jobs.filter(({ delivery }) => delivery === is).map(({ job }) => job.origin.channel));
      if (seconds > 0) for (const channel of channels('due')) expect(channels('claimed').has(channel)).toBe(true);
    }),
  ),

  fc.record({ job: anyJob, part: fc.nat() }).map(({ job, part }) =>
    about(`partial[${part}]`, job, async (one, _model, { deliveries }) => {
      if (one.delivery !== 'claimed') return;
      await deliveries.savePartial(one.job.id, { part });
      one.partial = { part };
    }),
  ),

  fc.record({ job: anyJob, outcome: fc.constantFrom('delivered', 'refused', 'retried') }).map(({ job, outcome }) =>
    about(outcome, job, async (one, _model, { deliveries }) => {
      if (one.delivery !== 'claimed') return;
      if (outcome === 'retried') await deliveries.retryLater(one.job.id, 0, 'busy');
      else if (outcome === 'refused') await deliveries.refused(one.job.id, 'The channel is gone.');
      else await deliveries.delivered(one.job.id, { channel: one.job.origin.channel, message });
      one.delivery = outcome === 'retried' ? 'due' : 'settled';
    }),
  ),

  anyJob.map((job) =>
    about('lose', job, async (one, _model, { jobs }) => {
      if (one.status !== 'done' || one.delivery !== 'claimed') return;
      await jobs.lose(one.job.id, failure);
      one.status = 'failed';
    }),
  ),

  fc.constant(
    always('restart', async (model, { jobs, deliveries }) => {
      // All processes end: nothing that they held is heard of again, and the claims of the outbox run out.
      await jobs.expireLeases();
      for (const one of model.jobs) if (one.status === 'running') one.isExpired = true;
      const claimed = model.jobs.filter(({ delivery }) => delivery === 'claimed');
      await deliveries.renewClaims(
        claimed.map(({ job }) => job.id),
        -1,
      );
      for (const one of claimed) one.delivery = 'due';
    }),
  ),
];
