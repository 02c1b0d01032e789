import type { Attachment, Origin } from '../../commands/request.ts';
import { UserError } from '../../commands/request.ts';
import { leavingCommandSlot } from '../command-slots.ts';
import { KeyedLock } from '../keyed-lock.ts';
import { Turnstile } from '../turnstile.ts';

/** Files that are fetched and decoded at once, by all people together: a decoded picture has some 70 MB. */
const AT_ONCE = 2;
const HOUR_MS = 60 * 60_000;
/** Some dozens of photographs. */
const MAX_BYTES_AN_HOUR = 400_000_000;

type FetchFile = (file: Attachment) => Promise<Uint8Array>;

/**
 * Files that people send, each person's one after the other and a few at a time in all, apart from the slots in which
 * commands are answered: whoever sends much waits for themselves.
 */
export class IncomingFiles {
  private readonly people = new KeyedLock<string>();
  private readonly slots = new Turnstile(AT_ONCE);
  private readonly used = new Map<string, { readonly since: number; bytes: number }>();
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /**
   * Lets `work` fetch files, in the person's turn, and do with them what it will before the next ones are fetched. Rejects as
   * it does; `fetch` rejects with a `UserError` for too many bytes.
   */
  take<T>({ platform, user }: Origin, work: (fetch: FetchFile) => Promise<T>): Promise<T> {
    const person = `${platform} ${user}`;
    return leavingCommandSlot(() =>
      this.people.run(person, () => this.slots.pass(() => work((file) => this.fetch(file, person)))),
    );
  }

  private async fetch(file: Attachment, person: string): Promise<Uint8Array> {
    this.requireRoom(person, file.byteLength ?? 0);
    const bytes = await file.fetch();
    this.requireRoom(person, bytes.length);
    this.count(person, bytes.length);
    return bytes;
  }

  private requireRoom(person: string, bytes: number): void {
    const used = this.used.get(person);
    if (used === undefined || this.now() - used.since >= HOUR_MS) return;
    if (used.bytes + bytes <= MAX_BYTES_AN_HOUR) return;
    const minutes = Math.ceil((used.since + HOUR_MS - this.now()) / 60_000);
    throw new UserError('too_many_bytes', ({ files }) => files.tooManyBytes(MAX_BYTES_AN_HOUR, minutes));
  }

  private count(person: string, bytes: number): void {
    const now = this.now();
    for (const [other, { since }] of this.used) if (now - since >= HOUR_MS) this.used.delete(other);
    const used = this.used.get(person) ?? { since: now, bytes: 0 };
    used.bytes += bytes;
    this.used.set(person, used);
  }
}
