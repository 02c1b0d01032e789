import type { Logger } from 'pino';
import { z } from 'zod';
import { channelIdSchema, messageIdSchema } from '../../../commands/ids.ts';
import { type DeliveredMessage, DeliveryError, type OutgoingDelivery } from '../../platform.ts';
import { formatCustomId } from '../render/custom-id.ts';
import { prepareFiles } from '../render/files.ts';
import { renderMessage } from '../render/message.ts';
import type { DiscordApi, OutgoingMessage, SentMessage } from '../transport/api.ts';
import { codes, DiscordError, isClosed, isRefused, toDeliveryError } from '../transport/discord-error.ts';
import { laneOf } from './lanes.ts';
import type { Placeholders } from './placeholders.ts';
import type { ProgressEdits } from './progress.ts';
import { followUpId, isAlive, type Placeholder, type ReplyTo, replyToSchema, requesterLine } from './reply-to.ts';
import { answersSame, customIds } from './same-message.ts';

const addressSchema = z.strictObject({ channel: z.string(), message: z.string() });

/** What earlier tries have done, as the outbox keeps it. */
const stateSchema = z.strictObject({
  delivered: addressSchema.nullable(),
  /** A post was begun whose outcome nobody may know: where, and when in milliseconds since the epoch. */
  posting: z.strictObject({ channel: z.string(), since: z.number() }).nullable(),
  /** The placeholder that has to go, now that the answer is another message. */
  standing: addressSchema.nullable().default(null),
});
type State = z.infer<typeof stateSchema>;

/** Where files are refused as too large, although they were within the limit that we know of. */
const SMALLER = [1, 0.5, 0.2] as const;

interface DeliveriesOptions {
  readonly api: DiscordApi;
  readonly edits: ProgressEdits;
  readonly placeholders: Placeholders;
  readonly log: Logger;
  readonly now: () => number;
}

/**
 * Brings finished messages. While an interaction's token lives, the answer to it is edited, which may be repeated. After
 * that a message is posted that mentions the requester; a nonce, and a look at what is there, make a repetition harmless.
 */
export class Deliveries {
  private readonly options: DeliveriesOptions;

  constructor(options: DeliveriesOptions) {
    this.options = options;
  }

  /** Rejects with a `DeliveryError`. */
  async deliver(delivery: OutgoingDelivery): Promise<DeliveredMessage> {
    const replyTo = replyToSchema.safeParse(delivery.replyTo);
    if (!replyTo.success) throw new DeliveryError('refused', 'This delivery does not say where in Discord it goes.');
    try {
      const { channel, message } = await this.attempt(delivery, replyTo.data);
      return { channel: channelIdSchema.parse(channel), message: messageIdSchema.parse(message) };
    } catch (error) {
      throw toDeliveryError(error);
    }
  }

  private async attempt(delivery: OutgoingDelivery, replyTo: ReplyTo): Promise<z.infer<typeof addressSchema>> {
    const state = stateSchema.safeParse(delivery.partial).data ?? { delivered: null, posting: null, standing: null };
    const delivered = state.delivered ?? (await this.bring(delivery, replyTo, state));
    if (state.standing !== null) await this.remove(state.standing);
    return delivered;
  }

  /** Shows the answer, and keeps where. */
  private async bring(
    delivery: OutgoingDelivery,
    replyTo: ReplyTo,
    state: State,
  ): Promise<z.infer<typeof addressSchema>> {
    const { placeholders, edits } = this.options;
    const placeholder = await placeholders.of(replyTo);
    const { lane, message: key } = laneOf(replyTo, placeholder);
    await edits.close(lane, key);

    const sent = await this.send(delivery, replyTo, placeholder, state);
    const delivered = { channel: sent.channel_id, message: sent.id };
    state.delivered = delivered;
    await delivery.savePartial(state);
    placeholders.forget(replyTo);
    return delivered;
  }

  /** The message that shows the answer now. */
  private async send(
    delivery: OutgoingDelivery,
    replyTo: ReplyTo,
    placeholder: Placeholder | null,
    state: State,
  ): Promise<SentMessage> {
    const { api, now } = this.options;
    const { interaction } = replyTo;
    const footer = requesterLine(replyTo, delivery.message.visibility);
    if (isAlive(interaction, now())) {
      const edited = await this.unlessRefused(() =>
        this.sized(delivery, replyTo, footer, (message) =>
          api.editAnswer(interaction, message, followUpId(placeholder)),
        ),
      );
      if (edited !== null) return edited;
    } else if (placeholder !== null && !placeholder.ephemeral && interaction === null) {
      const { channel, message: id } = placeholder;
      const edited = await this.unlessRefused(() =>
        this.sized(delivery, replyTo, footer, (message) => api.edit(channel, id, message)),
      );
      if (edited !== null) return edited;
    }
    const old = placeholder === null ? await this.findPlaceholder(delivery, replyTo) : placeholder;
    const isReached = old !== null && !old.ephemeral;
    if (isReached) {
      // An earlier try may have edited it in time, and had no time to tell.
      const there = await this.unlessClosed(() => api.message(old.channel, old.message));
      if (there !== null && answersSame(there, renderMessage(delivery.message), delivery)) return there;
    }
    let posted: SentMessage;
    try {
      posted = await this.post(delivery, replyTo, state);
    } catch (error) {
      if (!isReached || !isRefused(error)) throw error;
      const edited = await this.overOwn(old, delivery, replyTo);
      if (edited === null) throw error;
      return edited;
    }
    if (isReached) state.standing = { channel: old.channel, message: old.message };
    return posted;
  }

