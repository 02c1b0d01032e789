import type { ChannelId, GuildId, PlatformId, UserId } from './ids.ts';
import type { Job } from './job.ts';
import type { CommandRequest } from './request.ts';

/** What somebody may see from where they are: all of their own, and of others' what was drawn in `shared`. */
export interface Sight {
  readonly platform: PlatformId;
  readonly user: UserId;
  /** Public pictures of this channel alone; without a channel everything of the guild. Null: nothing of others. */
  readonly shared: { readonly guild: GuildId; readonly channel: ChannelId | null } | null;
}

/**
 * Their own; in a place that others share, what was public in the same channel, for only who reads that channel was shown it;
 * and everything of a guild that they rule.
 */
export function sightOf(request: Pick<CommandRequest, 'origin' | 'place' | 'actor'>): Sight {
  const { platform, user, guild, channel } = request.origin;
  const shared = isAlone(request) ? null : { guild, channel: request.actor.admin ? null : channel };
  return { platform, user, shared };
}

/** Whether somebody may see what a job says and shows: see `sightOf`. */
export function maySee({ origin, visibility }: Job, request: CommandRequest): boolean {
  const { platform, user, shared } = sightOf(request);
  if (origin.platform !== platform) return false;
  if (origin.user === user) return true;
  if (shared === null || origin.guild !== shared.guild) return false;
  return shared.channel === null || (visibility === 'public' && origin.channel === shared.channel);
}

export function isOwn(job: Job, { origin }: CommandRequest): boolean {
  return job.origin.platform === origin.platform && job.origin.user === origin.user;
}

export function isSameGuild(job: Job, { origin }: CommandRequest): boolean {
  return job.origin.platform === origin.platform && job.origin.guild === origin.guild;
}

/** A direct conversation, or the page: nobody else is there, though others have the same guild's id. */
function isAlone({ origin, place }: Pick<CommandRequest, 'origin' | 'place'>): boolean {
  return place.direct || origin.platform === 'web';
}
