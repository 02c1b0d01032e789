import { and, asc, desc, eq, getTableColumns, or, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type BlobKey, blobKeySchema, partsOfPictureId } from '../../commands/ids.ts';
import { recipeSchema } from '../../commands/recipe.ts';
import { rowsOf, type SqlDatabase, textArray } from './database.ts';
import { releaseBlobs } from './released-blobs.ts';
import { pictureOf } from './rows.ts';
import { jobs, messages, pictures, recipes } from './schema.ts';
import type { PictureStore } from './store.ts';

const { platform, guild, channel, user, event } = getTableColumns(jobs);

export function pictureStore(db: SqlDatabase): PictureStore {
  const select = () =>
    db
      .select({ pictures, recipes, jobs: { platform, guild, channel, user, event } })
      .from(pictures)
      .innerJoin(recipes, eq(recipes.id, pictures.recipe))
      .innerJoin(jobs, eq(jobs.id, pictures.job));

  return {
    async find(id) {
      const { job, index } = partsOfPictureId(id);
      const [row] = await select().where(and(eq(pictures.job, job), eq(pictures.index, index)));
      return row === undefined ? null : pictureOf(row);
    },

    async ofJob(job) {
      const rows = await select().where(eq(pictures.job, job)).orderBy(asc(pictures.index));
      return rows.map(pictureOf);
    },

    async ofMessage(where, inChannel, message) {
      const rows = await select()
        .innerJoin(messages, eq(messages.job, pictures.job))
        .where(and(eq(messages.platform, where), eq(messages.channel, inChannel), eq(messages.message, message)))
        .orderBy(asc(pictures.index));
      return rows.map(pictureOf);
    },

    async recipe(id) {
      const [row] = await db.select().from(recipes).where(eq(recipes.id, id));
      return row === undefined ? null : recipeSchema.parse(row.recipe);
    },

    async ofRecipe(id, { platform: where, user: person, shared }) {
      const isOwn = sql`${eq(jobs.user, person)}`;
      const isShared =
        shared === null
          ? sql`false`
          : and(
              eq(jobs.guild, shared.guild),
              shared.channel === null
                ? undefined
                : and(eq(jobs.channel, shared.channel), eq(jobs.visibility, 'public')),
            );
      const rows = await select()
        .where(and(eq(pictures.recipe, id), eq(jobs.platform, where), or(isOwn, isShared)))
        .orderBy(desc(isOwn), sql`${pictures.expiredAt} is not null`, desc(pictures.job), desc(pictures.index))
        .limit(1);
      return rows.map(pictureOf)[0] ?? null;
    },

    mayUse: (key, person) => isKnownTo(db, key, person, sql`true`),
    isShownTo: (key, person) => isKnownTo(db, key, person, sql`j.platform = ${person.platform}`),

    async history(filter) {
      const last = filter.before === undefined ? null : partsOfPictureId(filter.before);
      const isEarlier =
        last === null ? undefined : sql`(${pictures.job}, ${pictures.index}) < (${last.job}::uuid, ${last.index}::int)`;
      const rows = await select()
        .where(and(eq(pictures.guild, filter.guild), eq(pictures.user, filter.user), isEarlier))
        .orderBy(desc(pictures.job), desc(pictures.index))
        .limit(filter.limit);
      return rows.map(pictureOf);
    },

    remove: (id) =>
      db.transaction(async (tx) => {
        const { job, index } = partsOfPictureId(id);
        const removed = await tx
          .delete(pictures)
          .where(and(eq(pictures.job, job), eq(pictures.index, index)))
          .returning();
        const unused = await dropUnused(
          tx,
          removed.map(({ recipe }) => recipe),
          removed.flatMap(({ blob, handoff }) => [blob, handoff]),
        );
        await releaseBlobs(tx, unused, 'deleted');
        return unused;
      }),
  };
}

/** Whether these bytes are a picture of the person's, or a public one where `isPublicFor` holds, or their own upload. */
async function isKnownTo(
  db: SqlDatabase,
  key: BlobKey,
  person: { readonly platform: string; readonly user: string },
  isPublicFor: SQL,
): Promise<boolean> {
  const isOwn = sql`j.platform = ${person.platform} and j.user_id = ${person.user}`;
  const rows = await rowsOf(
    db,
    z.object({ known: z.literal(1) }),
    sql`
      select 1 as known from ${pictures} p join ${jobs} j on j.id = p.job
      where p.blob = ${key} and ((${isOwn}) or (j.visibility = 'public' and ${isPublicFor}))
      union all
      select 1 from ${jobs} j where (j.init_blob = ${key} or j.mask_blob = ${key}) and ${isOwn}
      limit 1`,
  );
  return rows.length > 0;
}

/** Removes those of these recipes that no picture has any more; returns those of these blobs that no row refers to. */
export async function dropUnused(
  tx: SqlDatabase,
  ids: readonly string[],
  blobs: readonly (string | null)[],
): Promise<readonly BlobKey[]> {
  await tx.execute(sql`
    delete from ${recipes} where id = any(${textArray(ids)})
      and not exists (select from ${pictures} p where p.recipe = ${recipes.id})`);
  return unreferred(tx, blobs);
}

/** Those of these blobs that are no picture that anybody has, whoever draws from them. */
export async function ofNoPicture(db: SqlDatabase, blobs: readonly (string | null)[]): Promise<readonly BlobKey[]> {
  const candidates = [...new Set(blobs)].filter((blob) => blob !== null);
  const rows = await rowsOf(
    db,
    z.object({ key: blobKeySchema }),
    sql`
      select key from unnest(${textArray(candidates)}) as key
      where not exists (select from ${pictures} p where p.blob = key and p.expired_at is null)
        and not exists (select from ${pictures} p where p.handoff = key)`,
  );
  return rows.map(({ key }) => key);
}

/** Those of these blobs that no row refers to. */
export async function unreferred(db: SqlDatabase, blobs: readonly (string | null)[]): Promise<readonly BlobKey[]> {
  const candidates = [...new Set(blobs)].filter((blob) => blob !== null);
  const rows = await rowsOf(
    db,
    z.object({ key: blobKeySchema }),
    sql`
      select key from unnest(${textArray(candidates)}) as key
      where not exists (select from ${pictures} p where p.blob = key and p.expired_at is null)
        and not exists (select from ${pictures} p where p.handoff = key)
        and not exists (select from ${jobs} j where j.init_blob = key)
        and not exists (select from ${jobs} j where j.mask_blob = key)`,
  );
  return rows.map(({ key }) => key);
}
