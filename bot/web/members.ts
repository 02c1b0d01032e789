import type { UserId } from '../../commands/ids.ts';
import type { Role } from './invitations.ts';
import type { Member, MemberStore } from './member-store.ts';

/** What another process has changed is obeyed after so long at the latest. */
const REMEMBERED_MS = 3_000;
/** That somebody is here is written down this often. */
const SEEN_MS = 600_000;
/** More people than this are looked up again. */
const MAX_REMEMBERED = 10_000;

/** Who may still come in: nobody who was removed, and nobody by a session from before they signed out everywhere. */
export class Members {
  private readonly remembered = new Map<UserId, { readonly at: number; readonly standing: Promise<Standing> }>();
  private readonly seenAt = new Map<UserId, number>();
  private readonly store: MemberStore;
  private readonly now: () => number;

  constructor(store: MemberStore, now: () => number = Date.now) {
    this.store = store;
    this.now = now;
  }

  /** Whether a session that began then, in seconds since the epoch, is still worth something. */
  async admits(user: UserId, since: number, role: Role): Promise<boolean> {
    const { removed, signedOutSeconds } = await this.standing(user);
    if (removed || since <= signedOutSeconds) return false;
    await this.note(user, role);
    return true;
  }

  /** The first second at which a session of theirs may begin; null: they are not let in. */
  async enter(user: UserId, role: Role, nowSeconds: number, name?: string): Promise<number | null> {
    const { removed, signedOutSeconds } = await this.standing(user);
    if (removed) return null;
    await this.store.saw(user, role, name);
    this.seenAt.set(user, this.now());
    return Math.max(nowSeconds, signedOutSeconds + 1);
  }

  all(): Promise<readonly Member[]> {
    return this.store.all();
  }

  async signOut(user: UserId): Promise<void> {
    await this.store.signOut(user);
    this.remembered.delete(user);
  }

  async setRemoved(user: UserId, removed: boolean): Promise<void> {
    await this.store.setRemoved(user, removed);
    this.remembered.delete(user);
  }

  private standing(user: UserId): Promise<Standing> {
    const known = this.remembered.get(user);
    if (known !== undefined && this.now() - known.at < REMEMBERED_MS) return known.standing;
    const standing = this.store.find(user).then((member) => ({
      removed: member?.removed === true,
      signedOutSeconds: member?.signedOutAt ? Math.floor(member.signedOutAt.getTime() / 1000) : 0,
    }));
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear();
    this.remembered.set(user, { at: this.now(), standing });
    standing.catch(() => this.remembered.delete(user));
    return standing;
  }

  private async note(user: UserId, role: Role): Promise<void> {
    if (this.now() - (this.seenAt.get(user) ?? Number.NEGATIVE_INFINITY) < SEEN_MS) return;
    if (this.seenAt.size >= MAX_REMEMBERED) this.seenAt.clear();
    this.seenAt.set(user, this.now());
    await this.store.saw(user, role);
  }
}

interface Standing {
  readonly removed: boolean;
  readonly signedOutSeconds: number;
}
