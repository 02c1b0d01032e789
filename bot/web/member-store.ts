import type { UserId } from '../../commands/ids.ts';
import type { Role } from './invitations.ts';

/** Somebody who was let in to a page that asks for a sign-in. */
export interface Member {
  readonly user: UserId;
  /** As their Discord account is called; null: they came by an invitation. */
  readonly name: string | null;
  readonly role: Role;
  readonly since: Date;
  /** When they were here last. */
  readonly seenAt: Date;
  /** Sessions from before are over. */
  readonly signedOutAt: Date | null;
  /** Is not let in any more. */
  readonly removed: boolean;
}

export interface MemberStore {
  /** The newest first, at most 500. */
  all(): Promise<readonly Member[]>;
  find(user: UserId): Promise<Pick<Member, 'signedOutAt' | 'removed'> | null>;
  /** Somebody is here now; a name that is given replaces the one before. */
  saw(user: UserId, role: Role, name?: string): Promise<void>;
  signOut(user: UserId): Promise<void>;
  setRemoved(user: UserId, removed: boolean): Promise<void>;
}
