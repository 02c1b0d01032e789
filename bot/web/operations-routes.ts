import { Hono } from 'hono';
import { z } from 'zod';
import { jobIdSchema, type RequestId, type UserId, userIdSchema } from '../../commands/ids.ts';
import { type Job, type JobStatus, pictureCount } from '../../commands/job.ts';
import { messagesFor } from '../../commands/locale/index.ts';
import { requestIdOf, UserError } from '../../commands/request.ts';
import { displayText } from '../display-text.ts';
import { type Failure, OPERATION_MODES, type OperationsSnapshot } from '../operations/operations.ts';
import { inRequest } from '../tracing/request-scope.ts';
import type { AppParts } from './app.ts';
import type { Role } from './invitations.ts';
import { localeOf } from './locale.ts';
import type { Member } from './member-store.ts';
import { refuse } from './refusals.ts';
import { adminsOnly, type PageEnvironment } from './session.ts';

const actSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mode'), mode: z.enum(OPERATION_MODES) }),
  z.strictObject({ kind: z.literal('retry'), job: jobIdSchema }),
  z.strictObject({ kind: z.literal('member'), user: userIdSchema, removed: z.boolean() }),
]);

/** The operator's dashboard: what the service does, and the hand on it. */
export function operationsRoutes({ operations, signIn, conversations, log }: AppParts): Hono<PageEnvironment> {
  const app = new Hono<PageEnvironment>();
  app.use('/api/operations', adminsOnly);

  app.get('/api/operations', async (context) => {
    const [snapshot, members] = await Promise.all([operations.snapshot(), signIn?.members.all() ?? []]);
    const own = context.get('user');
    return context.json({ ...shownSnapshot(snapshot), members: members.map((member) => shownMember(member, own)) });
  });

  app.post('/api/operations', async (context) => {
    const act = actSchema.safeParse(await context.req.json().catch(() => null));
    if (!act.success) return refuse(context, 'unreadable', 400);
    log.info({ user: context.get('user'), act: act.data }, 'an operator acts');
    if (act.data.kind === 'mode') {
      await operations.setMode(act.data.mode);
      return context.json({});
    }
    if (act.data.kind === 'member') {
      const { user, removed } = act.data;
      if (user === context.get('user')) return context.json({ error: 'Nobody can remove themselves.' }, 409);
      await signIn?.members.setRemoved(user, removed);
      if (removed) conversations.end(user);
      return context.json({});
    }
    try {
      const retry = await operations.retry(act.data.job);
      if (retry === null) return refuse(context, 'nothingToRetry', 409);
      const { failed, again } = retry;
      const as = requestIdOf(again.origin);
      inRequest(failed.origin, () => log.info({ job: failed.id, as }, 'retried'));
      return context.json({ request: as });
    } catch (error) {
      if (error instanceof UserError) return context.json({ error: error.in(messagesFor(localeOf(context))) }, 409);
      throw error;
    }
  });

  return app;
}

/** Somebody who was let in to the page. */
export interface ShownMember {
  readonly user: string;
  readonly name: string | null;
  readonly role: Role;
  readonly since: string;
  readonly seenAt: string;
  readonly removed: boolean;
  /** The operator who looks. */
  readonly isOwn: boolean;
}

function shownMember({ user, name, role, since, seenAt, removed }: Member, own: UserId): ShownMember {
  return {
    user,
    name: name && displayText(name),
    role,
    since: since.toISOString(),
    seenAt: seenAt.toISOString(),
    removed,
    isOwn: user === own,
  };
}

/** A job as an operator is shown it: whose it is and what it costs, not what it says. */
export interface ShownJob {
  readonly id: string;
  /** What its person can tell, and the log has. */
  readonly request: RequestId;
  readonly status: JobStatus;
  readonly platform: string;
  readonly guild: string;
  readonly user: string;
  readonly kind: string;
  readonly model: string;
  readonly size: string;
  readonly count: number;
  readonly attempts: number;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export type ShownSnapshot = Omit<OperationsSnapshot, 'failures' | 'line'> & {
  /** None where everybody who reaches the page may use it. */
  readonly members: readonly ShownMember[];
  readonly failures: readonly {
    readonly job: ShownJob;
    readonly what: Failure['what'];
    readonly cause: string;
    readonly retry: ShownJob | null;
  }[];
  readonly line: readonly { readonly job: ShownJob; readonly expectedSeconds: number }[];
};

function shownSnapshot(snapshot: OperationsSnapshot): Omit<ShownSnapshot, 'members'> {
  return {
    ...snapshot,
    failures: snapshot.failures.map(({ job, what, cause, retry }) => ({
      job: shownJob(job),
      what,
      cause: displayText(cause),
      retry: retry && shownJob(retry),
    })),
    line: snapshot.line.map(({ job, expectedSeconds }) => ({ job: shownJob(job), expectedSeconds })),
  };
}

function shownJob({ id, origin, status, work, attempts, createdAt, finishedAt }: Job): ShownJob {
  const { width, height, model } = work.recipe;
  return {
    id,
    request: requestIdOf(origin),
    status,
    platform: origin.platform,
    guild: displayText(origin.guild),
    user: displayText(origin.user),
    kind: work.kind,
    model: model.name,
    size: `${width}x${height}`,
    count: pictureCount(work),
    attempts,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
