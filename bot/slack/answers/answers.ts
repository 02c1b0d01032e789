import type { types } from '@slack/bolt';
import type { Logger } from 'pino';
import { z } from 'zod';
import { channelIdSchema, messageIdSchema } from '../../../commands/ids.ts';
import type { AcceptedReply, FormReply, MessageReply, Reply } from '../../../commands/reply.ts';
import type { PlatformHost } from '../../platform.ts';
import type { People } from '../acts/people.ts';
import type { Act } from '../acts/requests.ts';
import { type Phrases, phrasesFor } from '../phrases.ts';
import { buttonBlocks, type RenderedMessage, renderMessage, textBlocks } from '../render/blocks.ts';
import { formView } from '../render/form.ts';
import { fitText } from '../render/text.ts';
import type { SlackApi } from '../transport/api.ts';
import { respond } from '../transport/response-url.ts';
import { SlackError } from '../transport/slack-error.ts';
import { named } from './named.ts';
import { isClosedChannel, isDirect, isRefused, type Outbound, type Place, type Posted } from './outbound.ts';
import { placeholderOf, renderAccepted } from './placeholders.ts';
import type { Placeholder, ReplyTo } from './reply-to.ts';

/** What is being answered. */
export interface Answered {
  readonly act: Act;
  readonly replyTo: ReplyTo;
  readonly command: string;
  /** The picture, request or recipe that was named; null: the message says it, or nothing does. */
  readonly target: string | null;
}

/** What a modal answers; null: nothing that a button could ask for again. */
export type Opened = Omit<Answered, 'command'> & { readonly command: string | null };

interface AnswersParts {
  readonly api: SlackApi;
  readonly outbound: Outbound;
  readonly people: People;
  readonly host: PlatformHost;
  readonly apiUrl: string | undefined;
  readonly log: Logger;
}

/** Shows what the host answered: in the channel, to one person, as a form, or by removing a message. */
export class Answers {
  private readonly parts: AnswersParts;

  constructor(parts: AnswersParts) {
    this.parts = parts;
  }

  /** `posted` is told of the placeholder, where the answer is one. */
  async show(reply: Reply, answered: Answered, posted: (placeholder: Placeholder) => void): Promise<void> {
    const { act, replyTo } = answered;
    const phrases = phrasesFor(replyTo.locale);
    switch (reply.kind) {
      case 'message':
        return reply.visibility === 'public'
          ? this.showPublic(reply, act, phrases)
          : this.showPrivate(reply, act, phrases);
      case 'accepted':
        return reply.repeated ? undefined : this.showAccepted(reply, answered, phrases, posted);
      case 'form':
        return this.openForm(reply, answered, phrases);
      case 'deleted':
        return this.deletePressed(reply.text, act, phrases);
      default:
        return reply satisfies never;
    }
  }

  /** Tells one person, in one line, why nothing comes of what they did. */
  async tell(text: string, act: Act, locale: string): Promise<void> {
    const refusal = { kind: 'message', visibility: 'private', text, tone: 'warning' } as const;
    await this.showPrivate(refusal, act, phrasesFor(locale));
  }

  private async showPublic(reply: MessageReply, act: Act, phrases: Phrases): Promise<void> {
    const content = await this.render(reply, phrases);
    const posted = await this.postOrDirect(content, act, phrases);
    if (reply.file) await this.parts.outbound.share({ channel: posted.channel, thread: act.thread }, reply.file);
  }

  /** Ephemeral messages hold no uploads for sure and vanish on reload, so pictures and files go to the direct conversation. */
  private async showPrivate(reply: MessageReply, act: Act, phrases: Phrases): Promise<void> {
    const { outbound } = this.parts;
    const content = await this.render(await named(reply, this.parts.people), phrases);
    if ((reply.pictures ?? []).length === 0 && reply.file === undefined) return this.whisper(content, act);
    const channel = await this.directOf(act);
    await outbound.post({ channel, thread: null }, content, { insist: true });
    if (reply.file) await outbound.share({ channel, thread: null }, reply.file);
    if (channel !== act.channel) await this.whisper(line(phrases.sentDirectly), act);
  }

  private async showAccepted(
    reply: AcceptedReply,
    { act, replyTo }: Answered,
    phrases: Phrases,
    posted: (placeholder: Placeholder) => void,
  ): Promise<void> {
    let message: Posted;
    try {
      const requester = reply.visibility === 'public' ? replyTo.name : null;
      message = await this.postPlaceholder(renderAccepted(reply, phrases, requester), reply, act, phrases);
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      if (error.kind === 'refused') return this.tellOfRefusal(error, reply, act, phrases);
      // It may stand there or not; the delivery finds out. Who were told of a fault would ask again, and get two.
      this.parts.log.warn({ error, job: reply.job }, 'A placeholder was not confirmed');
      return;
    }
    const placeholder = placeholderOf(reply, message);
    posted(placeholder);
    await this.parts.host.keepReplyTo?.(reply.job, { ...replyTo, placeholder } satisfies ReplyTo, {
      channel: channelIdSchema.parse(message.channel),
      message: messageIdSchema.parse(message.ts),
    });
  }

