import { eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { ARITHMETICS, type Arithmetic } from '../../commands/engine.ts';
import { OPERATION_MODES, type OperationMode } from '../operations/operations.ts';
import type { SqlDatabase } from './database.ts';
import { operation } from './schema.ts';

/** The one row of the table. */
const ROW = 1;

const modeSchema = z.enum(OPERATION_MODES);

/** What an operator has last chosen; open where nothing was. */
export async function readMode(db: SqlDatabase): Promise<OperationMode> {
  const [row] = await db.select().from(operation).where(eq(operation.id, ROW));
  return row === undefined ? 'open' : modeSchema.parse(row.mode);
}

/**
 * What the workers that choose for themselves have agreed to compute in: what the first of them chose. It is asked with what
 * this one would choose.
 */
export async function agreeArithmetic(db: SqlDatabase, own: Arithmetic): Promise<Arithmetic> {
  const [row] = await db
    .insert(operation)
    .values({ id: ROW, arithmetic: own })
    .onConflictDoUpdate({
      target: operation.id,
      set: { arithmetic: sql`coalesce(${operation.arithmetic}, excluded.arithmetic)` },
    })
    .returning();
  return z.enum(ARITHMETICS).catch(own).parse(row?.arithmetic);
}

export async function writeMode(db: SqlDatabase, mode: OperationMode): Promise<void> {
  await db.insert(operation).values({ id: ROW, mode }).onConflictDoUpdate({ target: operation.id, set: { mode } });
}
