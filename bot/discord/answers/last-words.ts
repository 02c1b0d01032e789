import { Newest } from '../../newest.ts';
import type { InteractionHandle, Placeholder, ReplyTo } from './reply-to.ts';

/** Long enough before the token's end for an edit that has to wait for its turn, or be repeated. */
const BEFORE_END_MS = 30_000;
const LOOK_MS = 1_000;
const REMEMBERED = 10_000;

/** A placeholder that an interaction's token reaches. */
export interface Reached {
  readonly replyTo: ReplyTo & { readonly interaction: InteractionHandle };
  readonly placeholder: Placeholder | null;
  /** Whether this process is still to show what becomes of the job. */
  readonly isWanted: () => Promise<boolean>;
}

/**
 * Placeholders whose tokens are about to die before their answers are there. Where the bot is no member (an app that a person
 * has installed), or where only one person sees the answer, nothing can be said there after that: so it is said before.
 */
export class LastWords {
  private readonly watched = new Newest<string, Reached>(REMEMBERED);
  private readonly said = new Newest<string, true>(REMEMBERED);
  private readonly now: () => number;
  private readonly timer: NodeJS.Timeout;

  constructor(now: () => number, say: (reached: Reached) => void) {
    this.now = now;
    this.timer = setInterval(() => {
      for (const [event, reached] of this.watched) {
        if (!this.isNear(reached.replyTo)) continue;
        this.watched.delete(event);
        this.said.set(event, true);
        say(reached);
      }
    }, LOOK_MS);
    this.timer.unref();
  }

  /** From now on this placeholder is looked after, until `forget`. */
  watch(replyTo: ReplyTo, placeholder: Placeholder | null, isWanted: Reached['isWanted']): void {
    const { interaction, event } = replyTo;
    if (interaction === null || this.said.has(event) || interaction.expiresAt <= this.now()) return;
    this.watched.set(event, { replyTo: { ...replyTo, interaction }, placeholder, isWanted });
  }

  /** Its answer is there, or comes. */
  forget({ event }: ReplyTo): void {
    this.watched.delete(event);
  }

  /** Whether the token has had its last words: no progress is shown by it any more. */
  isSaid({ event }: ReplyTo): boolean {
    return this.said.has(event);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private isNear({ interaction }: Reached['replyTo']): boolean {
    return interaction.expiresAt - this.now() <= BEFORE_END_MS;
  }
}
