import { InteractionResponseType, MessageFlags } from 'discord.js';
import type { Logger } from 'pino';
import type { AcceptedReply, FormReply, MessageReply, Reply } from '../../../commands/reply.ts';
import type { PlatformHost } from '../../platform.ts';
import { phrasesFor } from '../phrases.ts';
import { prepareFiles } from '../render/files.ts';
import { renderForm } from '../render/form.ts';
import { renderAccepted, renderMessage } from '../render/message.ts';
import type { DiscordApi, OutgoingMessage, SentMessage } from '../transport/api.ts';
import { isContentRefused } from '../transport/discord-error.ts';
import { recordPlaceholder } from './placeholders.ts';
import { type InteractionHandle, type Placeholder, type ReplyTo, requesterLine } from './reply-to.ts';
import { retryAnswer, retryFirstAnswer } from './retry.ts';

/** How an answer was put off: "is thinking" for all or for one, or nothing where the pressed message will change. */
export type Deferral = 'public' | 'private' | 'in place';

/** An interaction that is being answered. */
export interface Answering {
  readonly id: string;
  readonly replyTo: ReplyTo;
  readonly handle: InteractionHandle;
  readonly command: string;
  /** The message whose button was pressed. `inPlace`: the answer replaces it. */
  readonly pressed: { readonly channel: string; readonly id: string; readonly inPlace: boolean } | null;
  /** null: not acknowledged yet. */
  deferred: Deferral | null;
}

interface AnswersOptions {
  readonly api: DiscordApi;
  readonly host: PlatformHost;
  readonly log: Logger;
}

/** Shows replies as answers to interactions. */
export class Answers {
  private readonly api: DiscordApi;
  private readonly host: PlatformHost;
  private readonly log: Logger;

  constructor({ api, host, log }: AnswersOptions) {
    this.api = api;
    this.host = host;
    this.log = log;
  }

  /** Acknowledges at once what takes longer. */
  async defer(answering: Answering, kind: Deferral): Promise<void> {
    const { id, handle } = answering;
    const body =
      kind === 'in place'
        ? ({ type: InteractionResponseType.DeferredMessageUpdate } as const)
        : ({
            type: InteractionResponseType.DeferredChannelMessageWithSource,
            data: kind === 'private' ? { flags: MessageFlags.Ephemeral as const } : {},
          } as const);
    await retryFirstAnswer(() => this.api.answer(id, handle.token, body));
    answering.deferred = kind;
  }

  /** Shows the reply; the placeholder that it left for a job, or null. */
  async show(answering: Answering, reply: Reply): Promise<Placeholder | null> {
    switch (reply.kind) {
      case 'accepted':
        return this.accepted(answering, reply);
      case 'message':
        await this.message(answering, reply);
        return null;
      case 'form':
        await this.form(answering, reply);
        return null;
      case 'deleted':
        await this.deleted(answering, reply.text);
        return null;
      default:
        return reply satisfies never;
    }
  }

  private async accepted(answering: Answering, reply: AcceptedReply): Promise<Placeholder | null> {
    const { replyTo, deferred } = answering;
    const footer = requesterLine(replyTo, reply.visibility);
    const show = (shown: AcceptedReply, by: string | null): Promise<SentMessage | null> => {
      const body = renderAccepted(shown, phrasesFor(replyTo.locale), by);
      return this.put(answering, { body, files: [] }, shown.visibility);
    };
    const message =
      (await show(reply, footer).catch((error: unknown) => {
        if (!isContentRefused(error)) throw error;
        this.log.info({ error, job: reply.job }, 'A placeholder is refused; it comes without what was asked for');
        return show({ ...reply, text: '' }, null);
      })) ??
      // It was shown, but the call that showed it did not live to tell its id.
      (await retryAnswer(() => this.api.readAnswer(answering.handle)));
    const placeholder = {
      channel: message.channel_id,
      message: message.id,
      ephemeral: deferred === 'private' || reply.visibility === 'private',
      followUp: isFollowUp(deferred, reply.visibility),
    };
    await recordPlaceholder({ host: this.host, log: this.log }, reply.job, replyTo, placeholder);
    return placeholder;
  }

  private async message(answering: Answering, reply: MessageReply): Promise<void> {
    const { command, pressed, replyTo } = answering;
    const rendered = renderMessage(reply, { command });
    const inPlace = pressed?.inPlace === true;
    const uploads = (reply.pictures ?? []).length > 0 || reply.file !== undefined;
    // An upload may take longer than an acknowledgement may.
    if (uploads && answering.deferred === null) await this.defer(answering, inPlace ? 'in place' : reply.visibility);
    const readBlob = (key: Parameters<PlatformHost['readBlob']>[0]) => this.host.readBlob(key);
    const { files, attachments } = await prepareFiles(reply, readBlob, replyTo.fileLimit);
    // Always told, so that in place of another page the files of that page go.
    await this.put(answering, { body: { ...rendered, attachments }, files }, reply.visibility);
  }

  private async form(answering: Answering, reply: FormReply): Promise<void> {
    const { id, handle, deferred, replyTo } = answering;
    if (deferred !== null) {
      const text = phrasesFor(replyTo.locale).formTooLate;
      return this.message(answering, { kind: 'message', visibility: 'private', tone: 'warning', text });
    }
    const body = { type: InteractionResponseType.Modal, data: renderForm(reply) } as const;
    await retryFirstAnswer(() => this.api.answer(id, handle.token, body));
  }

  private async deleted(answering: Answering, text: string): Promise<void> {
    const { pressed, handle, deferred } = answering;
    const message = { kind: 'message', visibility: 'private', text } as const;
    if (pressed === null) return this.message(answering, message);
    if (deferred === 'public' || deferred === 'private') {
      // The token now stands for "is thinking", not for the message that was pressed.
      await this.api.delete(pressed.channel, pressed.id).catch((error: unknown) => {
        this.log.debug({ error }, 'A message could not be deleted');
      });
      return this.message(answering, message);
    }
    if (deferred === null) await this.defer(answering, 'in place');
    await retryAnswer(() => this.api.deleteAnswer(handle));
  }

  /** Puts a message where the answer belongs, by what has been shown so far. */
  private async put(
    { id, handle, deferred, pressed }: Answering,
    message: OutgoingMessage,
    visibility: 'public' | 'private',
  ): Promise<SentMessage | null> {
    const { api } = this;
    const { body, files } = message;
    if (deferred === null && pressed?.inPlace === true) {
      const update = { type: InteractionResponseType.UpdateMessage, data: body } as const;
      return retryFirstAnswer(() => api.answer(id, handle.token, update, files));
    }
    if (deferred === null) {
      const data = visibility === 'private' ? { ...body, flags: MessageFlags.Ephemeral as const } : body;
      const answer = { type: InteractionResponseType.ChannelMessageWithSource, data } as const;
      return retryFirstAnswer(() => api.answer(id, handle.token, answer, files));
    }
    if (isFollowUp(deferred, visibility)) {
      // Whether only one person sees an answer was decided when it was put off: so that one goes, and another comes.
      await retryAnswer(() => api.deleteAnswer(handle));
      return retryAnswer(() => api.followUpPrivately(handle, message));
    }
    return retryAnswer(() => api.editAnswer(handle, message));
  }
}

/** Whether a message comes in place of the first answer, which all would see. */
function isFollowUp(deferred: Deferral | null, visibility: 'public' | 'private'): boolean {
  return deferred === 'public' && visibility === 'private';
}
