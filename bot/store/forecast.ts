import type { Line, WaitingJob } from './fair-share.ts';

/** A job that a worker draws now. */
export interface RunningJob {
  readonly id: string;
  readonly guild: string;
  readonly user: string;
  /** Compute seconds of the whole, and the share of its steps that is done. */
  readonly seconds: number;
  readonly rounds: number;
  readonly done: number;
  /** How long ago that was. */
  readonly secondsSince: number;
}

export interface DrawingWorker {
  /** Jobs that it draws at a time. */
  readonly slots: number;
  readonly jobs: readonly RunningJob[];
}

export interface Outlook {
  readonly id: string;
  /** Waiting jobs that are begun before it; of a running one 0. */
  readonly place: number;
  /** From now until its pictures are there. */
  readonly expectedSeconds: number;
}

/** Of what runs, this much is taken to be left at least: the last picture is still to be decoded and stored. */
const LEAST_LEFT = 0.02;

interface Drawn {
  readonly id: string;
  readonly guild: string;
  readonly user: string;
  readonly place: number;
  readonly secondsPerRound: number;
  roundsLeft: number;
}

/**
 * When each job will be there if nobody comes or goes, in the order in which they end: the workers played through. An
 * engine gives each of its jobs one step a round, so a round takes as long as one step of each, and the one with the
 * fewest steps left ends first; then the next one whose turn it is takes its place. After `enough` jobs it stops.
 */
export function* forecast(workers: readonly DrawingWorker[], line: Line, enough = Infinity): Generator<Outlook> {
  const engines = workers.map(({ slots, jobs }) => ({ slots, drawn: drawnNow(jobs) }));
  let [begun, ended, now] = [0, 0, 0];
  for (;;) {
    for (;;) {
      const free = engines
        .filter(({ slots, drawn }) => drawn.length < slots)
        .sort((a, b) => a.drawn.length - b.drawn.length);
      const next = takeFor(free, line);
      if (next === undefined) break;
      next.engine.drawn.push(newlyDrawn(next.job, begun));
      begun += 1;
    }
    const active = engines.filter(({ drawn }) => drawn.length > 0);
    if (active.length === 0 || ended >= enough) return;
    const step = Math.min(...active.map(({ drawn }) => secondsUntilNext(drawn)));
    now += step;
    for (const engine of active) {
      const rounds = step / secondsOfRound(engine.drawn);
      for (const job of engine.drawn) job.roundsLeft -= rounds;
      const done = engine.drawn.filter(({ roundsLeft }) => roundsLeft < 1e-6);
      engine.drawn = engine.drawn.filter(({ roundsLeft }) => roundsLeft >= 1e-6);
      for (const { id, place } of done) yield { id, place, expectedSeconds: now };
      ended += done.length;
    }
  }
}

/** The first worker, of the least busy ones first, for which somebody's turn it is. */
function takeFor<Engine extends { readonly drawn: readonly Drawn[] }>(
  engines: readonly Engine[],
  line: Line,
): { readonly engine: Engine; readonly job: WaitingJob } | undefined {
  for (const engine of engines) {
    const job = line.take((guild, user) => engine.drawn.some((drawn) => drawn.guild === guild && drawn.user === user));
    if (job !== undefined) return { engine, job };
  }
  return undefined;
}

function secondsOfRound(drawn: readonly Pick<Drawn, 'secondsPerRound'>[]): number {
  return drawn.reduce((sum, { secondsPerRound }) => sum + secondsPerRound, 0);
}

function secondsUntilNext(drawn: readonly Drawn[]): number {
  return Math.min(...drawn.map(({ roundsLeft }) => roundsLeft)) * secondsOfRound(drawn);
}

/** What one engine draws; since each job was heard of it has gone on, at the pace that they all leave one another. */
function drawnNow(jobs: readonly RunningJob[]): Drawn[] {
  const paced = jobs.map((job) => ({ ...job, secondsPerRound: job.seconds / job.rounds }));
  const pace = secondsOfRound(paced);
  return paced.map(({ id, guild, user, secondsPerRound, rounds, done, secondsSince }) => {
    const roundsLeft = Math.max(rounds * (1 - done) - secondsSince / pace, rounds * LEAST_LEFT);
    return { id, guild, user, place: 0, secondsPerRound, roundsLeft };
  });
}

function newlyDrawn({ id, guild, user, seconds, rounds }: WaitingJob, place: number): Drawn {
  return { id, guild, user, place, secondsPerRound: seconds / rounds, roundsLeft: rounds };
}
