import type { Clock } from '../clock.ts';

const DISCORD_EPOCH = 1_420_070_400_000;

/** Ids as Discord makes them: milliseconds since 2015 in the upper 42 bits, so that they sort by time. */
export class Snowflakes {
  private last = 0n;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  next(): string {
    const id = BigInt(this.clock.now() - DISCORD_EPOCH) << 22n;
    this.last = id > this.last ? id : this.last + 1n;
    return String(this.last);
  }
}

/** Milliseconds since the epoch. */
export function snowflakeTime(id: string): number {
  return Number(BigInt(id) >> 22n) + DISCORD_EPOCH;
}
