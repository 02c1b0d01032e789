import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { channelIdSchema, messageIdSchema } from '../../../commands/ids.ts';
import type { MessageReply } from '../../../commands/reply.ts';
import { Newest } from '../../newest.ts';
import { type DeliveredMessage, DeliveryError, type OutgoingDelivery } from '../../platform.ts';
import { phrasesFor } from '../phrases.ts';
import { type RenderedMessage, renderMessage } from '../render/blocks.ts';
import { fitText } from '../render/text.ts';
import { toDeliveryError } from '../transport/slack-error.ts';
import { isDirect, isRefused, keyOf, type Outbound, type Place, type Posted, uploadStateSchema } from './outbound.ts';
import type { ProgressEdits } from './pace.ts';
import type { Placeholders } from './placeholders.ts';
import type { Previews } from './previews.ts';
import { type ReplyTo, replyToSchema } from './reply-to.ts';

const postedSchema = z.strictObject({ channel: z.string(), ts: z.string() });

/** What earlier tries have done. */
const stateSchema = z.strictObject({
  uploads: uploadStateSchema,
  /** The message that shows the answer, or will. */
  message: postedSchema.nullable(),
  fileShared: z.boolean(),
  /** Messages that Slack does not let us edit: they have to go, for the answer is another one. */
  standing: z
    .preprocess((kept) => (Array.isArray(kept) ? kept : [kept ?? []].flat()), z.array(postedSchema))
    .default([]),
  /** No edit is taken, so the whole answer is posted. */
  posting: z.boolean().default(false),
  /** A post was begun, and whether it happened nobody may know. */
  mayBeThere: z.boolean().default(false),
});
type State = z.infer<typeof stateSchema>;

const NOTHING_DONE: State = {
  uploads: [],
  message: null,
  fileShared: false,
  standing: [],
  posting: false,
  mayBeThere: false,
};

/** A delivery on its way, and what its tries have done so far. */
interface Bringing {
  readonly delivery: OutgoingDelivery;
  readonly replyTo: ReplyTo;
  readonly content: RenderedMessage;
  readonly state: () => State;
  readonly save: (change: Partial<State>) => Promise<void>;
}

const REMEMBERED = 1000;

/** In a busy channel a placeholder may wait for its turn longer than this; the outbox serves others meanwhile. */
const PATIENCE_MS = 5000;

/**
 * Brings finished messages. A picture arrives by editing a message of ours, because an edit may be repeated and a post may
 * not: where there is no placeholder to edit, a line that mentions the requester is posted first, and recorded. Only where
 * Slack takes no edit at all is the whole answer posted.
 */
export class Deliveries {
  private readonly outbound: Outbound;
  private readonly edits: ProgressEdits;
  private readonly placeholders: Placeholders;
  private readonly previews: Previews;
  /** By nonce: what a try did that the outbox may not have recorded. */
  private readonly remembered = new Newest<string, State>(REMEMBERED);

  constructor(parts: { outbound: Outbound; edits: ProgressEdits; placeholders: Placeholders; previews: Previews }) {
    this.outbound = parts.outbound;
    this.edits = parts.edits;
    this.placeholders = parts.placeholders;
    this.previews = parts.previews;
  }

  /** Rejects with a `DeliveryError`. */
  async deliver(delivery: OutgoingDelivery): Promise<DeliveredMessage> {
    const replyTo = replyToSchema.safeParse(delivery.replyTo);
    if (!replyTo.success) throw new DeliveryError('refused', 'This delivery does not say where in Slack it goes.');
    try {
      const message = await this.attempt(delivery, replyTo.data);
      return { channel: channelIdSchema.parse(message.channel), message: messageIdSchema.parse(message.ts) };
    } catch (error) {
      throw toDeliveryError(error);
    }
  }

  private async attempt(delivery: OutgoingDelivery, replyTo: ReplyTo): Promise<Posted> {
    const { message: reply, nonce } = delivery;
    let state = this.stateOf(delivery);
    const save = async (change: Partial<State>) => {
      state = { ...state, ...change };
      this.remembered.set(nonce, state);
      await delivery.savePartial(state);
    };
    const files = await this.outbound.upload(reply, delivery.readBlob, state.uploads, (uploads) => save({ uploads }));
    const requester = reply.visibility === 'public' ? replyTo.name : null;
    const content = renderMessage(reply, files, phrasesFor(replyTo.locale), requester);
    const target = await this.bring({ delivery, replyTo, content, state: () => state, save });
    if (reply.file !== undefined && !state.fileShared) {
      await this.outbound.share({ channel: target.channel, thread: replyTo.thread }, reply.file);
      await save({ fileShared: true });
    }
    for (const old of state.standing) {
      if (keyOf(old) !== keyOf(target)) await this.removeOld(old);
      await this.previews.tidy(keyOf(old), true);
    }
    this.remembered.set(nonce, { ...state, message: target });
    await this.previews.tidy(keyOf(target), true);
    return target;
  }

