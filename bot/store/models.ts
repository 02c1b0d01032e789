import { eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { ARITHMETICS, type ModelDescription } from '../../commands/engine.ts';
import { modelAccessSchema } from '../../config/index.ts';
import { isHeardOf } from './conditions.ts';
import { type SqlDatabase, secondsFromNow } from './database.ts';
import { agreeArithmetic } from './mode.ts';
import { workerModels, workers } from './schema.ts';
import type { ModelStore } from './store.ts';

/** Workers have new ids each time they start: the old ones' rows go after this long. */
const FORGOTTEN_AFTER = sql`interval '1 day'`;

const reference = z.object({ name: z.string(), hash: z.string() });

/** Unknown keys are kept out: a newer worker may tell more than this bot knows. */
const descriptionSchema: z.ZodType<ModelDescription> = reference.extend({
  bytes: z.number(),
  licence: z.string().nullable(),
  allow: modelAccessSchema.nullable(),
  refiner: reference.nullable(),
  predictionType: z.enum(['epsilon', 'v_prediction', 'sample', 'edm']),
  nativeSize: z.number(),
  buckets: z.array(z.object({ width: z.number(), height: z.number() })),
  samplers: z.array(z.string()),
  tokenLimit: z.number(),
  arithmetic: z.enum(ARITHMETICS).exactOptional(),
  defaults: z.object({
    sampler: z.string(),
    steps: z.number(),
    guidance: z.number(),
    guidanceRescale: z.number(),
    refine: z.number().nullable(),
    outpaint: z.number().exactOptional(),
  }),
});

export function modelStore(db: SqlDatabase): ModelStore {
  return {
    agreeArithmetic: (own) => agreeArithmetic(db, own),

    async register(worker, models, slots = 1) {
      await db.transaction(async (tx) => {
        await tx.delete(workers).where(sql`${workers.heardAt} < now() - ${FORGOTTEN_AFTER}`);
        await tx.delete(workers).where(eq(workers.id, worker));
        await tx.insert(workers).values({ id: worker, slots, heardAt: secondsFromNow(0) });
        const rows = models.map((model, position) => ({ worker, position, ...model }));
        if (rows.length > 0) await tx.insert(workerModels).values(rows);
      });
    },

    async heartbeat(worker) {
      await db
        .update(workers)
        .set({ heardAt: secondsFromNow(0) })
        .where(eq(workers.id, worker));
    },

    async unregister(worker) {
      await db.delete(workers).where(eq(workers.id, worker));
    },

    async available() {
      const rows = await db
        .select({ name: workerModels.name, description: workerModels.description })
        .from(workerModels)
        .innerJoin(workers, eq(workers.id, workerModels.worker))
        .where(isHeardOf)
        .orderBy(workerModels.position, workerModels.name);
      const byName = new Map<string, ModelDescription>();
      for (const { name, description } of rows) {
        // A worker of a version that describes models otherwise: its models wait for a bot that understands it.
        const parsed = descriptionSchema.safeParse(description);
        if (parsed.success && !byName.has(name)) byName.set(name, parsed.data);
      }
      return [...byName].map(([name, description]) => ({ name, description }));
    },
  };
}
