import type { Logger } from 'pino';
import { messagesFor } from '../../commands/locale/index.ts';
import type { Reply } from '../../commands/reply.ts';
import { UserError } from '../../commands/request.ts';
import type { PlatformHost } from '../platform.ts';
import { inRequest } from '../tracing/request-scope.ts';
import { eventOf, requestOf, shownRequest, type Visitor } from './acts.ts';
import type { Conversations } from './conversations.ts';
import type { Incoming } from './incoming.ts';
import { acceptedAnswer, failureAnswer, messageAnswer } from './turn.ts';

/** A person may have this many requests under way before the next is refused. */
const MAX_IN_HAND = 20;

export type TakeOutcome = 'taken' | 'busy' | 'stopping';

/** Takes acts from the page and puts what becomes of them into the conversation. */
export class Answering {
  private readonly inHand = new Map<Promise<void>, string>();
  private stopping = false;
  private readonly host: PlatformHost;
  private readonly conversations: Conversations;
  private readonly log: Logger;

  constructor(host: PlatformHost, conversations: Conversations, log: Logger) {
    this.host = host;
    this.conversations = conversations;
    this.log = log;
  }

  /** Resolves once the act is kept, before its command runs; the same act again is taken and changes nothing. */
  async take(visitor: Visitor, incoming: Incoming): Promise<TakeOutcome> {
    if (this.stopping) return 'stopping';
    const { user } = visitor;
    if ([...this.inHand.values()].filter((other) => other === user).length >= MAX_IN_HAND) return 'busy';
    const { act } = incoming;
    const pressed = act.kind === 'press' ? await this.conversations.find(user, act.message) : null;
    const turn = {
      id: act.turn,
      at: new Date().toISOString(),
      request: shownRequest(incoming, pressed),
      answer: null,
    };
    if (!(await this.conversations.begin(user, turn))) return 'taken';
    const answered = inRequest({ platform: 'web', event: eventOf(visitor, act.turn) }, () =>
      this.run(visitor, incoming).catch((error: unknown) => {
        this.log.error({ error }, 'An answer could not be kept');
      }),
    );
    this.inHand.set(answered, user);
    void answered.then(() => this.inHand.delete(answered));
    return 'taken';
  }

  /** Takes nothing more; resolves when everything in hand is answered. */
  async finish(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.inHand.keys());
  }

  private async run(visitor: Visitor, incoming: Incoming): Promise<void> {
    await this.show(visitor, incoming, await this.reply(visitor, incoming));
  }

  private async reply(visitor: Visitor, incoming: Incoming): Promise<Reply> {
    try {
      return await this.host.dispatch(requestOf(visitor, incoming, this.host.commands));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.log.info({ platform: 'web', event: eventOf(visitor, incoming.act.turn), code: error.code }, 'refused');
      return { kind: 'message', visibility: 'private', text: error.in(messagesFor(visitor.locale)), tone: 'failure' };
    }
  }

  private async show({ user }: Visitor, { act }: Incoming, reply: Reply): Promise<void> {
    switch (reply.kind) {
      case 'accepted':
        // A quick picture may be delivered before its acceptance is shown: the finished message stays.
        await this.conversations.answer(user, act.turn, ({ answer }) =>
          answer === null ? acceptedAnswer(reply) : null,
        );
        return;
      case 'message':
        await this.conversations.answer(user, act.turn, () => messageAnswer(reply, null));
        return;
      case 'form':
        await this.conversations.remove(user, act.turn);
        this.conversations.openForm(user, act.turn, reply);
        return;
      case 'deleted':
        if (act.kind === 'press') {
          await this.conversations.remove(user, act.turn);
          await this.conversations.remove(user, act.message);
        } else {
          const text = { kind: 'message', visibility: 'private', text: reply.text } as const;
          await this.conversations.answer(user, act.turn, () => messageAnswer(text, null));
        }
        return;
      default:
        return reply satisfies never;
    }
  }
}

/** Tells people whose request was in hand when an earlier process ended; a job that was accepted still delivers. */
export async function answerTheForgotten(
  conversations: Conversations,
  forgotten: readonly { readonly user: Visitor['user']; readonly turn: { readonly id: Incoming['act']['turn'] } }[],
): Promise<void> {
  const sorry = failureAnswer('Easel was restarted before it could answer. Please send this again.');
  for (const { user, turn } of forgotten) {
    await conversations.answer(user, turn.id, ({ answer }) => (answer === null ? sorry : null));
  }
}
