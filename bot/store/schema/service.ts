import { sql } from 'drizzle-orm';
import { bigint, boolean, index, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { at, createdAt, easel, json, words } from './columns.ts';

/** What holds for the whole service. One row. */
export const operation = easel.table('operation', {
  id: smallint('id').primaryKey(),
  /** What becomes of requests, as an operator has chosen. */
  mode: text('mode').notNull().default('open'),
  /** What the first worker that chose for itself computes in; the others follow it. */
  arithmetic: text('arithmetic'),
});

/** The page's conversations. A removed turn keeps its id, with nothing in it. */
export const turns = easel.table(
  'turns',
  {
    user: text('user_id').notNull(),
    id: uuid('id').notNull(),
    /** Of the turn's first version: their order in the conversation. */
    began: bigint('began', { mode: 'number' }).notNull(),
    /** Of its newest version. */
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    turn: json('turn'),
    answered: boolean('answered').notNull(),
    createdAt: createdAt.defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.user, table.id] }),
    index('turns_began').on(table.user, table.began),
    index('turns_created').on(table.createdAt),
    index('turns_sequence').on(table.user, table.sequence),
    index('turns_unanswered').on(table.began).where(sql`not ${table.answered}`),
  ],
);
/** Who was let in to a page that asks for a sign-in. */
export const pageMembers = easel.table('page_members', {
  user: text('user_id').primaryKey(),
  /** As their Discord account is called; null: they came by an invitation. */
  name: words('name'),
  role: text('role').notNull(),
  createdAt: createdAt.defaultNow(),
  seenAt: at('seen_at').notNull().defaultNow(),
  /** What was signed in before is signed out. */
  signedOutAt: at('signed_out_at'),
  removed: boolean('removed').notNull().default(false),
});

export const turnSequence = easel.sequence('turn_sequence');
