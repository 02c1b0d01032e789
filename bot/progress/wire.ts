import { z } from 'zod';
import { jobIdSchema } from '../../commands/ids.ts';
import { type JobProgress, shownStageSchema } from '../../commands/job.ts';

/** Progress between processes: JSON, with the preview's bytes in base 64. */
const job = jobIdSchema;
const count = z.int().min(0);
const wireSchema = z.discriminatedUnion('state', [
  z.object({ job, state: z.literal('queued'), place: count, expectedSeconds: z.number() }),
  z.object({
    job,
    state: z.literal('running'),
    stage: shownStageSchema,
    step: count,
    steps: count,
    index: count,
    count,
    preview: z.base64().optional(),
  }),
  z.object({ job, state: z.literal('restarting') }),
  z.object({ job, state: z.literal('finished'), status: z.enum(['done', 'failed', 'cancelled']) }),
]);

export function encodeProgress(progress: JobProgress): string {
  if (progress.state !== 'running' || progress.preview === undefined) return JSON.stringify(progress);
  return JSON.stringify({ ...progress, preview: Buffer.from(progress.preview).toString('base64') });
}

/** Null for what is no progress: another version's, or not ours. */
export function decodeProgress(text: string): JobProgress | null {
  const parsed = wireSchema.safeParse(parseJson(text));
  if (!parsed.success) return null;
  if (parsed.data.state !== 'running') return parsed.data;
  const { preview, ...rest } = parsed.data;
  return preview === undefined ? rest : { ...rest, preview: new Uint8Array(Buffer.from(preview, 'base64')) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
