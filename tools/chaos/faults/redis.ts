import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';

export const redisFaults: readonly Fault[] = [
  {
    kind: 'Redis: restart',
    part: 'redis',
    async inject({ redis }) {
      await redis.end('SIGTERM');
      await redis.begin();
    },
  },
  {
    kind: 'Redis: kill -9, restart',
    part: 'redis',
    async inject({ redis }, random) {
      await redis.end('SIGKILL');
      await sleep(random.between(0, 3000));
      await redis.begin();
    },
  },
  {
    kind: 'Redis: gone for 12 s',
    part: 'redis',
    async inject({ redis }) {
      await redis.end('SIGTERM');
      await sleep(12_000);
      await redis.begin();
    },
  },
  {
    kind: 'Redis: SIGSTOP, SIGCONT',
    part: 'redis',
    async inject({ redis }, random) {
      redis.pause();
      await sleep(random.between(1000, 8000));
      redis.resume();
    },
  },
  {
    kind: 'Redis: MISCONF',
    part: 'redis',
    async inject({ redis }, random) {
      await redis.breakSnapshots();
      await sleep(random.between(2000, 8000));
      await redis.mendSnapshots();
    },
  },
  {
    kind: 'Redis: fails over (READONLY, MASTERDOWN)',
    part: 'redis',
    weight: 1.5,
    async inject({ redis }, random) {
      await redis.becomeReplica({ servesReads: random.chance(0.5) });
      await sleep(random.between(1000, 8000));
      await redis.becomePrimary();
    },
  },
  {
    kind: 'Redis: out of memory',
    part: 'redis',
    async inject({ redis }, random) {
      await redis.limitMemory(1);
      await sleep(random.between(2000, 8000));
      await redis.limitMemory(0);
    },
  },
];
