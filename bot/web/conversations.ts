import type { UserId } from '../../commands/ids.ts';
import { KeyedLock } from '../keyed-lock.ts';
import { Listener, type PageEvent, type PageProgress, progressKey } from './listener.ts';
import { type Answer, type PageForm, pageTurn, type Turn, type TurnId } from './turn.ts';
import type { StoredTurn, TurnStore } from './turn-store.ts';

/** Turns that an opening page is given at once; older ones on request. */
export const PAGE_SIZE = 50;
/** A page that missed more changes than this starts afresh. */
const MAX_MISSED = 500;

/** The conversations of all people with the page: kept in the store, told to whoever has the page open. */
export class Conversations {
  private readonly store: TurnStore;
  /** One change of a person's turns at a time, so that pages hear of changes in the order of their numbers. */
  private readonly lock = new KeyedLock<UserId>();
  private readonly listeners = new Map<UserId, Set<Listener>>();
  /** How far each unfinished turn is: for pages that open in the middle. */
  private readonly progressNow = new Map<TurnId, { user: UserId; states: Map<string, PageProgress> }>();

  constructor(store: TurnStore) {
    this.store = store;
  }

  /** False where this turn was begun before: then it is the same request, sent again. */
  async begin(user: UserId, turn: Turn): Promise<boolean> {
    return this.lock.run(user, async () => {
      const created = await this.store.create(user, turn);
      if (created === false) return false;
      this.publish(user, changeEvent(created));
      return true;
    });
  }

  find(user: UserId, id: TurnId): Promise<Turn | null> {
    return this.store.find(user, id);
  }

  page(user: UserId, before: TurnId): Promise<{ turns: readonly ReturnType<typeof pageTurn>[]; more: boolean }> {
    return this.loadPage(user, { before });
  }

  /**
   * Sets a turn's answer to what `next` makes of the present turn; null leaves it as it is. Resolves to false where the
   * turn has been removed.
   */
  async answer(user: UserId, id: TurnId, next: (turn: Turn) => Answer | null): Promise<boolean> {
    return this.lock.run(user, async () => {
      const turn = await this.store.find(user, id);
      if (turn === null) return false;
      const answer = next(turn);
      if (answer === null) return true;
      const stored = await this.store.replace(user, { ...turn, answer });
      if (answer.kind === 'message') this.progressNow.delete(id);
      this.publish(user, changeEvent(stored));
      return true;
    });
  }

  async remove(user: UserId, id: TurnId): Promise<void> {
    await this.lock.run(user, async () => {
      this.progressNow.delete(id);
      this.publish(user, changeEvent(await this.store.remove(user, id)));
    });
  }

  progress(user: UserId, id: TurnId, progress: PageProgress): void {
    this.keepProgress(user, id, progress);
    this.publish(user, { type: 'progress', id, progress });
  }

  openForm(user: UserId, id: TurnId, form: PageForm): void {
    this.publish(user, { type: 'form', id, form });
  }

  /** All that a page which opens now has to be told. */
  now(user: UserId): Promise<readonly PageEvent[]> {
    return this.lock.run(user, () => this.events(user, null));
  }

  /** Begins to tell a page everything; `since` is the last sequence number that it knows, null for a new page. */
  async listen(user: UserId, since: number | null): Promise<Listener> {
    const listener = new Listener();
    await this.lock.run(user, async () => {
      for (const event of await this.events(user, since)) listener.push(event);
      const open = this.listeners.get(user) ?? new Set();
      this.listeners.set(user, open.add(listener));
    });
    return listener;
  }

  leave(user: UserId, listener: Listener): void {
    const open = this.listeners.get(user);
    open?.delete(listener);
    if (open?.size === 0) this.listeners.delete(user);
  }

  listenerCount(user: UserId): number {
    return this.listeners.get(user)?.size ?? 0;
  }

  /** Ends every page's stream after what it has still to be told; of one person, where one is given. */
  end(user?: UserId): void {
    const ending = user === undefined ? [...this.listeners.values()] : [this.listeners.get(user) ?? []];
    for (const open of ending) for (const listener of open) listener.end();
  }

  private keepProgress(user: UserId, id: TurnId, progress: PageProgress): void {
    if (progress.state === 'finished') this.progressNow.delete(id);
    else if (progress.state === 'running') {
      const states = this.progressNow.get(id)?.states ?? new Map();
      states.delete(id);
      this.progressNow.set(id, { user, states: states.set(progressKey(id, progress), progress) });
    } else this.progressNow.set(id, { user, states: new Map([[progressKey(id, progress), progress]]) });
  }

  /** What has changed since then, and how far what is unfinished is. */
  private async events(user: UserId, since: number | null): Promise<readonly PageEvent[]> {
    const changes = await this.catchUp(user, since);
    const progress = [...this.progressNow].flatMap(([id, now]) =>
      now.user !== user
        ? []
        : [...now.states.values()].map((state) => ({ type: 'progress' as const, id, progress: state })),
    );
    return [...changes, ...progress];
  }

  private async catchUp(user: UserId, since: number | null): Promise<readonly PageEvent[]> {
    if (since !== null) {
      const missed = await this.store.changedSince(user, since, MAX_MISSED + 1);
      if (missed.length <= MAX_MISSED) return missed.map(changeEvent);
    }
    const sequence = await this.store.lastSequence(user);
    return [{ type: 'turns', sequence, ...(await this.loadPage(user, {})) }];
  }

  private async loadPage(user: UserId, filter: { before?: TurnId }) {
    const found = await this.store.page(user, { ...filter, limit: PAGE_SIZE + 1 });
    const turns = found.slice(-PAGE_SIZE).flatMap(({ turn }) => (turn === null ? [] : [pageTurn(turn)]));
    return { turns, more: found.length > PAGE_SIZE };
  }

  private publish(user: UserId, event: PageEvent): void {
    for (const listener of this.listeners.get(user) ?? []) listener.push(event);
  }
}

function changeEvent({ id, sequence, turn }: StoredTurn): PageEvent {
  return turn === null ? { type: 'removed', sequence, id } : { type: 'turn', sequence, turn: pageTurn(turn) };
}
