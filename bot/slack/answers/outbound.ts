import { setTimeout as sleep } from 'node:timers/promises';
import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { BlobKey } from '../../../commands/ids.ts';
import type { MessageReply } from '../../../commands/reply.ts';
import type { RenderedMessage } from '../render/blocks.ts';
import type { SlackApi } from '../transport/api.ts';
import { isLockedOut, SlackError } from '../transport/slack-error.ts';
import type { ChannelPace } from './pace.ts';
import { areComplete, completeUploads, isStillProcessing, uploadBytes } from './upload.ts';

/** One message of ours. */
export interface Posted {
  readonly channel: string;
  readonly ts: string;
}

export function keyOf(message: Posted): string {
  return `${message.channel}:${message.ts}`;
}

/** Slack's direct conversations have ids that begin with D. */
export function isDirect(channel: string): boolean {
  return channel.startsWith('D');
}

/** Where a message goes. */
export interface Place {
  readonly channel: string;
  readonly thread: string | null;
}

/** What has been done of an upload; kept by the outbox between tries, so that only what is missing is done again. */
export const uploadStateSchema = z.array(
  z.strictObject({ key: z.string(), file: z.string(), state: z.enum(['uploaded', 'complete']) }),
);
export type UploadState = z.infer<typeof uploadStateSchema>;

/** Codes that say that we cannot write in this channel, so that only the direct conversation is left. */
const CLOSED_CHANNEL = new Set([
  'channel_not_found',
  'not_in_channel',
  'user_not_in_channel',
  'is_archived',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'restricted_action_thread_locked',
  'channel_is_archived',
  'no_permission',
  'access_denied',
  'cannot_reply_to_message',
  'thread_not_found',
]);

export function isClosedChannel(error: unknown): boolean {
  return error instanceof SlackError && error.kind === 'refused' && CLOSED_CHANNEL.has(error.code);
}

/** Whether Slack said no to this call, whatever the code; not to the bot as a whole, nor for the moment only. */
export function isRefused(error: unknown): boolean {
  return error instanceof SlackError && error.kind === 'refused' && !isLockedOut(error);
}

const postedSchema = z.object({ channel: z.string(), ts: z.string() });
const historySchema = z.object({
  messages: z.array(z.object({ ts: z.string(), blocks: z.array(z.unknown()).default([]) })),
});
const buttonsSchema = z.object({ elements: z.array(z.object({ value: z.string().optional() })) });
const blockIdSchema = z.object({ block_id: z.string() });
const okSchema = z.object({ ok: z.literal(true) });

/** Nothing that we write may name or notify anyone by itself: Slack links and unfurls only what blocks say. */
const QUIET = { unfurl_links: false, unfurl_media: false, link_names: false, parse: 'none', mrkdwn: false };

/** How long Slack may take to process an upload before a block may show it. */
const PROCESSING_WAITS_MS = [250, 400, 700, 1200, 1800, 2500, 3500];

/** How far Slack's clock and ours may be apart. */
const CLOCK_SKEW_SECONDS = 60;
const MAX_LOOKED_THROUGH = 200;

/** The outbox serves other channels meanwhile. */
const OUTBOX_PATIENCE_MS = 10_000;

/** Puts messages into Slack: rendered, at the channels' pace, pictures uploaded first. Rejects with a `SlackError`. */
export class Outbound {
  private readonly api: SlackApi;
  private readonly pace: ChannelPace;

  constructor(api: SlackApi, pace: ChannelPace) {
    this.api = api;
    this.pace = pace;
  }

  /** `insist`: a person waits for it, so a rate limit is waited out; else the outbox is told when to come again. */
  async post(place: Place, message: RenderedMessage, { insist }: { insist: boolean }): Promise<Posted> {
    await (insist ? this.pace.turn(place.channel) : this.pace.turn(place.channel, OUTBOX_PATIENCE_MS));
    const args = { channel: place.channel, ...thread(place), ...message, ...QUIET };
    return this.whenProcessed(() =>
      insist
        ? this.api.insist('chat.postMessage', args, postedSchema, { repeatable: false })
        : this.api.call('chat.postMessage', args, postedSchema),
    );
  }

  /**
   * A message of ours that was posted after `since` and has a button with this value: for a post that Slack never confirmed.
   * Null where there is none, or where we may not look.
   */
  findByButton(place: Place, value: string, since: Date): Promise<Posted | null> {
    return this.find(place, (blocks) => buttonValues(blocks).includes(value), since);
  }

  /** The same, of a message whose first block has this id. */
  findByBlock(place: Place, id: string, since: Date): Promise<Posted | null> {
    return this.find(place, ([first]) => blockIdSchema.safeParse(first).data?.block_id === id, since);
  }

  private async find(
    place: Place,
    isMeant: (blocks: readonly unknown[]) => boolean,
    since: Date,
  ): Promise<Posted | null> {
    const oldest = String(since.getTime() / 1000 - CLOCK_SKEW_SECONDS);
    const args = { channel: place.channel, oldest, limit: MAX_LOOKED_THROUGH };
    try {
      const { messages } =
        place.thread === null
          ? await this.api.call('conversations.history', args, historySchema)
          : await this.api.call('conversations.replies', { ...args, ts: place.thread }, historySchema);
      const found = messages.find(({ blocks }) => isMeant(blocks));
      return found === undefined ? null : { channel: place.channel, ts: found.ts };
    } catch (error) {
      if (error instanceof SlackError && error.kind === 'refused') return null;
      throw error;
    }
  }

