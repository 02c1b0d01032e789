import type { UserId } from '../../commands/ids.ts';
import type { Turn, TurnId } from './turn.ts';

/** A turn as it is now, or null where it was removed, with its place in the order of all changes. */
export interface StoredTurn {
  readonly id: TurnId;
  readonly sequence: number;
  readonly turn: Turn | null;
}

/**
 * Where the page's conversations are kept. Every change of a turn gives it a higher sequence number, so that a page that
 * was away asks for what changed since.
 */
export interface TurnStore {
  /** Adds a turn; false where its id is known already, removed turns included. */
  create(user: UserId, turn: Turn): Promise<StoredTurn | false>;
  replace(user: UserId, turn: Turn): Promise<StoredTurn>;
  remove(user: UserId, id: TurnId): Promise<StoredTurn>;
  find(user: UserId, id: TurnId): Promise<Turn | null>;
  /** The newest turns that are not removed, oldest first; with `before`, those that began before that one. */
  page(user: UserId, filter: { readonly before?: TurnId; readonly limit: number }): Promise<readonly StoredTurn[]>;
  /** Everything that changed after a sequence number, in the order of the changes. */
  changedSince(user: UserId, sequence: number, limit: number): Promise<readonly StoredTurn[]>;
  /** The highest sequence number given so far. */
  lastSequence(user: UserId): Promise<number>;
  /** Turns that were left without any answer, by whomever. */
  unanswered(): Promise<readonly { readonly user: UserId; readonly turn: Turn }[]>;
}
