import type { Logger } from 'pino';
import { channelIdSchema, type JobId, messageIdSchema } from '../../../commands/ids.ts';
import { Newest } from '../../newest.ts';
import type { PlatformHost } from '../../platform.ts';
import type { Placeholder, ReplyTo } from './reply-to.ts';

const REMEMBERED = 10_000;

/**
 * Answers that are under way in this process. A job may be finished before its placeholder is shown, and editing what is
 * not there yet would fail: so who delivers or shows progress waits here first.
 */
export class Placeholders {
  /** What another process has delivered is never forgotten by name. */
  private readonly pending = new Newest<string, Promise<Placeholder | null>>(REMEMBERED);

  /** Announces that the request with this event is being answered. Call the result when it is: with what stands there. */
  expect(event: string): (placeholder: Placeholder | null) => void {
    // The same event once more is answered once.
    if (this.pending.has(event)) return () => {};
    let settle: (placeholder: Placeholder | null) => void = () => {};
    const shown = new Promise<Placeholder | null>((resolve) => {
      settle = resolve;
    });
    this.pending.set(event, shown);
    return (placeholder) => {
      settle(placeholder);
      // Nothing will be delivered to what is no placeholder.
      if (placeholder === null) this.pending.delete(event);
    };
  }

  /** The placeholder, once it is shown; null where there is none. */
  async of(replyTo: ReplyTo): Promise<Placeholder | null> {
    return (await this.pending.get(replyTo.event)) ?? replyTo.placeholder;
  }

  /** Its answer is there. */
  forget(replyTo: ReplyTo): void {
    this.pending.delete(replyTo.event);
  }
}

/** Puts the placeholder on record with its job, so that it is found after a restart, and by a reaction on it. */
export async function recordPlaceholder(
  { host, log }: { readonly host: PlatformHost; readonly log: Logger },
  job: JobId,
  replyTo: ReplyTo,
  placeholder: Placeholder,
): Promise<void> {
  const address = {
    channel: channelIdSchema.parse(placeholder.channel),
    message: messageIdSchema.parse(placeholder.message),
  };
  try {
    await host.keepReplyTo?.(job, { ...replyTo, placeholder } satisfies ReplyTo, address);
  } catch (error) {
    // The delivery finds another way: by the interaction's token, or as a new message.
    log.warn({ error, job }, 'A placeholder could not be recorded');
  }
}
