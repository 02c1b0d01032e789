const LOOK_MS = 50;
/** A timer that is so late has waited for the machine, and every other program has as well. */
const LATE_MS = 300;

interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * How late the machine lets programs run, by a timer of this process, which does little itself. What people were promised
 * "in time" is excused by that alone: on a machine with other work a program may start or go on too late to keep it.
 */
export class Lateness {
  private readonly stalls: Window[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor() {
    let last = Date.now();
    this.timer = setInterval(() => {
      const now = Date.now();
      if (now - last - LOOK_MS >= LATE_MS) this.stalls.push({ from: last, to: now });
      last = now;
    }, LOOK_MS);
  }

  /** Milliseconds of this time (since the epoch) for which the machine stood still. */
  within(from: number, to: number): number {
    return this.stalls.reduce((sum, stall) => sum + overlap(stall, { from, to }), 0);
  }

  /** How often, and for how many seconds together. */
  get summary(): string {
    const seconds = this.stalls.reduce((sum, { from, to }) => sum + (to - from), 0) / 1000;
    return `${this.stalls.length} times, ${seconds.toFixed(1)} s together`;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

function overlap(one: Window, other: Window): number {
  return Math.max(0, Math.min(one.to, other.to) - Math.max(one.from, other.from));
}

/** What did not come in time, and in which time it should have. */
export interface TooLate extends Window {
  readonly what: string;
}

/** At least this share of the time for it must have been lost for the machine to be why something was too late. */
const SHARE = 0.1;

/** Tells what the machine explains from what it does not, each as a line. */
export function sortOut(
  late: readonly TooLate[],
  lateness: Pick<Lateness, 'within'>,
): { violations: string[]; excused: string[] } {
  const violations: string[] = [];
  const excused: string[] = [];
  for (const { what, from, to } of late) {
    const lost = lateness.within(from, to);
    if (lost >= SHARE * (to - from)) excused.push(`${what} (the machine stood still for ${Math.round(lost)} ms)`);
    else violations.push(what);
  }
  return { violations, excused };
}
