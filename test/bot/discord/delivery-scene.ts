import { createDiscordPlatform, type DiscordPlatform } from '../../../bot/discord/platform.ts';
import type { DeliveredMessage, DeliveryError, OutgoingDelivery } from '../../../bot/platform.ts';
import type { MessageReply } from '../../../commands/reply.ts';
import type { FakeDiscord } from '../../fakes/discord/index.ts';
import type { Person } from '../../fakes/discord/person.ts';
import type { Channel, Message } from '../../fakes/discord/state.ts';
import { accepted, JOB, plainMessage } from '../platform-harness.ts';
import { DiscordHost } from './discord-host.ts';
import { type DiscordSetup, silentLog, startDiscord } from './harness.ts';

export const NONCE = 'easel-0123456789abcdefghi';
/** As long as an interaction's token lives. */
export const QUARTER_HOUR = 15 * 60_000;

const cancel = { command: 'cancel', target: JOB, label: 'Cancel', style: 'secondary' } as const;

/** A channel where ann and bob are, what ann asks for there, and the finished picture that she is owed. */
export class DeliveryScene {
  readonly host: DiscordHost;
  readonly finished: MessageReply;
  readonly fake: FakeDiscord;
  readonly platform: DiscordPlatform;
  readonly general: Channel;
  readonly ann: Person;
  readonly bob: Person;
  readonly close: () => Promise<void>;

  private constructor(host: DiscordHost, finished: MessageReply, setup: DiscordSetup) {
    this.host = host;
    this.finished = finished;
    this.fake = setup.fake;
    this.platform = setup.platform;
    this.general = setup.general;
    this.ann = setup.fake.person('ann', setup.general);
    this.bob = setup.fake.person('bob', setup.general);
    this.close = setup.close;
  }

  static async open(): Promise<DeliveryScene> {
    const host = new DiscordHost();
    host.answer = async () => accepted('Drawing a cat', 0);
    const picture = await host.addPicture(0, 'a cat');
    const refine = { command: 'refine', target: picture.id!, label: 'Refine', style: 'primary' } as const;
    const finished = { ...plainMessage('Seed 7'), pictures: [picture], buttons: [[refine]] };
    return new DeliveryScene(host, finished, await startDiscord(host));
  }

  /** Has ann's request accepted, and its placeholder shown and put on record. */
  async drawing(): Promise<void> {
    await this.ann.slash('imagine', { prompt: 'a cat' });
    await this.fake.until(() => JSON.stringify(this.host.replyTo).includes('"message"'), 'the placeholder on record');
  }

  /** What answers the last request; of the finished picture, these fields are changed. */
  delivery(changes: Partial<MessageReply> = {}): ReturnType<DiscordHost['delivery']> {
    return this.host.delivery({ ...this.finished, ...changes }, NONCE);
  }

  deliver(delivery: OutgoingDelivery = this.delivery()): Promise<DeliveredMessage> {
    return this.platform.deliver(delivery);
  }

  /** Why a delivery comes to nothing; null where it comes. */
  async failure(delivery?: OutgoingDelivery): Promise<DeliveryError | null> {
    return this.deliver(delivery).then(
      () => null,
      (error: unknown) => error as DeliveryError,
    );
  }

  /** The bot's messages with something attached that this person sees. */
  pictures(person = this.ann): readonly Message[] {
    return person.seesOfBot().filter(({ attachments }) => attachments.length > 0);
  }

  /** Has a request's placeholder shown by a bot that ends before that is on record; the bot that comes after it. */
  async shownWithoutRecord(
    visibility: MessageReply['visibility'],
    ask: () => Promise<unknown>,
  ): Promise<DiscordPlatform> {
    this.host.answer = async () => ({ ...accepted('Drawing a cat', 0), buttons: [[cancel]], visibility });
    let isShown = false;
    this.host.keepReplyTo = async () => {
      isShown = true;
      throw new Error('killed');
    };
    await ask();
    await this.fake.until(() => isShown, 'the placeholder');
    return createDiscordPlatform({
      config: { token: this.fake.token, applicationId: this.fake.applicationId, apiUrl: this.fake.apiUrl },
      ...{ log: silentLog, now: this.fake.clock.now },
    });
  }
}
