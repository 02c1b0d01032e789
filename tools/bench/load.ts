import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { openEmbedded } from '../../bot/store/embedded.ts';
import { startProgram } from '../../test/browser/program.ts';
import { startFakeDiscord } from '../../test/fakes/discord/index.ts';

const GUILDS = 20;
const PEOPLE_PER_GUILD = 15;

export interface LoadResult {
  readonly requests: number;
  readonly medianSeconds: number;
  readonly p99Seconds: number;
  readonly slowestSeconds: number;
  /** Requests that were not acknowledged in Discord's three seconds. */
  readonly late: number;
  /** Requests without a job, jobs without a request, requests with two jobs: all must be 0. */
  readonly lost: number;
  readonly double: number;
}

/**
 * People in many guilds ask for pictures at a steady rate, whether or not the last request was answered, of the whole
 * program on its embedded store while it draws; its jobs are then counted in the store itself.
 */
export async function measureLoad(perSecond: number, seconds: number): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-load-'));
  const fake = await startFakeDiscord();
  const people = Array.from({ length: GUILDS }, (_, guildIndex) => {
    const channel = fake.channel(fake.guild(`guild ${guildIndex}`), 'pictures');
    return Array.from({ length: PEOPLE_PER_GUILD }, (_, index) =>
      fake.person(`person ${guildIndex}.${index}`, channel),
    );
  }).flat();
  const program = await startProgram(folder, 0, {
    ...fake.environment,
    LOG_LEVEL: 'silent',
  });
  try {
    const total = perSecond * seconds;
    const start = performance.now();
    const acknowledged = await Promise.all(
      Array.from({ length: total }, async (_, index) => {
        const due = start + (index / perSecond) * 1000;
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
        const asked = performance.now();
        const person = people[index % people.length];
        const wasInTime = await person?.slash('imagine', { prompt: `picture ${index}`, size: '64x64', steps: 1 }).then(
          () => true,
          () => false,
        );
        return wasInTime === true ? (performance.now() - asked) / 1000 : null;
      }),
    );
    await program.stop();
    const { jobs, events } = await countJobs(join(folder, '.easel/store'));
    const times = acknowledged.filter((time) => time !== null).sort((a, b) => a - b);
    const at = (share: number): number =>
      times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
    return {
      requests: total,
      medianSeconds: at(0.5),
      p99Seconds: at(0.99),
      slowestSeconds: at(1),
      late: total - times.length,
      lost: total - events,
      double: jobs - events,
    };
  } finally {
    await program.stop();
    await fake.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function countJobs(folder: string): Promise<{ jobs: number; events: number }> {
  const { db, close } = await openEmbedded(folder);
  const result: unknown = await db.execute(
    sql`select count(*)::int as jobs, count(distinct event)::int as events from easel.jobs`,
  );
  await close();
  const row = z.object({ rows: z.tuple([z.object({ jobs: z.int(), events: z.int() })]) }).parse(result);
  return row.rows[0];
}