  /** Where neither the channel nor the person takes a new message, ours that stands may still be edited. */
  private async overOwn(
    { channel, message: id }: Placeholder,
    delivery: OutgoingDelivery,
    replyTo: ReplyTo,
  ): Promise<SentMessage | null> {
    const { visibility } = delivery.message;
    if (visibility === 'private' && !replyTo.direct && channel === replyTo.channel) return null;
    const footer = requesterLine(replyTo, visibility);
    return this.unlessRefused(() =>
      this.sized(delivery, replyTo, footer, (message) => this.options.api.edit(channel, id, message)),
    );
  }

  /**
   * A placeholder that was shown, but whose process ended before it was on record: its button names the job. That of a
   * private reaction is in the direct conversation; any other private one is reached by its interaction's token alone.
   */
  private async findPlaceholder(
    { job, acceptedAt, message: { visibility } }: OutgoingDelivery,
    replyTo: ReplyTo,
  ): Promise<Placeholder | null> {
    const isElsewhere = replyTo.interaction === null && visibility === 'private' && !replyTo.direct;
    const channel = isElsewhere ? await this.options.api.openDirect(replyTo.user) : replyTo.channel;
    const after = snowflakeAt(acceptedAt.getTime() - CLOCK_SKEW_MS);
    const messages = await this.unlessClosed(() => this.options.api.messagesAfter(channel, after));
    const button = formatCustomId({ kind: 'button', command: 'cancel', target: job, options: {}, inPlace: false });
    const found = messages?.find((message) => customIds(message.components ?? []).includes(button));
    return found === undefined ? null : { channel, message: found.id, ephemeral: false, followUp: false };
  }

  /** A message that mentions the requester: in the channel, or where that is closed or others must not see it, directly. */
  private async post(delivery: OutgoingDelivery, replyTo: ReplyTo, state: State): Promise<SentMessage> {
    const { user, channel, direct } = replyTo;
    if (direct || delivery.message.visibility === 'public') {
      try {
        return await this.postIn(channel, delivery, replyTo, state);
      } catch (error) {
        if (direct || !isRefused(error)) throw error;
        this.options.log.info({ error, channel }, 'A channel takes no answer; it goes to the direct conversation');
      }
    }
    return this.postIn(await this.options.api.openDirect(user), delivery, { ...replyTo, direct: true }, state);
  }

  private async postIn(
    channel: string,
    delivery: OutgoingDelivery,
    replyTo: ReplyTo,
    state: State,
  ): Promise<SentMessage> {
    const { api, now } = this.options;
    if (state.posting?.channel === channel) {
      const found = await this.findPosted(channel, state.posting.since, delivery);
      if (found !== null) return found;
    } else {
      state.posting = { channel, since: now() };
      await delivery.savePartial(state);
    }
    const { nonce } = delivery;
    // It mentions the requester, so no line has to name them.
    return this.sized(delivery, replyTo, null, (message) => api.post(channel, addressed(message, replyTo), { nonce }));
  }

  /** What an earlier try posted, although its answer was lost: a nonce is remembered by Discord for minutes only. */
  private async findPosted(channel: string, since: number, delivery: OutgoingDelivery): Promise<SentMessage | null> {
    const rendered = renderMessage(delivery.message);
    const after = snowflakeAt(since - CLOCK_SKEW_MS);
    const messages = await this.unlessClosed(() => this.options.api.messagesAfter(channel, after));
    return messages?.find((message) => answersSame(message, rendered, delivery)) ?? null;
  }

  /** null: Discord does not take it this way, for whatever reason; there is another. */
  private async unlessRefused<Result>(edit: () => Promise<Result>): Promise<Result | null> {
    try {
      return await edit();
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.options.log.info({ error }, 'An answer cannot be edited; it goes another way');
      return null;
    }
  }

  /** null: what was to be read is gone, or may not be read; then the nonce must do. */
  private async unlessClosed<Result>(read: () => Promise<Result>): Promise<Result | null> {
    try {
      return await read();
    } catch (error) {
      if (!isClosed(error)) throw error;
      this.options.log.debug({ error }, 'Earlier messages cannot be read');
      return null;
    }
  }

  /** Sends with files as large as may be, and smaller where Discord finds them too large all the same. */
  private async sized(
    { message, readBlob }: OutgoingDelivery,
    { fileLimit }: ReplyTo,
    footer: string | null,
    send: (message: OutgoingMessage) => Promise<SentMessage>,
  ): Promise<SentMessage> {
    const rendered = renderMessage(message, { footer });
    for (const share of SMALLER) {
      const { files, attachments } = await prepareFiles(message, readBlob, Math.floor(fileLimit * share));
      try {
        return await send({ body: { ...rendered, attachments }, files });
      } catch (error) {
        const tooLarge = error instanceof DiscordError && (error.code === codes.tooLarge || error.status === 413);
        if (!tooLarge) throw error;
      }
    }
    throw new DeliveryError('refused', 'Discord finds the picture too large at any size.');
  }

  /** A placeholder that says "drawing" beside the finished picture would mislead. */
  private async remove({ channel, message }: z.infer<typeof addressSchema>): Promise<void> {
    await this.unlessClosed(() => this.options.api.delete(channel, message));
  }
}

const CLOCK_SKEW_MS = 60_000;
const DISCORD_EPOCH_MS = 1_420_070_400_000;

/** The least id that a message of this time can have. */
function snowflakeAt(time: number): string {
  return String(BigInt(Math.max(0, Math.floor(time) - DISCORD_EPOCH_MS)) << 22n);
}

/** The message with the requester's name before it; nobody else is ever pinged. */
function addressed({ body, files }: OutgoingMessage, { user, direct }: ReplyTo): OutgoingMessage {
  if (direct) return { body, files };
  const content = [`<@${user}>`, body.content ?? ''].filter((part) => part !== '').join(' ');
  return { body: { ...body, content, allowed_mentions: { parse: [], users: [user] } }, files };
}