  /** Shows the answer: over the placeholder, else over a line of its own, else as a whole message. */
  private async bring(bringing: Bringing): Promise<Posted> {
    const { delivery, replyTo, content, state, save } = bringing;
    if (state().posting) return state().message ?? this.post(bringing, delivery.nonce, content);

    const { message, standing } = state();
    const isFirst = message === null && standing.length === 0 && !state().mayBeThere;
    const known = isFirst ? await this.placeholder(delivery, replyTo, (found) => save({ message: found })) : message;
    if (known !== null && (await this.isEdited(known, content))) return known;
    if (known !== null) await save({ message: null, standing: [...standing, known] });

    const announced = await this.post(bringing, `${delivery.nonce}.line`, announcement(replyTo, delivery.message));
    if (await this.isEdited(announced, content)) return announced;
    await save({ message: null, standing: [...state().standing, announced], posting: true, mayBeThere: false });
    return this.post(bringing, delivery.nonce, content);
  }

  /** False: whatever Slack has against this edit, another way may be taken. */
  private async isEdited(message: Posted, content: RenderedMessage): Promise<boolean> {
    try {
      await this.outbound.update(message, content);
      return true;
    } catch (error) {
      if (!isRefused(error)) throw error;
      return false;
    }
  }

  /** Posts this and keeps where it is; what an earlier try has posted is found by its mark. */
  private async post(
    { delivery, replyTo, state, save }: Bringing,
    mark: string,
    content: RenderedMessage,
  ): Promise<Posted> {
    const { message: reply, acceptedAt } = delivery;
    const isPublic = reply.visibility === 'public';
    const there = state().mayBeThere
      ? await this.inEither(replyTo, isPublic, (place) => this.outbound.findByBlock(place, mark, acceptedAt))
      : null;
    if (there === null) await save({ mayBeThere: true });
    const message = there ?? (await this.postSomewhere(replyTo, isPublic, marked(content, mark)));
    await save({ message, mayBeThere: false });
    return message;
  }

  /** Where it cannot be removed either, it stays. */
  private async removeOld(message: Posted): Promise<void> {
    await this.outbound.remove(message).catch((error: unknown) => {
      if (!isRefused(error)) throw error;
    });
  }

  private stateOf(delivery: OutgoingDelivery): State {
    const saved = stateSchema.safeParse(delivery.partial);
    if (saved.success) return saved.data;
    return this.remembered.get(delivery.nonce) ?? NOTHING_DONE;
  }

  /**
   * The placeholder, from which progress now keeps its hands; never a public one for a private answer. One that had to be
   * searched for is recorded with `keep` first: once the answer is written over it, nothing on it names the job.
   */
  private async placeholder(
    delivery: OutgoingDelivery,
    replyTo: ReplyTo,
    keep: (found: Posted) => Promise<void>,
  ): Promise<Posted | null> {
    const late = sleep(PATIENCE_MS, 'late' as const, { ref: false });
    const placeholder = await Promise.race([this.placeholders.of(replyTo), late]);
    if (placeholder === 'late') {
      throw new DeliveryError('retry', 'The placeholder is not posted yet: the channel is busy.', PATIENCE_MS / 1000);
    }
    if (placeholder === null) {
      const found = await this.findUnconfirmed(delivery, replyTo);
      if (found !== null) {
        await this.edits.close(keyOf(found));
        await keep(found);
      }
      return found;
    }
    await this.edits.close(keyOf(placeholder));
    if (delivery.message.visibility === 'private' && !isDirect(placeholder.channel)) return null;
    return { channel: placeholder.channel, ts: placeholder.ts };
  }

  /**
   * A placeholder that was posted, but whose process or whose answer from Slack was lost: its button names the job. It is
   * in the channel, or in the direct conversation where the channel took nothing or others must not see it.
   */
  private async findUnconfirmed(
    { job, acceptedAt, message }: OutgoingDelivery,
    { channel, thread, user }: ReplyTo,
  ): Promise<Posted | null> {
    return this.inEither({ channel, thread, user }, message.visibility === 'public', (place) =>
      this.outbound.findByButton(place, job, acceptedAt),
    );
  }

  /** Looks in the channel, unless others must not see it, and then in the direct conversation. */
  private async inEither(
    { channel, thread, user }: Pick<ReplyTo, 'channel' | 'thread' | 'user'>,
    isPublic: boolean,
    find: (place: Place) => Promise<Posted | null>,
  ): Promise<Posted | null> {
    const inChannel = isPublic ? await find({ channel, thread }) : null;
    if (inChannel !== null || (isPublic && isDirect(channel))) return inChannel;
    return find({ channel: await this.outbound.direct(user), thread: null });
  }

  /** In the channel; where that takes nothing or others must not see it, in the direct conversation. */
  private async postSomewhere(
    { channel, thread, user }: ReplyTo,
    isPublic: boolean,
    content: RenderedMessage,
  ): Promise<Posted> {
    if (isPublic) {
      try {
        return await this.outbound.post({ channel, thread }, content, { insist: false });
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
    }
    return this.outbound.post({ channel: await this.outbound.direct(user), thread: null }, content, { insist: false });
  }
}

/** The line that the answer will be written over; it mentions the requester, who may long have looked away. */
function announcement(replyTo: ReplyTo, reply: MessageReply): RenderedMessage {
  const line = `<@${replyTo.user}> ${phrasesFor(replyTo.locale).ready((reply.pictures ?? []).length)}`;
  const text = `${line}\n${fitText(reply.title ?? '', 150)}`.trim();
  return { text: line, blocks: [{ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } }] };
}

/** With a mark as its first block's id, by which it is found again. */
function marked({ text, blocks }: RenderedMessage, mark: string): RenderedMessage {
  return { text, blocks: blocks.map((block, index) => (index === 0 ? { ...block, block_id: mark } : block)) };
}
