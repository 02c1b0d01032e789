/**
 * Start-time fair queueing (Goyal, Vin, Cheng 1996) at two levels: among guilds, and among a guild's members. Whoever has
 * the least virtual time is served next, and is charged what the job takes; whoever begins to wait starts at the virtual
 * time of the one that was served last, so that idling earns nothing and a newcomer waits for nobody's backlog. Of one
 * member's jobs a worker draws one at a time: whatever a member has in line, another's first job is begun beside it.
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
  /** Compute seconds that it will take, over so many steps one after another. */
  readonly seconds: number;
  readonly rounds: number;
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

/** A member with the jobs that are still to be served, and a guild with its members, while the order is played through. */
interface MemberLane {
  readonly lane: Lane;
  readonly jobs: WaitingJob[];
}
interface GuildLane {
  readonly lane: Lane;
  readonly members: Turns<MemberLane>;
}

/** Those who wait, to be played through as `takeNext` would take them if nobody came or went. */
export class Line {
  private readonly guilds: Turns<GuildLane>;
  // Whoever has been served waits for the next turn since then: later than anybody's real time.
  private now = Number.MAX_SAFE_INTEGER / 2;

  constructor(guilds: readonly GuildShare[], members: readonly MemberShare[], jobs: readonly WaitingJob[]) {
    this.guilds = guildLanes(guilds, members, jobs);
  }

  /** The job whose turn it is, out of the line; undefined where nobody waits who is not busy. */
  take(isBusy: (guild: string, user: string) => boolean = () => false): WaitingJob | undefined {
    const isNext = (guild: GuildLane) => (member: MemberLane) => !isBusy(guild.lane.name, member.lane.name);
    const guild = this.guilds.take((candidate) => candidate.members.has(isNext(candidate)));
    const member = guild?.members.take(isNext(guild));
    const job = member?.jobs.shift();
    if (guild === undefined || member === undefined || job === undefined) return undefined;
    this.now += 1;
    if (member.jobs.length > 0) guild.members.add({ ...member, lane: charged(member.lane, job, this.now) });
    if (!guild.members.isEmpty) this.guilds.add({ ...guild, lane: charged(guild.lane, job, this.now) });
    return job;
  }
}

function guildLanes(
  guilds: readonly GuildShare[],
  members: readonly MemberShare[],
  jobs: readonly WaitingJob[],
): Turns<GuildLane> {
  const jobsOf = groupBy(jobs, ({ guild, user }) => `${guild}\n${user}`);
  const membersOf = groupBy(members, ({ guild }) => guild);
  return new Turns(
    guilds.flatMap((share) => {
      const lanes = (membersOf.get(share.guild) ?? []).flatMap((member): MemberLane[] => {
        const waiting = jobsOf.get(`${member.guild}\n${member.user}`);
        if (waiting === undefined) return [];
        const inLine = [...waiting].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
        return [{ lane: { ...member, weight: 1, name: member.user }, jobs: inLine }];
      });
      return lanes.length === 0 ? [] : [{ lane: { ...share, name: share.guild }, members: new Turns(lanes) }];
    }),
  );
}

function charged(lane: Lane, { seconds }: WaitingJob, turnAt: number): Lane {
  return { ...lane, virtualSeconds: lane.virtualSeconds + seconds / lane.weight, turnAt };
}

/** Those who wait for their turn, sorted so that taking the first and adding one again is quick. */
class Turns<T extends { readonly lane: Lane }> {
  /** The first is the last: taking it moves nothing. */
  private readonly sorted: T[];

  constructor(entries: readonly T[]) {
    this.sorted = [...entries].sort((a, b) => (isBefore(a.lane, b.lane) ? 1 : -1));
  }

  get isEmpty(): boolean {
    return this.sorted.length === 0;
  }

  has(isMeant: (entry: T) => boolean): boolean {
    return this.sorted.some(isMeant);
  }

  /** The first that is meant. */
  take(isMeant: (entry: T) => boolean): T | undefined {
    const index = this.sorted.findLastIndex(isMeant);
    return index < 0 ? undefined : this.sorted.splice(index, 1)[0];
  }

  add(entry: T): void {
    let [low, high] = [0, this.sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.sorted[middle];
      if (other !== undefined && isBefore(entry.lane, other.lane)) low = middle + 1;
      else high = middle;
    }
    this.sorted.splice(low, 0, entry);
  }
}

function groupBy<T>(entries: readonly T[], keyOf: (entry: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group === undefined) groups.set(keyOf(entry), [entry]);
    else group.push(entry);
  }
  return groups;
}
