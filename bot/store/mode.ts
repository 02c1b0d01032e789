import { eq } from 'drizzle-orm';
import { z } from 'zod';
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

export async function writeMode(db: SqlDatabase, mode: OperationMode): Promise<void> {
  await db.insert(operation).values({ id: ROW, mode }).onConflictDoUpdate({ target: operation.id, set: { mode } });
}
