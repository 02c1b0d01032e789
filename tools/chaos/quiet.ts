import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from './installation.ts';
import type { TooLate } from './lateness.ts';
import type { Crowd } from './people/crowd.ts';

/** Leases, claims and pauses between tries all run out within this. */
const QUIET_SECONDS = 200;
const LOOK_MS = 500;
/** A request that comes now is drawn as if nothing had been. */
const PICTURE_SECONDS = 60;
const TRIES = 5;

/** Resolves when nothing is owed any more and a new request of each platform gets its picture; else with what is wrong. */
export async function untilQuiet(installation: Installation, crowds: readonly Crowd[]): Promise<readonly TooLate[]> {
  const problems: TooLate[] = [];
  const look = async (find: () => Promise<string | null>): Promise<void> => {
    const from = Date.now();
    const what = await find();
    if (what !== null) problems.push({ what, from, to: Date.now() });
  };
  await look(async () => {
    const waiting = await untilNothingIsOwed(installation);
    return waiting === null ? null : `not quiet after ${QUIET_SECONDS} s: ${waiting}`;
  });
  for (const crowd of crowds) await look(() => drawsAgain(installation, crowd));
  await untilNothingIsOwed(installation);
  return problems;
}

async function untilNothingIsOwed({ postgres }: Installation): Promise<string | null> {
  const deadline = Date.now() + QUIET_SECONDS * 1000;
  for (;;) {
    const rows = await postgres.query<{ what: string; count: number }>(`
      select status as what, count(*)::int from easel.jobs where status in ('queued', 'running') group by 1
      union all select 'owed: ' || coalesce(reason, 'not tried'), count(*)::int from easel.deliveries
      where status = 'due' group by 1`);
    if (rows.length === 0) return null;
    if (Date.now() > deadline) return rows.map(({ what, count }) => `${count} ${what}`).join(', ');
    await sleep(LOOK_MS);
  }
}

async function drawsAgain({ postgres }: Installation, crowd: Crowd): Promise<string | null> {
  let why = '';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const asked = await crowd.askPlainly().catch((error: unknown) => {
      why = error instanceof Error ? error.message : String(error);
      return null;
    });
    if (asked !== null && (await isDelivered(postgres, asked))) return null;
    if (asked !== null)
      return `${crowd.platform}: a plain request after the faults was not delivered in ${PICTURE_SECONDS} s`;
    // Its connection may still be on its way back.
    await sleep(5000);
  }
  return `${crowd.platform}: no request was answered after the faults (${why})`;
}

async function isDelivered(postgres: Installation['postgres'], prompt: string): Promise<boolean> {
  const deadline = Date.now() + PICTURE_SECONDS * 1000;
  while (Date.now() < deadline) {
    const rows = await postgres.query(
      `select 1 from easel.jobs j join easel.deliveries d on d.job = j.id
       where j.work->'recipe'->>'prompt' = $1 and j.status = 'done' and d.status = 'delivered'`,
      [prompt],
    );
    if (rows.length > 0) return true;
    await sleep(LOOK_MS);
  }
  return false;
}
