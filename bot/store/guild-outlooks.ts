import type { GuildId } from '../../commands/ids.ts';
import type { SqlDatabase } from './database.ts';
import type { WaitingJob } from './fair-share.ts';
import type { Outlook } from './forecast.ts';
import { readLine } from './line.ts';
import { aheadOf, workInHand } from './place.ts';

/**
 * When the first `limit` of one guild's waiting jobs will be there, in a line that is too long to be played through. Their
 * order among themselves is the one that they will have; how many of others' are begun before them is taken from sums for
 * the first and the last, and evenly in between.
 */
export async function guildOutlooks(db: SqlDatabase, guild: GuildId, limit: number): Promise<readonly Outlook[]> {
  if (limit <= 0) return [];
  const { waiting, line } = await readLine(db, limit, guild);
  const [share] = waiting.map(({ guildShare }) => guildShare);
  if (share === undefined) return [];
  const own: { readonly job: WaitingJob; readonly before: number }[] = [];
  let seconds = 0;
  for (let job = line.take(); job !== undefined && own.length < limit; job = line.take()) {
    own.push({ job, before: seconds });
    seconds += job.seconds;
  }
  const lastBefore = own.at(-1)?.before ?? 0;
  const aheadAfter = (before: number) => aheadOf(db, guild, share.virtualSeconds + before / share.weight);
  const [first, last, inHand] = await Promise.all([aheadAfter(0), aheadAfter(lastBefore), workInHand(db)]);
  return own.map(({ job, before }, index) => {
    const way = lastBefore === 0 ? 0 : before / lastBefore;
    const between = (from: number, to: number): number => from + way * (to - from);
    const ahead = before + between(first.seconds, last.seconds) + inHand.seconds;
    return {
      id: job.id,
      place: index + Math.round(between(first.count, last.count)),
      expectedSeconds: ahead / inHand.workers + job.seconds,
    };
  });
}
