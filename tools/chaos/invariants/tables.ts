import type { PostgresServer } from '../servers/postgres-server.ts';

/** A job as the tables have it. */
export interface JobRow {
  readonly id: string;
  readonly platform: 'discord' | 'slack';
  readonly event: string;
  readonly status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly attempts: number;
  readonly code: string | null;
  readonly failure: string | null;
  readonly delivery: 'waiting' | 'due' | 'delivered' | 'refused';
  readonly reason: string | null;
  readonly pictures: number;
  readonly measured: number | null;
  readonly charged_pictures: number;
  readonly charged_seconds: number;
  readonly ended: boolean;
}

export function readJobs(postgres: PostgresServer): Promise<readonly JobRow[]> {
  return postgres.query<JobRow>(`
    select j.id, j.platform, j.event, j.status, j.attempts, j.failure->>'code' as code, j.failure->>'message' as failure,
      d.status as delivery, d.reason, j.measured_seconds as measured,
      (select count(*)::int from easel.pictures p where p.job = j.id) as pictures,
      coalesce((select sum(pictures) from easel.ledger l where l.job = j.id), 0) as charged_pictures,
      coalesce((select sum(seconds) from easel.ledger l where l.job = j.id), 0) as charged_seconds,
      j.status in ('done', 'failed', 'cancelled') as ended
    from easel.jobs j join easel.deliveries d on d.job = j.id order by j.id`);
}

/** Sums that must be equal, each as a line that says so; empty where they are. */
export async function unequalSums(postgres: PostgresServer): Promise<readonly string[]> {
  const rows = await postgres.query<{ what: string; left: number; right: number }>(`
    select 'jobs that wait, by guild ' || s.guild as what, s.waiting as left,
      (select count(*) from easel.jobs j where j.guild = s.guild and j.status = 'queued') as right
    from easel.guild_shares s
    union all
    select 'jobs that wait, by member ' || s.user_id, s.waiting,
      (select count(*) from easel.jobs j where j.guild = s.guild and j.user_id = s.user_id and j.status = 'queued')
    from easel.member_shares s
    union all
    select 'pictures used, by guild ' || guild, sum(pictures),
      (select sum(l.pictures) from easel.ledger l where l.guild = u.guild and l.kind <> 'grant')
    from easel.usage_hours u where user_id = '' group by guild
    union all
    select 'seconds used, by guild ' || guild, round(sum(seconds)::numeric, 6),
      (select round(sum(l.seconds)::numeric, 6) from easel.ledger l where l.guild = u.guild and l.kind <> 'grant')
    from easel.usage_hours u where user_id = '' group by guild
    union all
    select 'jobs that wait, of all', (select coalesce(sum(waiting), 0) from easel.waiting_sums),
      (select count(*) from easel.jobs where status = 'queued')
    union all
    select 'seconds used, of all', (select round(coalesce(sum(seconds), 0)::numeric, 6) from easel.usage_days),
      (select round(coalesce(sum(seconds), 0)::numeric, 6) from easel.ledger where kind <> 'grant')`);
  return rows
    .filter(({ left, right }) => Math.abs(Number(left) - Number(right)) > 1e-5)
    .map(({ what, left, right }) => `${what}: ${left}, but the rows say ${right}`);
}
