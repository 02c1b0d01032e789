import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation } from '../installation.ts';
import { discordTranscript } from './discord-transcript.ts';
import { secretsInLogs } from './secrets.ts';
import { slackTranscript } from './slack-transcript.ts';
import { type JobRow, readJobs, unequalSums } from './tables.ts';
import type { Transcript } from './transcript.ts';

const MAX_INVALID_REQUESTS = 100;
const TWO_HOURS_SECONDS = 2 * 3600;

/** What a job may end with and still be explained. */
const UNDELIVERED = 'undelivered';
const EXPLAINED = new Set(['cancelled', 'crashed', 'deadline', 'out_of_memory', 'missing', 'lost', 'checkpoint']);

export interface Circumstances {
  /** Whether the disk has been full: then a job may say that something broke. */
  readonly diskWasFull: boolean;
  /** Of Discord's, in the last ten minutes. */
  readonly invalidRequests: number;
  /** Whether the bot was away, or not to be reached, at this moment (milliseconds since the epoch) or soon after. */
  readonly wasAway: (at: number) => boolean;
}

/** Holds everything against design.md's "Always true", when all is quiet: a line for every violation. */
export async function violations(installation: Installation, circumstances: Circumstances): Promise<readonly string[]> {
  const { postgres, discord, slack } = installation;
  const jobs = await readJobs(postgres);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const transcripts = [discordTranscript(discord), slackTranscript(slack)];
  return [
    ...jobs.flatMap((job) => problemsOf(job, circumstances)),
    ...transcripts.flatMap((transcript) => problemsIn(transcript, byId, circumstances)),
    ...jobs.flatMap((job) => problemsOfDelivery(job, transcripts)),
    ...(await unequalSums(postgres)),
    ...(await secretsInLogs(installation)),
    ...(circumstances.invalidRequests < MAX_INVALID_REQUESTS
      ? []
      : [`${circumstances.invalidRequests} requests that Discord counts as invalid in ten minutes`]),
  ];
}

/** Accepted = delivered + explained failures, and charged = delivered. */
function problemsOf(job: JobRow, { diskWasFull }: Circumstances): readonly string[] {
  const name = `${job.platform}'s job ${job.id}`;
  const problems: string[] = [];
  if (!job.ended) problems.push(`${name} is still ${job.status} after ${job.attempts} attempts`);
  else if (job.delivery !== 'delivered') {
    problems.push(`${name} (${job.status}) was not delivered: ${job.delivery}, ${job.reason}`);
  }
  if (job.status === 'failed' && !EXPLAINED.has(job.code ?? '') && !(diskWasFull && job.code === 'storage')) {
    problems.push(`${name} failed as ${job.code}: ${job.failure}`);
  }
  // Words in place of pictures that no way took cost nothing.
  const isPaid = job.status === 'done' && job.code !== UNDELIVERED;
  const seconds = isPaid ? (job.measured ?? 0) : 0;
  const pictures = isPaid ? job.pictures : 0;
  if (job.ended && (job.charged_pictures !== pictures || Math.abs(job.charged_seconds - seconds) > 1e-6)) {
    problems.push(
      `${name} (${job.status}) is charged ${job.charged_pictures} pictures and ${job.charged_seconds} s, not ${pictures} and ${seconds}`,
    );
  }
  return problems;
}

/** At most one picture set a request, and no placeholder that nothing will come of. */
function problemsIn(
  { platform, sets, placeholders, thinking }: Transcript,
  jobs: ReadonlyMap<string, JobRow>,
  { wasAway }: Circumstances,
): readonly string[] {
  const seen = new Map<string, number>();
  for (const { job } of sets) seen.set(job, (seen.get(job) ?? 0) + 1);
  const events = new Set([...jobs.values()].map(({ event }) => event));
  return [
    ...[...seen].filter(([, count]) => count > 1).map(([job, count]) => `${platform} shows job ${job} ${count} times`),
    ...sets
      .filter(({ job }) => !jobs.has(job))
      .map(({ job }) => `${platform} shows job ${job}, which nobody asked for`),
    ...placeholders
      .filter(({ job }) => jobs.get(job)?.ended !== false)
      .map(({ job, message }) => `${platform}'s placeholder ${message} still stands, though job ${job} has ended`),
    // Where the bot was killed between its first word and its record, only Discord can end the wait, and does.
    ...thinking
      .filter(({ event, at }) => events.has(event) || !wasAway(at))
      .map(({ event }) => `${platform} is "thinking" for ever about ${event}`),
  ];
}

function problemsOfDelivery(job: JobRow, transcripts: readonly Transcript[]): readonly string[] {
  if (job.status !== 'done' || job.delivery !== 'delivered' || job.code === UNDELIVERED) return [];
  const shown = transcripts.find(({ platform }) => platform === job.platform)?.sets.find((set) => set.job === job.id);
  if (shown === undefined) return [`${job.platform}'s job ${job.id} counts as delivered, and nobody sees it`];
  if (shown.pictures !== job.pictures) {
    return [`${job.platform} shows ${shown.pictures} of the ${job.pictures} pictures of job ${job.id}`];
  }
  return [];
}

/** Files that were begun and not finished: those that processes were writing when they were killed. */
export async function unfinishedFiles({ dataFolder }: Installation): Promise<readonly string[]> {
  const folder = join(dataFolder, 'blobs', 'unfinished');
  return (await readdir(folder)).map((name) => join(folder, name));
}

/** Makes them look as old as they must be before the next start may remove them. */
export async function age(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const then = Date.now() / 1000 - TWO_HOURS_SECONDS;
    if (await stat(path).catch(() => null)) await utimes(path, then, then);
  }
}
