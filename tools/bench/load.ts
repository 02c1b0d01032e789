import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { openEmbedded } from '../../bot/store/embedded.ts';
import { startProgram } from '../../test/browser/program.ts';
import { startFakeDiscord } from '../../test/fakes/discord/index.ts';
import { startFakeSlack } from '../../test/fakes/slack/index.ts';
import { freePort } from '../chaos/servers/ports.ts';

const GUILDS = 20;
const PEOPLE_PER_GUILD = 15;
/** When nothing was accepted for so long, nothing more comes. */
const QUIET_MS = 5_000;

export interface LoadResult {
  readonly requests: number;
  readonly medianSeconds: number;
  readonly p99Seconds: number;
  readonly slowestSeconds: number;
  /** Requests that were not acknowledged in the platform's three seconds. */
  readonly late: number;
  /** Requests without a job, jobs without a request, requests with two jobs: all must be 0. */
  readonly lost: number;
  readonly double: number;
}

/** A platform's fake and the people on it. */
interface Crowd {
  readonly environment: Readonly<Record<string, string>>;
  readonly people: readonly Person[];
  close(): Promise<void>;
}

/** Asks for a small picture; whether that was acknowledged in time. */
type Person = (prompt: string) => Promise<boolean>;

const crowds = { discord: crowdOnDiscord, slack: crowdOnSlack } as const;
export type LoadedPlatform = keyof typeof crowds;

/** People in many guilds. */
async function crowdOnDiscord(): Promise<Crowd> {
  const fake = await startFakeDiscord();
  const people = Array.from({ length: GUILDS }, (_, guildIndex) => {
    const channel = fake.channel(fake.guild(`guild ${guildIndex}`), 'pictures');
    return Array.from({ length: PEOPLE_PER_GUILD }, (_, index): Person => {
      const person = fake.person(`person ${guildIndex}.${index}`, channel);
      return (prompt) =>
        person.slash('imagine', { prompt, size: '64x64', steps: 1 }).then(
          () => true,
          () => false,
        );
    });
  }).flat();
  return { environment: fake.environment, people, close: () => fake.close() };
}

/** As many people in one workspace: one guild. */
async function crowdOnSlack(): Promise<Crowd> {
  const fake = await startFakeSlack();
  const people = Array.from({ length: GUILDS * PEOPLE_PER_GUILD }, (_, index): Person => {
    const channel = fake.channel(`pictures-${index % GUILDS}`);
    const person = fake.person(`person ${index}`);
    return async (prompt) => (await person.slash(channel, '/imagine', `${prompt} --size 64x64 --steps 1`)).acknowledged;
  });
  return { environment: fake.environment, people, close: () => fake.close() };
}

/**
 * People ask for pictures at a steady rate, whether or not the last request was answered, of the whole
 * program on its embedded store while it draws; its jobs are then counted in the store itself.
 */
export async function measureLoad(platform: LoadedPlatform, perSecond: number, seconds: number): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-load-'));
  const { environment, people, close } = await crowds[platform]();
  const monitor = await freePort();
  const settings = { LOG_LEVEL: 'silent', MONITOR_PORT: String(monitor) };
  const program = await startProgram(folder, 0, { ...environment, ...settings });
  try {
    const total = perSecond * seconds;
    const start = performance.now();
    const acknowledged = await Promise.all(
      Array.from({ length: total }, async (_, index) => {
        const due = start + (index / perSecond) * 1000;
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
        const asked = performance.now();
        const wasInTime = await people[index % people.length]?.(`picture ${index}`);
        return wasInTime === true ? (performance.now() - asked) / 1000 : null;
      }),
    );
    await untilNoneComes(monitor);
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
    await close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What was acknowledged may still stand before the store: a program that is told to stop would not wait for all of it. */
async function untilNoneComes(monitor: number): Promise<void> {
  for (let [before, now] = [-1, 0]; now > before; ) {
    await sleep(QUIET_MS);
    [before, now] = [now, await acceptedSoFar(monitor)];
  }
}

async function acceptedSoFar(monitor: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${monitor}/metrics`)).text();
  const counted = metrics.matchAll(/^easel_jobs_(?:waiting|ended_total)\{.*\} (\d+)$/gm);
  return [...counted].reduce((sum, [, count]) => sum + Number(count), 0);
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
