import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

/** Nobody's heartbeat, click or page may wait longer for what a stranger sent. */
export const MAX_HOLD_MS = 250;

/** How often the delay is sampled; timers before and after the work are as far apart. */
const RESOLUTION_MS = 5;
const SETTLE_MS = 4 * RESOLUTION_MS;

/** A parser that the bot's own process runs, and the inputs that would keep it busy longest. */
interface HoldTarget<Input> {
  readonly name: string;
  /** By what is hostile in them: makes one of about so many bytes, or of the most that gets this far. */
  readonly inputs: Readonly<Record<string, (bytes: number) => Input | Promise<Input>>>;
  /** May be refused by any error: other targets of the fuzz run judge answers. */
  parse(input: Input): unknown;
}

/** A target as it is run; what its inputs are is its own affair. */
export interface Hold {
  readonly name: string;
  readonly kinds: readonly string[];
  /** The longest time in milliseconds that the event loop stood still over an input of this kind. */
  measure(kind: string, bytes: number): Promise<number>;
}

export function holdTarget<Input>({ name, inputs, parse }: HoldTarget<Input>): Hold {
  return {
    name,
    kinds: Object.keys(inputs),
    async measure(kind, bytes) {
      const make = inputs[kind];
      if (make === undefined) throw new RangeError(`There is no input ${kind}.`);
      const input = await make(bytes);
      return longestHold(async () => {
        try {
          await parse(input);
        } catch (error) {
          if (!(error instanceof Error)) throw error;
        }
      });
    },
  };
}

async function longestHold(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  await pause(SETTLE_MS);
  delay.enable();
  // A delay is told from one sample to the next: there must be one before the work.
  await pause(SETTLE_MS);
  await work();
  // The sample that was due while the loop stood still is taken now.
  await pause(SETTLE_MS);
  delay.disable();
  return Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
}

/** This text over and over, so many bytes of it. */
export function filled(pattern: string, bytes: number): Buffer {
  return Buffer.alloc(bytes, pattern);
}

/** As `filled`, as text. */
export function filledText(pattern: string, length: number): string {
  return pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);
}
