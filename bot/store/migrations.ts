import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { z } from 'zod';
import { DatabaseError, rowsOf, type SqlDatabase } from './database.ts';

/** The committed steps from one version of the schema to the next, and where a database keeps which it has had. */
export const migrations = {
  migrationsFolder: fileURLToPath(new URL('migrations', import.meta.url)),
  migrationsSchema: 'easel_migrations',
  migrationsTable: 'applied',
};

/** Read once: a program that runs may have the files of a newer one beneath it, and must not take them for its own. */
const ours = readMigrationFiles(migrations);

const bound = z.object({ newest: z.coerce.number().nullable(), count: z.coerce.number() });

/** How many steps a database has had, and how many this program knows. */
export interface SchemaVersions {
  readonly applied: number;
  readonly known: number;
  /** A newer Easel has changed it in ways that this one does not know. */
  readonly isNewer: boolean;
}

/** Reads a database's version, and changes nothing. */
export async function schemaVersions(db: SqlDatabase): Promise<SchemaVersions> {
  const { migrationsSchema: schema, migrationsTable: table } = migrations;
  const [known] = await rowsOf(
    db,
    z.object({ name: z.string().nullable() }),
    sql`select to_regclass(${`${schema}.${table}`})::text as name`,
  );
  if (known?.name == null) return { applied: 0, known: ours.length, isNewer: false };
  const [applied] = await rowsOf(
    db,
    bound,
    sql`select max(created_at) as newest, count(*) as count from ${sql.identifier(schema)}.${sql.identifier(table)}`,
  );
  const isNewer = (applied?.newest ?? 0) > (ours.at(-1)?.folderMillis ?? 0);
  return { applied: applied?.count ?? 0, known: ours.length, isNewer };
}

/** Rejects with a `DatabaseError` where a newer Easel has changed the database. */
export async function refuseNewerSchema(db: SqlDatabase): Promise<void> {
  const { applied, known, isNewer } = await schemaVersions(db);
  if (!isNewer) return;
  throw new DatabaseError(
    `The database belongs to a newer Easel (schema ${applied}, this one knows ${known}): update this one to the same version.`,
  );
}
