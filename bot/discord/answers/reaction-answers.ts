import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { AcceptedReply, MessageReply, Reply } from '../../../commands/reply.ts';
import type { CommandRequest } from '../../../commands/request.ts';
import type { PlatformHost } from '../../platform.ts';
import { phrasesFor } from '../phrases.ts';
import { formatCustomId } from '../render/custom-id.ts';
import { prepareFiles } from '../render/files.ts';
import { renderAccepted, renderFormButton, renderMessage } from '../render/message.ts';
import type { DiscordApi, OutgoingMessage, SentMessage } from '../transport/api.ts';
import { DiscordError, isClosed, isRefused } from '../transport/discord-error.ts';
import { recordPlaceholder } from './placeholders.ts';
import { type Placeholder, type ReplyTo, replyToSchema, requesterLine } from './reply-to.ts';
import { retryAnswer } from './retry.ts';

interface ReactionAnswersOptions {
  readonly api: DiscordApi;
  readonly host: PlatformHost;
  readonly log: Logger;
}

/**
 * Shows replies to reactions. A reaction brings no token, so there is nothing to acknowledge, a public answer is a message
 * of its own, and a private one goes to the person's direct conversation.
 */
export class ReactionAnswers {
  private readonly api: DiscordApi;
  private readonly host: PlatformHost;
  private readonly log: Logger;

  constructor({ api, host, log }: ReactionAnswersOptions) {
    this.api = api;
    this.host = host;
    this.log = log;
  }

  /** The placeholder that the reply left for a job, or null. */
  async show(request: CommandRequest, reply: Reply): Promise<Placeholder | null> {
    const replyTo = replyToSchema.parse(request.replyTo);
    switch (reply.kind) {
      case 'accepted':
        return this.accepted(replyTo, reply);
      case 'message':
        await this.message(replyTo, request.command, reply);
        return null;
      case 'form':
        await this.formButton(replyTo, request.command);
        return null;
      case 'deleted':
        await this.deleted(replyTo);
        return null;
      default:
        return reply satisfies never;
    }
  }

  private async accepted(replyTo: ReplyTo, reply: AcceptedReply): Promise<Placeholder | null> {
    const footer = requesterLine(replyTo, reply.visibility);
    const show = (shown: AcceptedReply, by: string | null, visibility = reply.visibility): Promise<SentMessage> => {
      const body = renderAccepted(shown, phrasesFor(replyTo.locale), by);
      return this.send(replyTo, { body, files: [] }, visibility);
    };
    const sent = await show(reply, footer).catch((error: unknown) => {
      if (!isRefused(error)) throw error;
      this.log.info(
        { error, job: reply.job },
        'A placeholder is refused; it comes to the person, without what was asked',
      );
      return show({ ...reply, text: '' }, null, 'private');
    });
    const placeholder = { channel: sent.channel_id, message: sent.id, ephemeral: false, followUp: false };
    await recordPlaceholder({ host: this.host, log: this.log }, reply.job, replyTo, placeholder);
    return placeholder;
  }

  private async message(replyTo: ReplyTo, command: string, reply: MessageReply): Promise<void> {
    const rendered = renderMessage(reply, { command });
    const { files, attachments } = await prepareFiles(reply, (key) => this.host.readBlob(key), replyTo.fileLimit);
    try {
      await this.send(replyTo, { body: { ...rendered, attachments }, files }, reply.visibility);
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.log.warn({ error, command }, 'A reply could not be shown');
      const text = phrasesFor(replyTo.locale).answerRefused;
      const words = renderMessage({ kind: 'message', visibility: 'private', tone: 'warning', text });
      await this.send(replyTo, { body: words, files: [] }, 'private');
    }
  }

  /** Only a press may open a form, so a button is offered that runs the same command on the same message. */
  private async formButton(replyTo: ReplyTo, command: string): Promise<void> {
    const { channel, reference, locale } = replyTo;
    if (reference === null) return;
    const customId = formatCustomId({ kind: 'on message', command, channel, message: reference });
    await this.send(replyTo, { body: renderFormButton(customId, phrasesFor(locale)), files: [] }, 'public');
  }

  private async deleted({ channel, reference }: ReplyTo): Promise<void> {
    if (reference !== null) await retryAnswer(() => this.api.delete(channel, reference));
  }

  /** Beneath the message that was reacted to, or to the person alone. */
  private async send(
    replyTo: ReplyTo,
    message: OutgoingMessage,
    visibility: 'public' | 'private',
  ): Promise<SentMessage> {
    const { channel, direct, user, reference, event } = replyTo;
    const nonce = createHash('sha256').update(event).digest('base64url').slice(0, 25);
    if (visibility === 'private' && !direct) {
      const conversation = await retryAnswer(() => this.api.openDirect(user));
      return retryAnswer(() => this.api.post(conversation, message, { nonce }));
    }
    const posting = reference === null ? { nonce } : { nonce, reference };
    try {
      return await retryAnswer(() => this.api.post(channel, message, posting));
    } catch (error) {
      if (!(error instanceof DiscordError) || isClosed(error) || reference === null) throw error;
      // Without the permission to read the history, Discord refuses a reply but not the message.
      return retryAnswer(() => this.api.post(channel, message, { nonce }));
    }
  }
}
