import { afterEach, describe, expect, it } from 'vitest';
import { type ChannelId, channelIdSchema, messageIdSchema } from '../../../../commands/ids.ts';
import type { Job } from '../../../../commands/job.ts';
import { drawn, failure, finish, request, take } from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

const message = messageIdSchema.parse('1');

/** What is owed is owed until it is there or given up. */
export function deliverySuite({ store, removeJobs }: StoreUnderTest): void {
  describe('a delivery', () => {
    afterEach(removeJobs);
    const claim = async (limit = 10, seconds = 60) =>
      (await store().deliveries.claimDue(['discord'], limit, seconds)).map(({ job }) => job.id);

    it('is claimed by one, even when many look at once', async () => {
      const jobs: Job[] = [];
      for (let index = 0; index < 8; index++) jobs.push(await drawn(store(), request()));
      const claims = await Promise.all(Array.from({ length: 6 }, () => claim(3)));
      const ids = claims.flat();
      expect(new Set(ids).size).toBe(ids.length);
      ids.push(...(await claim(10)));
      expect(ids.sort()).toEqual(jobs.map(({ id }) => id).sort());
    });

    it('goes out by channel in the order of the jobs’ ends, one at a time', async () => {
      const channel = 'crowded';
      const first = await drawn(store(), request({ channel }));
      const second = await drawn(store(), request({ channel }));
      const elsewhere = await drawn(store(), request());
      expect(await claim()).toEqual([first.id, elsewhere.id]);
      expect(await claim()).toEqual([]);
      await store().deliveries.retryLater(first.id, 0, 'busy');
      expect(await claim()).toEqual([first.id]);
      await store().deliveries.delivered(first.id, { channel: first.origin.channel, message });
      expect(await claim()).toEqual([second.id]);
    });

    it('is for its own platform', async () => {
      const slack = await drawn(store(), request({ platform: 'slack', channel: 'same' }));
      const discord = await drawn(store(), request({ platform: 'discord', channel: 'same' }));
      expect(await claim()).toEqual([discord.id]);
      expect((await store().deliveries.claimDue(['slack', 'web'], 10, 60)).map(({ job }) => job.id)).toEqual([
        slack.id,
      ]);
      expect(await store().deliveries.claimDue([], 10, 60)).toEqual([]);
    });

    it('is claimed again when who claimed it has vanished, with its place, nonce and part', async () => {
      const job = await drawn(store(), request({ replyTo: ['a', 1] }));
      const [first] = await store().deliveries.claimDue(['discord'], 1, 0);
      await store().deliveries.savePartial(job.id, 'half');
      const [second] = await store().deliveries.claimDue(['discord'], 1, 60);
      expect(second).toMatchObject({ job: { id: job.id }, partial: 'half', replyTo: ['a', 1], nonce: first?.nonce });
      expect(first?.nonce.length).toBeLessThanOrEqual(25);
      expect(second?.attempts).toBeGreaterThan(0);
      expect(await claim()).toEqual([]);
    });

    it('is not claimed by another process than the one that shows the job’s progress', async () => {
      const { deliveries, jobs } = store();
      const { job } = await jobs.accept(request());
      expect(await deliveries.claimShowing([job.id], 'a', 60)).toEqual([job.id]);
      expect(await deliveries.claimShowing([job.id], 'b', 60)).toEqual([]);
      await finish(store(), await take(store()), 1);
      expect(await deliveries.claimShowing([job.id], 'a', 60)).toEqual([]);
      expect(await deliveries.claimDue(['discord'], 1, 60, 'b')).toEqual([]);
      await deliveries.releaseShowing('b', job.id);
      expect(await deliveries.claimDue(['discord'], 1, 60, 'b')).toEqual([]);
      await deliveries.releaseShowing('a', job.id);
      expect(await deliveries.claimDue(['discord'], 1, 60, 'b')).toMatchObject([{ job: { id: job.id } }]);
    });

    it('is shown, and claimed, by another process when the one that showed it is gone', async () => {
      const { deliveries, jobs } = store();
      const { job } = await jobs.accept(request());
      const other = await jobs.accept(request());
      await deliveries.claimShowing([job.id, other.job.id], 'a', 0);
      expect(await deliveries.claimShowing([job.id], 'b', 60)).toEqual([job.id]);
      await deliveries.releaseShowing('a');
      expect(await deliveries.claimShowing([other.job.id, job.id], 'c', 60)).toEqual([other.job.id]);
    });

    it('stays claimed as long as who claimed it says so', async () => {
      const job = await drawn(store(), request());
      const waiting = await drawn(store(), request());
      await store().deliveries.claimDue(['discord'], 1, 0);
      await store().deliveries.renewClaims([job.id, waiting.id], 60);
      expect(await claim()).toEqual([waiting.id]);
      await store().deliveries.retryLater(job.id, 0, 'busy');
      await store().deliveries.renewClaims([job.id], 60);
      expect(await claim()).toEqual([job.id]);
    });

    it('is changed no more by who has lost its claim to another', async () => {
      const job = await drawn(store(), request());
      const [stalled] = await store().deliveries.claimDue(['discord'], 1, 0);
      const [holder] = await store().deliveries.claimDue(['discord'], 1, 60);
      const late = stalled!.claim;
      await store().deliveries.savePartial(job.id, 'late', late);
      await store().deliveries.retryLater(job.id, 0, 'late', late);
      await store().deliveries.refused(job.id, 'late', late);
      await store().deliveries.delivered(job.id, { channel: job.origin.channel, message }, late);
      await store().deliveries.renewClaims([job.id], -1, new Map([[job.id, late]]));
      expect(await claim()).toEqual([]);
      expect(await store().deliveries.countOwed()).toBe(1);
      expect(await store().jobs.ofMessage('discord', job.origin.channel, message)).toBeNull();
      expect(await store().jobs.withhold(job.id, failure, late)).toBe(false);
      await store().deliveries.delivered(job.id, { channel: job.origin.channel, message }, holder!.claim);
      expect(await store().jobs.withhold(job.id, failure)).toBe(false);
      expect(await store().deliveries.countOwed()).toBe(0);
      expect((await store().jobs.ofMessage('discord', job.origin.channel, message))?.id).toBe(job.id);
    });

    it('has a nonce of its own', async () => {
      for (let index = 0; index < 5; index++) await drawn(store(), request());
      const owed = await store().deliveries.claimDue(['discord'], 10, 60);
      expect(new Set(owed.map(({ nonce }) => nonce)).size).toBe(5);
    });

    it('is tried again after its time, and counts its tries', async () => {
      const job = await drawn(store(), request());
      for (const attempts of [0, 1, 2]) {
        const [owed] = await store().deliveries.claimDue(['discord'], 1, 60);
        expect(owed).toMatchObject({ job: { id: job.id }, attempts });
        await store().deliveries.retryLater(job.id, 0, 'busy');
      }
      expect(await store().deliveries.nextDueInSeconds()).toBe(0);
      await store().deliveries.retryLater(job.id, 3600, 'a long pause\u0000');
      expect(await claim()).toEqual([]);
      expect(await store().deliveries.countOwed()).toBe(1);
      const seconds = await store().deliveries.nextDueInSeconds();
      expect(seconds).toBeGreaterThan(3000);
      expect(seconds).toBeLessThanOrEqual(3600);
    });

    it('is settled once it is there or given up', async () => {
      const [there, refused] = [await drawn(store(), request()), await drawn(store(), request())];
      await store().deliveries.delivered(there.id, { channel: there.origin.channel, message });
      await store().deliveries.refused(refused.id, 'The channel is gone.');
      expect(await claim()).toEqual([]);
      expect(await store().deliveries.countOwed()).toBe(0);
      expect(await store().deliveries.nextDueInSeconds()).toBeNull();
      await store().deliveries.retryLater(there.id, 0, 'late');
      expect(await claim()).toEqual([]);
    });

    it('may end up in another channel than it was asked in', async () => {
      const job = await drawn(store(), request());
      const thread: ChannelId = channelIdSchema.parse(`thread-${job.id}`);
      await store().deliveries.delivered(job.id, { channel: thread, message });
      expect((await store().jobs.ofMessage('discord', thread, message))?.id).toBe(job.id);
    });
  });
}
