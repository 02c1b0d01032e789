import { Hono } from 'hono';
import { z } from 'zod';
import { jobIdSchema } from '../../commands/ids.ts';
import { type Job, pictureCount } from '../../commands/job.ts';
import { requestIdOf, UserError } from '../../commands/request.ts';
import { displayText } from '../display-text.ts';
import { OPERATION_MODES, type OperationsSnapshot } from '../operations/operations.ts';
import { inRequest } from '../tracing/request-scope.ts';
import type { AppParts } from './app.ts';
import { adminsOnly, type PageEnvironment } from './session.ts';

const actSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mode'), mode: z.enum(OPERATION_MODES) }),
  z.strictObject({ kind: z.literal('retry'), job: jobIdSchema }),
]);

/** The operator's dashboard: what the service does, and the hand on it. */
export function operationsRoutes({ operations, log }: AppParts): Hono<PageEnvironment> {
  const app = new Hono<PageEnvironment>();
  app.use('/api/operations', adminsOnly);

  app.get('/api/operations', async (context) => context.json(shownSnapshot(await operations.snapshot())));

  app.post('/api/operations', async (context) => {
    const act = actSchema.safeParse(await context.req.json().catch(() => null));
    if (!act.success) return context.json({ error: 'Easel could not read this request.' }, 400);
    log.info({ user: context.get('user'), act: act.data }, 'an operator acts');
    if (act.data.kind === 'mode') {
      await operations.setMode(act.data.mode);
      return context.json({});
    }
    try {
      const retry = await operations.retry(act.data.job);
      if (retry === null) return context.json({ error: 'There is nothing to retry, or it was retried before.' }, 409);
      const { failed, again } = retry;
      inRequest(failed.origin, () => log.info({ job: failed.id, as: requestIdOf(again.origin) }, 'retried'));
      return context.json({});
    } catch (error) {
      if (error instanceof UserError) return context.json({ error: error.message }, 409);
      throw error;
    }
  });

  return app;
}

/** A job as an operator is shown it: whose it is and what it costs, not what it says. */
export interface ShownJob {
  readonly id: string;
  readonly platform: string;
  readonly guild: string;
  readonly user: string;
  readonly kind: string;
  readonly model: string;
  readonly size: string;
  readonly count: number;
  readonly attempts: number;
  readonly createdAt: string;
}

export type ShownSnapshot = Omit<OperationsSnapshot, 'failures' | 'line'> & {
  readonly failures: readonly { readonly job: ShownJob; readonly what: string; readonly cause: string }[];
  readonly line: readonly { readonly job: ShownJob; readonly running: boolean; readonly expectedSeconds: number }[];
};

function shownSnapshot(snapshot: OperationsSnapshot): ShownSnapshot {
  return {
    ...snapshot,
    failures: snapshot.failures.map(({ job, what, cause }) => ({
      job: shownJob(job),
      what,
      cause: displayText(cause),
    })),
    line: snapshot.line.map(({ job, expectedSeconds }) => ({
      job: shownJob(job),
      running: job.status === 'running',
      expectedSeconds,
    })),
  };
}

function shownJob({ id, origin, work, attempts, createdAt }: Job): ShownJob {
  const { width, height, model } = work.recipe;
  return {
    id,
    platform: origin.platform,
    guild: displayText(origin.guild),
    user: displayText(origin.user),
    kind: work.kind,
    model: model.name,
    size: `${width}x${height}`,
    count: pictureCount(work),
    attempts,
    createdAt: createdAt.toISOString(),
  };
}
