import { eq, sql } from 'drizzle-orm';
import type { ChannelId, JobId, MessageId } from '../../commands/ids.ts';
import type { SqlDatabase } from './database.ts';
import { jobs, messages } from './schema.ts';

/** Keeps that a message is about a job; nothing where the job has been forgotten meanwhile. */
export async function rememberMessage(
  db: SqlDatabase,
  job: JobId,
  { channel, message }: { channel: ChannelId; message: MessageId },
): Promise<void> {
  const row = {
    platform: jobs.platform,
    channel: sql<string>`${channel}`.as('channel'),
    message: sql<string>`${message}`.as('message'),
    job: jobs.id,
  };
  await db
    .insert(messages)
    .select(db.select(row).from(jobs).where(eq(jobs.id, job)))
    .onConflictDoNothing();
}