  /** Writes over a message of ours: harmless when repeated. `isWanted` is asked before every try; by default it is. */
  async update(
    message: Posted,
    content: RenderedMessage,
    isWanted: () => Promise<boolean> = async () => true,
  ): Promise<void> {
    const args = { channel: message.channel, ts: message.ts, ...content, link_names: false, parse: 'none' };
    await this.whenProcessed(async () => {
      if (await isWanted()) await this.api.call('chat.update', args, okSchema);
    });
  }

  async remove(message: Posted): Promise<void> {
    await this.api.insist('chat.delete', { channel: message.channel, ts: message.ts }, okSchema, { repeatable: true });
  }

  /** Shows a message to one person only, who must be in the channel, as must we. Slack forgets it when they reload. */
  async whisper(place: Place, user: string, message: RenderedMessage): Promise<void> {
    const args = { channel: place.channel, user, ...thread(place), ...message, link_names: false, parse: 'none' };
    await this.api.insist('chat.postEphemeral', args, okSchema, { repeatable: true });
  }

  /** Opens a modal; Slack takes the trigger of a press for three seconds. */
  async openView(trigger: string, view: types.View): Promise<void> {
    await this.whenProcessed(() => this.api.call('views.open', { trigger_id: trigger, view }, okSchema));
  }

  /** What a person's Home tab shows from now on. */
  async publishHome(user: string, view: types.HomeView): Promise<void> {
    await this.whenProcessed(() => this.api.call('views.publish', { user_id: user, view }, okSchema));
  }

  /** The direct conversation with this person. */
  async direct(user: string): Promise<string> {
    const schema = z.object({ channel: z.object({ id: z.string() }) });
    const { channel } = await this.api.insist('conversations.open', { users: user }, schema, { repeatable: true });
    return channel.id;
  }

  /**
   * Uploads a reply's pictures as far as `state` has not: returns their Slack files in order. `save` is called after every
   * step, so that a try that fails later repeats no step.
   */
  async upload(
    reply: MessageReply,
    readBlob: (key: BlobKey) => Promise<Uint8Array>,
    state: UploadState,
    save: (state: UploadState) => Promise<void>,
  ): Promise<string[]> {
    const done = new Map(state.map((entry) => [entry.key, entry]));
    const pictures = reply.pictures ?? [];
    for (const picture of pictures) {
      if (done.has(picture.blob)) continue;
      const bytes = await readBlob(picture.blob);
      const file = await uploadBytes(this.api, { name: picture.name, alt: picture.alt, bytes });
      done.set(picture.blob, { key: picture.blob, file, state: 'uploaded' });
      await save([...done.values()]);
    }
    const titles = new Map(pictures.map((picture) => [picture.blob as string, picture.name]));
    // What an earlier try has uploaded may not be shown any more: words come in its place.
    const open = [...done.values()].filter(({ key, state: reached }) => reached === 'uploaded' && titles.has(key));
    if (open.length > 0) {
      const files = open.map(({ key, file }) => ({ id: file, title: titles.get(key) ?? 'picture' }));
      try {
        await completeUploads(this.api, files);
      } catch (error) {
        if (!isUnknownFile(error)) throw error;
        if (!(await areComplete(this.api, files))) {
          // Neither completed nor to be completed any more: the next try uploads anew.
          for (const { key } of open) done.delete(key);
          await save([...done.values()]);
          throw new SlackError('outage', 'files.completeUploadExternal', 'Slack no longer knows the upload');
        }
      }
      for (const entry of open) done.set(entry.key, { ...entry, state: 'complete' });
      await save([...done.values()]);
    }
    return pictures.flatMap((picture) => done.get(picture.blob)?.file ?? []);
  }

  /** Hands a file over, as a message of its own. */
  async share(place: Place, file: NonNullable<MessageReply['file']>): Promise<void> {
    const id = await uploadBytes(this.api, { name: file.name, alt: '', bytes: file.bytes });
    await completeUploads(this.api, [{ id, title: file.name }], place);
  }

  private async whenProcessed<Result>(call: () => Promise<Result>): Promise<Result> {
    for (const wait of PROCESSING_WAITS_MS) {
      try {
        return await call();
      } catch (error) {
        if (!isStillProcessing(error)) throw error;
        await sleep(wait);
      }
    }
    return call().catch((error: unknown) => {
      if (!isStillProcessing(error)) throw error;
      throw new SlackError('outage', 'files.completeUploadExternal', 'Slack is still processing the picture', {
        retryAfterSeconds: 5,
      });
    });
  }
}

/** Slack's answer to a second completion, and to one of an upload that it has forgotten. */
function isUnknownFile(error: unknown): boolean {
  return error instanceof SlackError && error.kind === 'refused' && error.code === 'file_not_found';
}

function buttonValues(blocks: readonly unknown[]): readonly string[] {
  return blocks
    .flatMap((block) => buttonsSchema.safeParse(block).data?.elements ?? [])
    .flatMap(({ value }) => value ?? []);
}

function thread(place: Place): { thread_ts?: string } {
  return place.thread === null ? {} : { thread_ts: place.thread };
}
