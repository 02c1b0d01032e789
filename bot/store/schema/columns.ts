import { customType, pgSchema, timestamp } from 'drizzle-orm/pg-core';

/** A schema of its own: BullMQ's tables may live in the same database. */
export const easel = pgSchema('easel');

/** Any JSON, as it was: jsonb refuses NUL characters and lone surrogates, and people's texts may have them. */
export const json = customType<{ data: unknown }>({
  dataType: () => 'json',
  toDriver: (value) => JSON.stringify(value),
});
/** What people or programs wrote, for people to read; text cannot hold NUL characters. */
export const words = customType<{ data: string }>({
  dataType: () => 'text',
  toDriver: (value) => value.replaceAll('\u0000', '\ufffd'),
});

export const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
export const createdAt = at('created_at').notNull();
