import { and, asc, desc, eq, gt, sql } from 'drizzle-orm';
import type { UserId } from '../../commands/ids.ts';
import { userIdSchema } from '../../commands/ids.ts';
import { type Turn, type TurnId, turnIdSchema, turnSchema } from '../web/turn.ts';
import type { StoredTurn, TurnStore } from '../web/turn-store.ts';
import type { SqlDatabase } from './database.ts';
import { turns } from './schema.ts';

/** The page's conversations. A removed turn stays as a row without content, so that other open pages hear of it. */
export function turnStore(db: SqlDatabase): TurnStore {
  const mine = (user: UserId, id: TurnId) => and(eq(turns.user, user), eq(turns.id, id));

  const write = (user: UserId, id: TurnId, turn: Turn | null): Promise<StoredTurn> =>
    inOrder(db, user, async (tx) => {
      const values = { turn, answered: turn?.answer !== null, sequence: nextNumber };
      const [row] = await tx.update(turns).set(values).where(mine(user, id)).returning();
      if (row !== undefined) return storedTurn(row);
      const [made] = await tx
        .insert(turns)
        .values({ user, id, began: nextNumber, ...values })
        .returning();
      if (made === undefined) throw new Error('A turn that was inserted was not returned.');
      return storedTurn(made);
    });

  return {
    create: (user, turn) =>
      inOrder(db, user, async (tx) => {
        const values = { turn, answered: turn.answer !== null, began: nextNumber, sequence: nextNumber };
        const [row] = await tx
          .insert(turns)
          .values({ user, id: turn.id, ...values })
          .onConflictDoNothing()
          .returning();
        return row === undefined ? false : storedTurn(row);
      }),
    replace: (user, turn) => write(user, turn.id, turn),
    remove: (user, id) => write(user, id, null),

    async find(user, id) {
      const [row] = await db.select().from(turns).where(mine(user, id));
      return row === undefined ? null : storedTurn(row).turn;
    },

    async page(user, { before, limit }) {
      const began = db
        .select({ began: turns.began })
        .from(turns)
        .where(and(eq(turns.user, user), eq(turns.id, before ?? '')));
      const rows = await db
        .select()
        .from(turns)
        .where(and(eq(turns.user, user), sql`${turns.turn} is not null`, before && sql`${turns.began} < (${began})`))
        .orderBy(desc(turns.began))
        .limit(limit);
      return rows.reverse().map(storedTurn);
    },

    async changedSince(user, sequence, limit) {
      const rows = await db
        .select()
        .from(turns)
        .where(and(eq(turns.user, user), gt(turns.sequence, sequence)))
        .orderBy(asc(turns.sequence))
        .limit(limit);
      return rows.map(storedTurn);
    },

    async lastSequence(user) {
      const [row] = await db
        .select({ sequence: turns.sequence })
        .from(turns)
        .where(eq(turns.user, user))
        .orderBy(desc(turns.sequence))
        .limit(1);
      return row?.sequence ?? 0;
    },

    async unanswered() {
      const rows = await db.select().from(turns).where(sql`not ${turns.answered}`);
      return rows.flatMap((row) => {
        const { turn } = storedTurn(row);
        return turn === null ? [] : [{ user: userIdSchema.parse(row.user), turn }];
      });
    },
  };
}

const nextNumber = sql`nextval('easel.turn_sequence')`;

/** A person's changes one after the other: a page that has seen number 5 must never be given a 4 later. */
function inOrder<T>(db: SqlDatabase, user: UserId, change: (tx: SqlDatabase) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${user}, 0))`);
    return change(tx);
  });
}

function storedTurn(row: typeof turns.$inferSelect): StoredTurn {
  return {
    id: turnIdSchema.parse(row.id),
    sequence: row.sequence,
    turn: turnSchema.nullable().parse(row.turn),
  };
}
