import type { types } from '@slack/bolt';
import type { Logger } from 'pino';
import { channelIdSchema, eventIdSchema, guildIdSchema, messageIdSchema, userIdSchema } from '../../../commands/ids.ts';
import { messagesFor } from '../../../commands/locale/index.ts';
import type { Reply } from '../../../commands/reply.ts';
import { type CommandRequest, type RequestEvent, requestIdOf, UserError } from '../../../commands/request.ts';
import type { PlatformHost } from '../../platform.ts';
import { inRequest } from '../../tracing/request-scope.ts';
import type { Answers } from '../answers/answers.ts';
import { isDirect, type Posted } from '../answers/outbound.ts';
import type { Placeholders } from '../answers/placeholders.ts';
import type { ReplyTo } from '../answers/reply-to.ts';
import { phrasesFor } from '../phrases.ts';
import type { RecentlySeen } from '../transport/recently-seen.ts';
import type { People } from './people.ts';

/** One thing that somebody did in Slack, whatever it was, with what is needed to answer. */
export interface Act {
  /** Slack's id of the event (`event_id`, `trigger_id`): the same when it is delivered again. */
  readonly event: string;
  readonly user: string;
  readonly channel: string;
  readonly thread: string | null;
  /** Opens one form, within three seconds of the press. */
  readonly trigger: string | null;
  /** Answers even where we are no member; a secret, so it is not kept. */
  readonly responseUrl: string | null;
  /** The message that was pressed, reacted to or picked from the menu. */
  readonly message: (Posted & { readonly ephemeral: boolean; readonly files: readonly string[] }) | null;
}

/** A command that an act stands for. `options` may throw a `UserError`, which is shown to the person. */
export interface Asked {
  readonly command: string;
  readonly options: () => Readonly<Record<string, unknown>>;
}

/** What an act opens at once, without asking the host. `command`: what a button that opens it anew runs; null: no button. */
export interface Opening {
  readonly view: types.ModalView;
  readonly command: string | null;
}

type Ask = () => Promise<Asked | Opening> | Asked | Opening;

/** Who asks for which command, and where. */
export interface Inquiry {
  readonly user: string;
  readonly channel: string;
  readonly command: string;
}

interface RequestsParts {
  /** The installed workspace: the only one that is served, whatever a payload of a shared channel says. */
  readonly team: string;
  readonly host: PlatformHost;
  readonly people: People;
  readonly answers: Answers;
  readonly placeholders: Placeholders;
  readonly seen: RecentlySeen;
  readonly log: Logger;
}

/** Hands what people do to the host and shows what it answers. */
export class Requests {
  private readonly parts: RequestsParts;
  private readonly inHand = new Set<Promise<void>>();

  constructor(parts: RequestsParts) {
    this.parts = parts;
  }

  /**
   * Performs an act once, however often Slack delivers it: also what makes no job (a deletion, a grant) must not happen
   * twice, and after a restart the store knows the event. Never rejects.
   */
  async perform(act: Act, ask: Ask): Promise<void> {
    if (!this.parts.seen.isNew(act.event)) return;
    const work = inRequest(eventOf(act), () =>
      this.answer(act, ask).catch((error: unknown) => {
        this.parts.log.error({ error }, 'An answer could not be shown in Slack');
      }),
    );
    this.inHand.add(work);
    await work;
    this.inHand.delete(work);
  }

  /** Asks for something that changes nothing and is shown elsewhere (in the Home tab). */
  async inquire(inquiry: Inquiry, event: string): Promise<Reply> {
    const { actor } = await this.parts.people.find(inquiry.user);
    return this.parts.host.dispatch(this.request({ ...inquiry, event, options: {} }, actor));
  }

  /** Suggestions for an option that somebody is typing. */
  async suggest(inquiry: Inquiry, option: string, typed: string): ReturnType<PlatformHost['suggest']> {
    const { actor } = await this.parts.people.find(inquiry.user);
    return this.parts.host.suggest(
      this.request({ ...inquiry, event: 'suggestion', options: {} }, actor),
      option,
      typed,
    );
  }

  /** Resolves when everything in hand is answered. */
  async settled(): Promise<void> {
    while (this.inHand.size > 0) await Promise.all(this.inHand);
  }

  private async answer(act: Act, ask: Ask): Promise<void> {
    const { people, answers, placeholders } = this.parts;
    const person = await people.find(act.user);
    if (person.isBot) return;
    const { locale } = person.actor;
    const replyTo: ReplyTo = {
      event: act.event,
      channel: act.channel,
      thread: act.thread,
      user: act.user,
      name: isDirect(act.channel) ? null : person.actor.name,
      locale,
      placeholder: null,
    };
    const settle = placeholders.expect(act.event);
    try {
      const asked = await ask();
      if ('view' in asked)
        return await answers.open(asked.view, { act, replyTo, command: asked.command, target: null });
      const options = asked.options();
      const reply = await this.reply(act, { command: asked.command, options }, person.actor, replyTo);
      const target = typeof options.target === 'string' ? options.target : null;
      await answers.show(reply, { act, replyTo, command: asked.command, target }, settle);
    } catch (error) {
      const isRefusal = error instanceof UserError;
      if (isRefusal) this.parts.log.info({ ...eventOf(act), guild: this.parts.team, code: error.code }, 'refused');
      else this.parts.log.error({ error }, 'A request failed');
      const text = isRefusal ? error.in(messagesFor(locale)) : phrasesFor(locale).fault(requestIdOf(eventOf(act)));
      await answers.tell(text, act, locale);
    } finally {
      settle(null);
    }
  }

  private async reply(
    act: Act,
    asked: Pick<CommandRequest, 'command' | 'options'>,
    actor: CommandRequest['actor'],
    replyTo: ReplyTo,
  ): Promise<Reply> {
    const { message } = act;
    const request = this.request({ ...act, ...asked }, actor, replyTo);
    if (message === null) return this.parts.host.dispatch(request);
    const pressed = { channel: channelIdSchema.parse(message.channel), id: messageIdSchema.parse(message.ts) };
    return this.parts.host.dispatch({ ...request, message: pressed });
  }

  private request(
    asked: Inquiry & { readonly event: string; readonly options: Readonly<Record<string, unknown>> },
    actor: CommandRequest['actor'],
    replyTo: ReplyTo | null = null,
  ): CommandRequest {
    return {
      origin: {
        platform: 'slack',
        guild: guildIdSchema.parse(this.parts.team),
        channel: channelIdSchema.parse(asked.channel),
        user: userIdSchema.parse(asked.user),
        event: eventIdSchema.parse(asked.event),
      },
      actor,
      // Slack has no channels that are restricted by age.
      place: { ageRestricted: false, direct: isDirect(asked.channel) },
      command: asked.command,
      options: asked.options,
      replyTo,
    };
  }
}

function eventOf({ event }: Act): RequestEvent {
  return { platform: 'slack', event };
}
