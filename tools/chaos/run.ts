import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults/fault.ts';
import { faults as everyFault } from './faults/index.ts';
import type { Installation } from './installation.ts';
import { age, unfinishedFiles, violations } from './invariants/index.ts';
import { Journal } from './journal.ts';
import { Lateness, sortOut, type TooLate } from './lateness.ts';
import { type Load, startLoad } from './people/crowd.ts';
import { discordPeople } from './people/discord-people.ts';
import { slackPeople } from './people/slack-people.ts';
import { untilQuiet } from './quiet.ts';
import { Random } from './random.ts';

/** After so many faults all is mended, and the rules are checked. */
const FAULTS_A_ROUND = 20;
/** Faults of different parts that are under way at the same time. */
const AT_ONCE = 3;
const BETWEEN_MS = { least: 200, most: 2_500 };
/** People act once in so long on average, over both platforms. */
const ACT_MS = 700;
/** Discord and Slack wait so long for an answer. */
const ANSWER_MS = 3_000;

export interface RunOptions {
  readonly seed: number;
  /** The run ends with the round in which either is reached. */
  readonly faults: number;
  readonly minutes: number;
  /** Only faults whose kind holds this text. */
  readonly only: string;
  readonly say: (line: string) => void;
}

export interface RunResult {
  readonly journal: Journal;
  readonly problems: readonly string[];
  /** What was too late, which the machine explains. */
  readonly excused: readonly string[];
  /** How often the machine stood still. */
  readonly stalls: string;
  readonly acts: number;
  readonly unanswered: number;
  readonly jobs: Readonly<Record<string, number>>;
}

/** Rounds of faults under load; after each, when all is quiet again, the rules are checked. */
export async function runChaos(installation: Installation, options: RunOptions): Promise<RunResult> {
  const { say } = options;
  const random = new Random(options.seed);
  const crowds = [discordPeople(installation.discord), slackPeople(installation.slack)];
  const journal = new Journal();
  const problems: string[] = [];
  const excused: string[] = [];
  const lateness = new Lateness();
  const chosen = everyFault.filter(({ kind }) => kind.includes(options.only));
  if (chosen.length === 0) throw new Error(`No fault's kind holds "${options.only}".`);
  const end = Date.now() + options.minutes * 60_000;
  const totals = { acts: 0, unanswered: 0 };
  for (let round = 1; journal.count < options.faults && Date.now() < end; round++) {
    if (round > 1) await changeSlackMode(installation);
    const load = startLoad(crowds, new Random(random.whole(0, 2 ** 31)), ACT_MS);
    const wanted = Math.min(FAULTS_A_ROUND, options.faults - journal.count);
    await injectAll(installation, chosen, random, wanted, journal);
    await load.stop();
    const late = [...(await untilQuiet(installation, crowds)), ...unexcused(load, installation, journal)];
    const sorted = sortOut(late, lateness);
    excused.push(...sorted.excused);
    const found = [
      ...sorted.violations,
      ...(await violations(installation, journal.circumstances(installation))),
      ...installation.surprises.splice(0),
      ...journal.takeProblems(),
    ].filter((line) => !problems.includes(line));
    totals.acts += load.acts;
    totals.unanswered += load.unanswered.length;
    problems.push(...found);
    say(`round ${round}: ${journal.count} faults so far, ${load.acts} acts, ${found.length} violations`);
    for (const line of found) say(`  VIOLATION: ${line}`);
    for (const line of sorted.excused) say(`  excused: ${line}`);
  }
  problems.push(...(await leftovers(installation)));
  lateness.stop();
  const jobs = await countJobs(installation);
  return { journal, problems, excused, stalls: lateness.summary, ...totals, jobs };
}

/** Some faults at a time, each at a random moment, of different parts. */
async function injectAll(
  installation: Installation,
  faults: readonly Fault[],
  random: Random,
  wanted: number,
  journal: Journal,
): Promise<void> {
  const busy = new Set<string>();
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < wanted) {
      const fault = choose(faults, installation, random, busy, journal);
      if (fault !== null) {
        begun += 1;
        busy.add(fault.part);
        await journal.record(fault, () => fault.inject(installation, random));
        busy.delete(fault.part);
      }
      await sleep(random.between(BETWEEN_MS.least, BETWEEN_MS.most));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** By weight, and those first that have been made least; null: all that are left are of parts that are busy. */
function choose(
  faults: readonly Fault[],
  installation: Installation,
  random: Random,
  busy: ReadonlySet<string>,
  journal: Journal,
): Fault | null {
  const possible = faults.filter((fault) => {
    const why = fault.unavailable?.(installation) ?? null;
    journal.noteUnavailable(fault, why);
    return why === null && !busy.has(fault.part);
  });
  if (possible.length === 0) return null;
  const ranked = possible.map((fault) => ({
    fault,
    rank: (journal.countOf(fault) + random.next()) / (fault.weight ?? 1),
  }));
  return ranked.reduce((least, each) => (each.rank < least.rank ? each : least)).fault;
}

/** Slack's two ways take turns; the bot reads its way when it starts. */
async function changeSlackMode(installation: Installation): Promise<void> {
  installation.setSlackMode(installation.slackMode === 'sockets' ? 'http' : 'sockets');
  const { code } = await installation.bot.stop(30);
  if (code !== 0) installation.surprises.push(`the bot did not end well between two rounds: code ${code}`);
  await installation.bot.start();
}

/** Acts that nobody answered in three seconds, although nothing kept the bot from it. */
function unexcused(load: Load, installation: Installation, journal: Journal): readonly TooLate[] {
  return load.unanswered
    .filter(({ platform, at }) => !journal.excuses(installation, platform, at))
    .map(({ platform, at, why }) => ({
      what: `${platform} had no answer in time at ${new Date(at).toISOString()}: ${why}`,
      ...{ from: at, to: at + ANSWER_MS },
    }));
}

/** What killed processes were writing goes with the next start, once it is old. */
async function leftovers(installation: Installation): Promise<readonly string[]> {
  await age(await unfinishedFiles(installation));
  const [worker] = installation.workers;
  await worker?.kill();
  await worker?.start();
  const left = await unfinishedFiles(installation);
  return left.length === 0 ? [] : [`${left.length} unfinished files are left after the next start`];
}

async function countJobs({ postgres }: Installation): Promise<Readonly<Record<string, number>>> {
  const rows = await postgres.query<{ what: string; count: number }>(
    `select status || coalesce(' (' || (failure->>'code') || ')', '') as what, count(*)::int from easel.jobs group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
}
