import { inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type BlobKey, blobKeySchema } from '../../commands/ids.ts';
import { rowsOf, type SqlDatabase, textArray } from './database.ts';
import { jobs, pictures, releasedBlobs as released } from './schema.ts';

/**
 * What a person deletes is out of everybody's reach at once, for its rows are gone. Its bytes wait for a grace: they go by
 * their content, so a job that draws the same again may have stored them just now and not recorded it yet.
 */
export async function releaseBlobs(
  tx: SqlDatabase,
  keys: readonly BlobKey[],
  why: 'deleted' | 'forgotten',
): Promise<void> {
  await tx.execute(sql`
    insert into ${released} (key, forgotten) select key, ${why === 'forgotten'} from unnest(${textArray(keys)}) as key
    on conflict (key) do update set
      released_at = now(), forgotten = ${released.forgotten} or excluded.forgotten`);
}

const isPicture = sql`(
  exists (select from ${pictures} p where p.blob = key and p.expired_at is null)
  or exists (select from ${pictures} p where p.handoff = key))`;
const isBegunWith = sql`exists (select from ${jobs} j where j.init_blob = key or j.mask_blob = key)`;
const isAwaited = sql`exists (
  select from ${jobs} j where j.status in ('queued', 'running') and (j.init_blob = key or j.mask_blob = key))`;

/** As `RetentionStore.releasedBlobs`. */
export async function releasedBlobs(db: SqlDatabase, before: Date, limit: number): Promise<readonly BlobKey[]> {
  const moment = sql`${before.toISOString()}::timestamptz`;
  // What is referred to again is nobody's deleted picture any more.
  await db.execute(sql`
    delete from ${released} where released_at < ${moment} and (${isPicture} or (${isBegunWith} and not forgotten))`);
  const rows = await rowsOf(
    db,
    z.object({ key: blobKeySchema }),
    sql`
      select key from ${released}
      where released_at < ${moment} and not ${isAwaited}
        and not exists (select from ${jobs} j where j.status = 'running' and j.started_at < ${moment})
      order by released_at limit ${limit}`,
  );
  return rows.map(({ key }) => key);
}

export async function settleReleased(db: SqlDatabase, keys: readonly BlobKey[]): Promise<void> {
  if (keys.length > 0) await db.delete(released).where(inArray(released.key, [...keys]));
}
