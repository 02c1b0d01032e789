import type { InferSelectModel } from 'drizzle-orm';
import { z } from 'zod';
import { ARITHMETICS } from '../../commands/engine.ts';
import { blobKeySchema, jobIdSchema, pictureId, recipeIdSchema } from '../../commands/ids.ts';
import { type Job, type Picture, workSchema } from '../../commands/job.ts';
import { pictureNoteSchema } from '../../commands/picture-note.ts';
import { recipeSchema } from '../../commands/recipe.ts';
import { originSchema } from '../../commands/request.ts';
import type { jobs, pictures, recipes } from './schema.ts';

export type JobRow = InferSelectModel<typeof jobs>;

const statusSchema = z.enum(['queued', 'running', 'done', 'failed', 'cancelled']);
const visibilitySchema = z.enum(['public', 'private']);
const failureSchema = z.object({
  code: z.string(),
  message: z.string(),
  name: z.string().exactOptional(),
  cause: z.string().exactOptional(),
});

/** A stored job, parsed: what an older version or a hand has written must not travel further unseen. */
export function jobOf(row: JobRow): Job {
  const { platform, guild, channel, user, event } = row;
  return {
    id: jobIdSchema.parse(row.id),
    origin: originSchema.parse({ platform, guild, channel, user, event }),
    work: workSchema.parse(row.work),
    status: statusSchema.parse(row.status),
    visibility: visibilitySchema.parse(row.visibility),
    spoiler: row.spoiler,
    attempts: row.attempts,
    reservedSeconds: row.reservedSeconds,
    measuredSeconds: row.measuredSeconds,
    failure: failureSchema.nullable().parse(row.failure),
    trace: row.trace,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
  };
}

export interface PictureRow {
  readonly pictures: InferSelectModel<typeof pictures>;
  readonly recipes: InferSelectModel<typeof recipes>;
  readonly jobs: Pick<JobRow, 'platform' | 'guild' | 'channel' | 'user' | 'event'>;
}

/** A stored picture with its recipe and the origin of its job. */
export function pictureOf({ pictures: row, recipes: recipe, jobs: job }: PictureRow): Picture {
  const { platform, guild, channel, user, event } = job;
  const id = jobIdSchema.parse(row.job);
  return {
    id: pictureId(id, row.index),
    job: id,
    recipe: recipeSchema.parse(recipe.recipe),
    recipeId: recipeIdSchema.parse(recipe.id),
    blob: blobKeySchema.parse(row.blob),
    handoff: blobKeySchema.nullable().parse(row.handoff),
    expired: row.expiredAt !== null,
    width: row.width,
    height: row.height,
    origin: originSchema.parse({ platform, guild, channel, user, event }),
    notes: z.array(pictureNoteSchema).parse(row.notes),
    arithmetic: z.enum(ARITHMETICS).nullable().catch(null).parse(row.arithmetic),
    createdAt: row.createdAt,
  };
}
