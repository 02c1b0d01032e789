import { desc, eq, sql } from 'drizzle-orm';
import { userIdSchema } from '../../commands/ids.ts';
import type { MemberStore } from '../web/member-store.ts';
import type { SqlDatabase } from './database.ts';
import { pageMembers } from './schema.ts';

const MAX_LISTED = 500;

export function memberStore(db: SqlDatabase): MemberStore {
  return {
    async all() {
      const rows = await db.select().from(pageMembers).orderBy(desc(pageMembers.seenAt)).limit(MAX_LISTED);
      return rows.map(({ user, role, createdAt, ...row }) => ({
        ...row,
        user: userIdSchema.parse(user),
        role: role === 'admin' ? 'admin' : 'guest',
        since: createdAt,
      }));
    },

    async find(user) {
      const { signedOutAt, removed } = pageMembers;
      const [row] = await db.select({ signedOutAt, removed }).from(pageMembers).where(eq(pageMembers.user, user));
      return row ?? null;
    },

    async saw(user, role, name) {
      const named = name !== undefined && { name };
      await db
        .insert(pageMembers)
        .values({ user, role, ...named })
        .onConflictDoUpdate({ target: pageMembers.user, set: { role, seenAt: sql`now()`, ...named } });
    },

    async signOut(user) {
      await db.update(pageMembers).set({ signedOutAt: sql`now()` }).where(eq(pageMembers.user, user));
    },

    async setRemoved(user, removed) {
      await db.update(pageMembers).set({ removed }).where(eq(pageMembers.user, user));
    },
  };
}
