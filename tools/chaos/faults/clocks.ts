import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../program.ts';
import { BOTH, type Fault } from './fault.ts';
import { restart } from './processes.ts';

const HOUR_MS = 3_600_000;
/** What Easel allows a platform's clock to be away from the bot's; Slack's own signatures allow five minutes. */
const ALLOWED_MS = 50_000;

/** Machines whose clocks are wrong, and then put right. */
export const clockFaults: readonly Fault[] = [
  {
    kind: 'worker: its clock is an hour off',
    part: 'workers',
    async inject({ workers }, random) {
      await withSkew(random.pick(workers), random.pick([-HOUR_MS, HOUR_MS]), random.between(5_000, 15_000));
    },
  },
  {
    kind: 'bot: its clock is most of a minute off',
    part: 'bot',
    silences: BOTH,
    async inject({ bot }, random) {
      await withSkew(bot, random.pick([-ALLOWED_MS, ALLOWED_MS]), random.between(5_000, 15_000));
    },
  },
];

async function withSkew(program: Program, skewMs: number, milliseconds: number): Promise<void> {
  program.clockSkewMs = skewMs;
  await restart(program, () => program.kill());
  await sleep(milliseconds);
  program.clockSkewMs = 0;
  await restart(program, () => program.kill());
}
