import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningOutbox, startOutbox } from '../../../bot/delivery/outbox.ts';
import type { Platform } from '../../../bot/platform.ts';
import { localProgress } from '../../../bot/progress/progress-bus.ts';
import type { Store } from '../../../bot/store/store.ts';
import type { GuildId, JobId } from '../../../commands/ids.ts';
import { watchedLog } from '../../canary.ts';
import { accepted, ScriptedHost } from '../platform-harness.ts';
import { type MemoryStore, openMemoryStore } from '../store/memory-store.ts';
import { chargedTo, finish, newGuild, request, take } from '../store/requests.ts';

/** What may come of a call. The first two are meant for good, the others for the moment only. */
export const troubles = [
  '403',
  '400 with an unknown code',
  '429 without a time',
  '5xx',
  'a lost answer',
  'no answer at all',
] as const;
export type Trouble = (typeof troubles)[number];
export const isForGood = (trouble: Trouble): boolean => trouble === '403' || trouble === '400 with an unknown code';

/** Of one message that stands, what the suite looks at. */
export interface Standing {
  readonly pictures: number;
  readonly text: string;
  /** It says that a picture is under way. */
  readonly isPlaceholder: boolean;
}

export interface RefusalHarness {
  readonly platform: Platform;
  /** Somebody asks for a picture; resolves when the placeholder, if one is shown, is on record. */
  asks(): Promise<void>;
  /** Leaves the delivery this way only, and makes trouble for it: once, or where it is meant for good every time. */
  makeTrouble(way: string, trouble: Trouble): void;
  /** What the platform does not take of the first answer, for good. */
  refuseFirstAnswer(): void;
  /** The bot's messages that whoever asked can read, wherever. */
  standing(): readonly Standing[];
  /** Lets a wait that the platform asked for be over. */
  passTime(): void;
  close(): Promise<void>;
}

export interface RefusalSuite {
  readonly name: string;
  readonly platform: 'discord' | 'slack';
  readonly ways: readonly string[];
  readonly makeHarness: (host: ScriptedHost) => Promise<RefusalHarness>;
}

/** A host whose requests become jobs of a real store. */
class StoreHost extends ScriptedHost {
  readonly guild: GuildId = newGuild();
  job: JobId | null = null;
  private readonly store: Store;

  constructor(store: Store, platform: 'discord' | 'slack') {
    super();
    this.store = store;
    this.answer = async (asked) => {
      const { channel, user } = asked.origin;
      const about = { platform, guild: this.guild, channel, user, event: randomUUID(), replyTo: asked.replyTo };
      const { job } = await store.jobs.accept(request(about));
      this.job = job.id;
      const cancel = { command: 'cancel', target: job.id, label: 'Cancel', style: 'danger' } as const;
      return { ...accepted('a cat in the snow', 0), job: job.id, buttons: [[cancel]] };
    };
  }

  override async keepReplyTo(job: JobId, replyTo: unknown): Promise<void> {
    await super.keepReplyTo(job, replyTo);
    await this.store.jobs.keepReplyTo(job, replyTo);
  }
}

/** Whatever a platform says to a delivery: the picture comes once, or words come and nothing is charged. */
export function refusalConformance({ name, platform, ways, makeHarness }: RefusalSuite): void {
  describe(`what ${name} may answer to a delivery`, () => {
    const progress = localProgress();
    let memory: MemoryStore;
    let picture: Uint8Array;
    let host: StoreHost;
    let harness: RefusalHarness;
    let outbox: RunningOutbox;

    beforeAll(async () => {
      memory = await openMemoryStore();
      picture = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#205090' } })
        .png()
        .toBuffer();
    });
    afterAll(() => memory.store.close());
    beforeEach(async () => {
      host = new StoreHost(memory.store, platform);
      harness = await makeHarness(host);
    });
    afterEach(async () => {
      await harness.close();
      await outbox.stop();
      if (host.job !== null) await memory.store.deliveries.refused(host.job, 'left by a test');
    });

    /** Has the job drawn and its message brought; resolves when nothing is owed any more. */
    async function settled(): Promise<void> {
      const { store, database } = memory;
      if (!(await finish(store, await take(store)))) throw new Error('The lease was lost.');
      outbox = startOutbox({
        ...{ store, progress, platforms: [harness.platform], process: 'a', log: watchedLog() },
        blobs: { get: async () => picture },
      });
      const nothingIsOwed = async (): Promise<number> => {
        harness.passTime();
        await database.client.query(`update easel.deliveries set due_at = now() where lease_until is null`);
        if (host.job !== null) progress.publish({ job: host.job, state: 'finished', status: 'done' });
        return store.deliveries.countOwed();
      };
      await expect.poll(nothingIsOwed, { timeout: 20_000, interval: 50 }).toBe(0);
    }

    async function expectFairEnd({ mayBeUnheard }: { mayBeUnheard: boolean }): Promise<void> {
      const standing = harness.standing();
      const shown = standing.filter(({ pictures }) => pictures > 0);
      const words = standing.filter(({ text }) => text.includes('/history'));
      expect(standing.filter(({ isPlaceholder }) => isPlaceholder)).toEqual([]);
      expect(shown.length).toBeLessThanOrEqual(1);
      expect(await chargedTo(memory.store, host.guild)).toMatchObject({ pictures: shown.length });
      if (mayBeUnheard) return;
      expect(shown.length + words.length).toBe(1);
      // No line is left that promises something else.
      expect(standing).toHaveLength(1);
    }

    describe.each(ways)('%s', (way) => {
      it.each(troubles)(
        '%s',
        async (trouble) => {
          await harness.asks();
          harness.makeTrouble(way, trouble);
          await settled();
          // Where not even the direct conversation takes anything, nobody can be told.
          await expectFairEnd({ mayBeUnheard: way === 'direct message' && isForGood(trouble) });
          if (!isForGood(trouble)) expect(harness.standing().filter(({ pictures }) => pictures > 0)).toHaveLength(1);
        },
        30_000,
      );
    });

    it('a first answer that is refused: the person hears something, and the picture comes', async () => {
      harness.refuseFirstAnswer();
      await harness.asks();
      await expect.poll(() => harness.standing().length).toBeGreaterThan(0);
      await settled();
      await expectFairEnd({ mayBeUnheard: false });
      expect(harness.standing().filter(({ pictures }) => pictures > 0)).toHaveLength(1);
    }, 30_000);
  });
}
