import { type SQL, sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { z } from 'zod';

/** Embedded or a server's: what both can do. A transaction is one, too. */
export type SqlDatabase = PgDatabase<PgQueryResultHKT>;

/** A database that cannot be used as it is; the message says what to do. */
export class DatabaseError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseError';
  }
}

/** The rows of a statement that the query builder cannot say, each parsed. */
export async function rowsOf<Row>(db: SqlDatabase, row: z.ZodType<Row>, statement: SQL): Promise<readonly Row[]> {
  const result: unknown = await db.execute(statement);
  return z.object({ rows: z.array(row) }).parse(result).rows;
}

/** This many seconds from now, by the database's clock: the clocks of bots and workers may differ. */
export function secondsFromNow(seconds: number): SQL<Date> {
  return sql`now() + make_interval(secs => ${seconds})`;
}

/** As one parameter, whatever its length. */
export function textArray(values: readonly string[]): SQL {
  return sql`array(select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb))`;
}