  /** The job goes on; who were told that it had failed would ask again, and pay twice. */
  private async tellOfRefusal(error: SlackError, { job }: AcceptedReply, act: Act, phrases: Phrases): Promise<void> {
    this.parts.log.warn({ error, job }, 'A placeholder is refused everywhere');
    await this.whisper(line(phrases.answerRefused), act);
  }

  private async postPlaceholder(
    content: RenderedMessage,
    { visibility }: AcceptedReply,
    act: Act,
    phrases: Phrases,
  ): Promise<Posted> {
    if (visibility === 'public') return this.postOrDirect(content, act, phrases);
    return this.parts.outbound.post({ channel: await this.directOf(act), thread: null }, content, { insist: true });
  }

  /** Opens a modal. Slack takes a trigger for three seconds only: who comes too late is told so, and given a button. */
  async open(view: types.ModalView, { act, replyTo, command, target }: Opened): Promise<void> {
    if (act.trigger === null) throw new Error('A modal is opened by a press or a command.');
    try {
      await this.parts.outbound.openView(act.trigger, view);
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      const phrases = phrasesFor(replyTo.locale);
      if (error.code === 'view_too_large') return this.whisper(line(phrases.formTooLarge), act);
      if (!/trigger/.test(error.code)) throw error;
      if (command === null) await this.whisper(line(phrases.formTooLate), act);
      else await this.offerForm(phrases.formTooLate, { act, command, target }, phrases);
    }
  }

  private async openForm(form: FormReply, answered: Answered, phrases: Phrases): Promise<void> {
    const { act } = answered;
    // A reaction opens nothing; a button that does the same can.
    if (act.trigger === null) return this.offerForm(phrases.formNeedsPress, answered, phrases);
    await this.open(formView(form, { channel: act.channel, thread: act.thread }, phrases), answered);
  }

  private async offerForm(
    why: string,
    { act, command, target }: Pick<Answered, 'act' | 'command' | 'target'>,
    phrases: Phrases,
  ): Promise<void> {
    const onMessage = `message:${act.message?.channel ?? ''}:${act.message?.ts ?? ''}`;
    const button = { command, target: target ?? onMessage, label: phrases.openForm, style: 'primary' } as const;
    await this.whisper({ text: why, blocks: [...textBlocks(why), ...buttonBlocks([[button]])] }, act);
  }

  private async deletePressed(text: string, act: Act, phrases: Phrases): Promise<void> {
    const { outbound, api, log } = this.parts;
    if (act.message?.ephemeral && act.responseUrl !== null) {
      await respond(act.responseUrl, { delete_original: true }, this.parts.apiUrl);
    } else if (act.message) {
      await outbound.remove(act.message).catch((error: unknown) => {
        if (!isRefused(error)) throw error;
      });
      for (const file of act.message.files) {
        await api.call('files.delete', { file }, z.object({ ok: z.literal(true) })).catch((error: unknown) => {
          log.warn({ error, file }, 'The message is deleted, but its file is still in Slack');
        });
      }
    }
    await this.showPrivate({ kind: 'message', visibility: 'private', text }, act, phrases);
  }

  private async render(reply: MessageReply, phrases: Phrases): Promise<RenderedMessage> {
    const { outbound, host } = this.parts;
    const files = await outbound.upload(
      reply,
      (key) => host.readBlob(key),
      [],
      async () => {},
    );
    return renderMessage(reply, files, phrases);
  }

  /** In the channel; where that takes nothing, in the direct conversation, and the person is told why. */
  private async postOrDirect(content: RenderedMessage, act: Act, phrases: Phrases): Promise<Posted> {
    const { outbound } = this.parts;
    let why: string;
    try {
      return await outbound.post(placeOf(act), content, { insist: true });
    } catch (error) {
      if (!isRefused(error)) throw error;
      const isClosed = isClosedChannel(error);
      why = isClosed ? phrases.notInChannel : phrases.sentDirectly;
      if (!isClosed) this.parts.log.warn({ error }, 'A channel takes no answer; it goes to the direct conversation');
    }
    const channel = await outbound.direct(act.user);
    const posted = await outbound.post({ channel, thread: null }, content, { insist: true });
    if (act.responseUrl !== null) await respond(act.responseUrl, line(why), this.parts.apiUrl);
    return posted;
  }

  /** To one person, where they asked: in our direct conversation as a message, elsewhere as an ephemeral one. */
  private async whisper(content: RenderedMessage, act: Act): Promise<void> {
    const { outbound } = this.parts;
    try {
      if (isDirect(act.channel)) await outbound.post(placeOf(act), content, { insist: true });
      else await outbound.whisper(placeOf(act), act.user, content);
      return;
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
    if (act.responseUrl !== null && (await respond(act.responseUrl, content, this.parts.apiUrl))) return;
    const channel = await outbound.direct(act.user);
    await outbound.post({ channel, thread: null }, content, { insist: true });
  }

  private async directOf(act: Act): Promise<string> {
    return this.parts.outbound.direct(act.user);
  }
}

function placeOf(act: Act): Place {
  return { channel: act.channel, thread: act.thread };
}

function line(text: string): RenderedMessage {
  return { text: fitText(text, 500), blocks: textBlocks(text) };
}
