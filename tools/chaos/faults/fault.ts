import type { Installation } from '../installation.ts';
import type { Random } from '../random.ts';

/** What a fault disturbs: two faults of the same part do not overlap, for one would undo the other. */
export type Part = 'bot' | 'workers' | 'redis' | 'postgres' | 'discord' | 'slack' | 'blobs';

/** One row of the fault table, or a part of one. */
export interface Fault {
  readonly kind: string;
  readonly part: Part;
  /** Of equals one is as likely as another; by default 1. */
  readonly weight?: number;
  /** Platforms whose people may meanwhile wait for more than three seconds. */
  readonly silences?: readonly ('discord' | 'slack')[];
  /** Why it cannot be made here; null: it can. */
  unavailable?(installation: Installation): string | null;
  /** Makes it and mends it again. Rejects with one line where what must happen did not. */
  inject(installation: Installation, random: Random): Promise<void>;
}

/** A rule that was broken, told by whoever saw it. */
export class Violation extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Violation';
  }
}

export const BOTH = ['discord', 'slack'] as const;
