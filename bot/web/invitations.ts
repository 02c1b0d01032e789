import { createHash, randomBytes } from 'node:crypto';
import { Newest } from '../newest.ts';
import type { Entrance } from './membership.ts';

/** What somebody may do on a page that asks for a sign-in: an admin rules the guild and invites others. */
export type Role = 'admin' | 'guest';

const LIFE_MS = 24 * 3600 * 1000;
/** Older ones lapse when more are open. */
const MAX_OPEN = 100;

/** One-time invitations. They live in memory only: those that were not used end with the process. */
export class Invitations {
  private readonly open = new Newest<string, { entrance: Entrance; until: number }>(MAX_OPEN);
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /** A secret that lets one browser in, once. */
  create(entrance: Entrance): string {
    const secret = randomBytes(32).toString('base64url');
    this.open.set(digest(secret), { entrance, until: this.now() + LIFE_MS });
    return secret;
  }

  /** How the secret lets somebody in, and never again; null for one that is unknown, used or lapsed. */
  redeem(secret: string): Entrance | null {
    const key = digest(secret);
    const invitation = this.open.get(key);
    this.open.delete(key);
    return invitation !== undefined && invitation.until > this.now() ? invitation.entrance : null;
  }
}

/** Looked up by digest, so that the time of a look-up tells nothing about a secret. */
function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
