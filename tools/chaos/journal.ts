import type { Fault } from './faults/fault.ts';
import type { Installation } from './installation.ts';
import type { Circumstances } from './invariants/index.ts';

/** Reconnecting, with the patience that Discord and Slack ask for, may take so long after a fault is over. */
const RECOVERY_MS = 20_000;
/** An act is answered within three seconds, or was lost in what came while it was being answered. */
const ANSWER_MS = 15_000;
const TEN_MINUTES_MS = 600_000;

interface Entry {
  readonly fault: Fault;
  readonly from: number;
  to: number;
}

/** What was done to the installation, when. */
export class Journal {
  private readonly entries: Entry[] = [];
  private readonly counts = new Map<string, { count: number; problems: number }>();
  private readonly reasons = new Map<string, string>();
  private readonly problems: string[] = [];
  private readonly invalidRequests: { readonly at: number; readonly count: number }[] = [];

  get count(): number {
    return this.entries.length;
  }

  countOf({ kind }: Fault): number {
    return this.counts.get(kind)?.count ?? 0;
  }

  /** Every kind that was made, with how often and how often it went wrong at once. */
  get kinds(): readonly { readonly kind: string; readonly count: number; readonly problems: number }[] {
    return [...this.counts].map(([kind, numbers]) => ({ kind, ...numbers }));
  }

  /** Kinds that were never made, and why. */
  get unavailable(): readonly { readonly kind: string; readonly why: string }[] {
    return [...this.reasons].filter(([kind]) => !this.counts.has(kind)).map(([kind, why]) => ({ kind, why }));
  }

  noteUnavailable({ kind }: Fault, why: string | null): void {
    if (why !== null) this.reasons.set(kind, why);
  }

  async record(fault: Fault, inject: () => Promise<void>): Promise<void> {
    const entry = { fault, from: Date.now(), to: Number.POSITIVE_INFINITY };
    const numbers = this.counts.get(fault.kind) ?? { count: 0, problems: 0 };
    this.entries.push(entry);
    this.counts.set(fault.kind, numbers);
    numbers.count += 1;
    try {
      await inject();
    } catch (error) {
      numbers.problems += 1;
      this.problems.push(`${fault.kind}: ${error instanceof Error ? error.message : String(error)}`);
    }
    entry.to = Date.now();
  }

  takeProblems(): readonly string[] {
    return this.problems.splice(0);
  }

  circumstances(installation: Installation): Circumstances {
    const { invalidRequests } = installation.discord.rates;
    const now = Date.now();
    this.invalidRequests.push({ at: now, count: invalidRequests });
    const before = this.invalidRequests.findLast(({ at }) => at < now - TEN_MINUTES_MS)?.count ?? 0;
    return {
      diskWasFull: this.entries.some(({ fault }) => fault.kind === 'disk full'),
      invalidRequests: invalidRequests - before,
      wasAway: (at) => this.excuses(installation, 'discord', at),
    };
  }

  /** Whether an act at this moment may have gone without an answer. */
  excuses({ bot }: Installation, platform: 'discord' | 'slack', at: number): boolean {
    const isNear = ({ from, to }: { from: number; to: number }): boolean =>
      from <= at + ANSWER_MS && at <= to + RECOVERY_MS;
    const isSilenced = this.entries.some((entry) => entry.fault.silences?.includes(platform) && isNear(entry));
    return isSilenced || bot.absences.some(isNear);
  }
}
