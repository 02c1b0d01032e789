import type { JobProgress } from '../../commands/job.ts';
import type { PageForm, PageTurn, TurnId } from './turn.ts';

/** Progress as it crosses to the page: the preview as a data URL. */
export type PageProgress =
  | Exclude<JobProgress, { state: 'running' }>
  | (Omit<Extract<JobProgress, { state: 'running' }>, 'preview'> & { readonly preview: string | null });

/** What a page is told. Only changes of turns have a sequence number: the rest need not be told again. */
export type PageEvent =
  | { readonly type: 'turns'; readonly sequence: number; readonly turns: readonly PageTurn[]; readonly more: boolean }
  | { readonly type: 'turn'; readonly sequence: number; readonly turn: PageTurn }
  | { readonly type: 'removed'; readonly sequence: number; readonly id: TurnId }
  | { readonly type: 'progress'; readonly id: TurnId; readonly progress: PageProgress }
  | { readonly type: 'form'; readonly id: TurnId; readonly form: PageForm };

/** Progress with the same key replaces older progress: each picture of a turn has its own. */
export function progressKey(id: TurnId, progress: PageProgress): string {
  return progress.state === 'running' ? `${id} ${progress.index}` : id;
}

/** A page that reads more slowly than this is cut off; it comes back and asks for what it missed. */
const MAX_PENDING = 1000;

/** One open page: events wait here until its connection takes them; newer progress replaces what has not been taken. */
export class Listener {
  private pending: PageEvent[] = [];
  private readonly progress = new Map<string, PageEvent>();
  private ended = false;
  private wake: () => void = () => {};

  push(event: PageEvent): void {
    if (event.type === 'progress') this.progress.set(progressKey(event.id, event.progress), event);
    else if (this.pending.push(event) > MAX_PENDING) this.end();
    this.wake();
  }

  /** No more events come; those that wait are still given out. */
  end(): void {
    this.ended = true;
    this.wake();
  }

  /** The events in order, until `end`. */
  async *events(): AsyncGenerator<PageEvent> {
    for (;;) {
      const event = this.pending.shift() ?? this.takeProgress();
      if (event !== undefined) {
        yield event;
        continue;
      }
      if (this.ended) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private takeProgress(): PageEvent | undefined {
    for (const [key, event] of this.progress) {
      this.progress.delete(key);
      return event;
    }
    return undefined;
  }
}
