/**
 * Start-time fair queueing (Goyal, Vin, Cheng 1996) at two levels: among guilds, and among a guild's members. Whoever has
 * the least virtual time is served next, and is charged what the job takes; whoever begins to wait starts at the virtual
 * time of the one that was served last, so that idling earns nothing and a newcomer waits for nobody's backlog.
 */
export interface Share {
  /** Compute seconds that were charged, on a scale that newcomers join. */
  readonly virtualSeconds: number;
  /** Since when it waits for its turn: of equals the longest waiting goes first. */
  readonly turnAt: number;
}

export interface GuildShare extends Share {
  readonly guild: string;
  /** Twice the weight gets twice the compute. */
  readonly weight: number;
}

export interface MemberShare extends Share {
  readonly guild: string;
  readonly user: string;
}

export interface WaitingJob {
  readonly id: string;
  readonly guild: string;
  readonly user: string;
  readonly priority: number;
  readonly seconds: number;
}

/** Whether the first is served before the second; `name` decides where all else is equal. */
export function isBefore(a: Share & { name: string }, b: Share & { name: string }): boolean {
  if (a.virtualSeconds !== b.virtualSeconds) return a.virtualSeconds < b.virtualSeconds;
  if (a.turnAt !== b.turnAt) return a.turnAt < b.turnAt;
  return a.name < b.name;
}

interface Lane extends Share {
  readonly name: string;
  readonly weight: number;
}

/** A guild with its members and their jobs while the order is being played through. */
interface GuildLane {
  lane: Lane;
  readonly members: Map<string, { lane: Lane; readonly jobs: WaitingJob[] }>;
}

/** The jobs in the order in which they will be begun if nobody comes or goes: exactly as `takeNext` would take them. */
export function serviceOrder(
  guilds: readonly GuildShare[],
  members: readonly MemberShare[],
  jobs: readonly WaitingJob[],
): readonly WaitingJob[] {
  const lanes = laneTree(guilds, members, jobs);
  const order: WaitingJob[] = [];
  // Whoever has been served waits for the next turn since then: later than anybody's real time.
  let now = Number.MAX_SAFE_INTEGER / 2;
  while (order.length < jobs.length) {
    const guild = first([...lanes.values()], ({ lane }) => lane);
    const member = guild && first([...guild.members.values()], ({ lane }) => lane);
    const job = member?.jobs.shift();
    if (guild === undefined || member === undefined || job === undefined) break;
    order.push(job);
    now += 1;
    guild.lane = charged(guild.lane, job, now);
    member.lane = charged(member.lane, job, now);
    if (member.jobs.length === 0) guild.members.delete(job.user);
    if (guild.members.size === 0) lanes.delete(job.guild);
  }
  return order;
}

function laneTree(
  guilds: readonly GuildShare[],
  members: readonly MemberShare[],
  jobs: readonly WaitingJob[],
): Map<string, GuildLane> {
  const lanes = new Map<string, GuildLane>();
  const guildByName = new Map(guilds.map((share) => [share.guild, share]));
  const memberByName = new Map(members.map((share) => [`${share.guild}\n${share.user}`, share]));
  const inLine = [...jobs].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
  for (const job of inLine) {
    const guildShare = guildByName.get(job.guild);
    const memberShare = memberByName.get(`${job.guild}\n${job.user}`);
    if (guildShare === undefined || memberShare === undefined) continue;
    const guild = lanes.get(job.guild) ?? { lane: { ...guildShare, name: job.guild }, members: new Map() };
    const member = guild.members.get(job.user) ?? { lane: { ...memberShare, weight: 1, name: job.user }, jobs: [] };
    member.jobs.push(job);
    guild.members.set(job.user, member);
    lanes.set(job.guild, guild);
  }
  return lanes;
}

function charged(lane: Lane, { seconds }: WaitingJob, turnAt: number): Lane {
  return { ...lane, virtualSeconds: lane.virtualSeconds + seconds / lane.weight, turnAt };
}

function first<T>(candidates: readonly T[], laneOf: (candidate: T) => Lane): T | undefined {
  return candidates.reduce<T | undefined>(
    (best, candidate) => (best === undefined || isBefore(laneOf(candidate), laneOf(best)) ? candidate : best),
    undefined,
  );
}
