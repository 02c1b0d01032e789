import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../program.ts';
import { BOTH, type Fault, Violation } from './fault.ts';

/** `easel worker` finishes what it can in ten seconds; a service manager would give it thirty. */
const STOP_SECONDS = 30;

/** Ends of processes, and pauses. */
export const processFaults: readonly Fault[] = [
  {
    kind: 'worker: kill -9',
    part: 'workers',
    weight: 2,
    async inject({ workers }, random) {
      await sleep(random.between(0, 1000));
      await restart(random.pick(workers), (worker) => worker.kill());
    },
  },
  {
    kind: 'every worker: kill -9',
    part: 'workers',
    async inject({ workers }) {
      await Promise.all(workers.map((worker) => restart(worker, () => worker.kill())));
    },
  },
  {
    kind: 'worker: SIGSTOP, SIGCONT',
    part: 'workers',
    async inject({ workers }, random) {
      // Beyond 15 s it has lost its jobs to others, and must find that out.
      await random.pick(workers).freeze(random.pick([2_000, 8_000, 18_000]));
    },
  },
  {
    kind: 'worker: SIGTERM',
    part: 'workers',
    async inject({ workers }, random) {
      await restart(random.pick(workers), stopInGoodOrder);
    },
  },
  {
    kind: 'bot: kill -9',
    part: 'bot',
    weight: 2,
    silences: BOTH,
    async inject({ bot }, random) {
      await bot.kill();
      await sleep(random.between(0, 2000));
      await bot.start();
    },
  },
  {
    kind: 'bot: SIGSTOP, SIGCONT',
    part: 'bot',
    silences: BOTH,
    async inject({ bot }, random) {
      await bot.freeze(random.between(500, 6000));
    },
  },
  {
    kind: 'bot: SIGTERM',
    part: 'bot',
    silences: BOTH,
    async inject({ bot }) {
      await restart(bot, stopInGoodOrder);
    },
  },
];

/** Ends it in this way and starts it again, also where its end was not as it should be. */
export async function restart(program: Program, end: (program: Program) => Promise<void>): Promise<void> {
  try {
    await end(program);
  } finally {
    await program.start();
  }
}

async function stopInGoodOrder(program: Program): Promise<void> {
  const { code, seconds } = await program.stop(STOP_SECONDS);
  if (code === 0) return;
  throw new Violation(`${program.name} did not end well on SIGTERM: code ${code} after ${seconds.toFixed(1)} s`);
}
