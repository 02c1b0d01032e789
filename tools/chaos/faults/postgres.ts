import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';

export const postgresFaults: readonly Fault[] = [
  {
    kind: 'Postgres: restart',
    part: 'postgres',
    async inject({ postgres }) {
      await postgres.end('fast');
      await postgres.begin();
    },
  },
  {
    kind: 'Postgres: crash, restart',
    part: 'postgres',
    async inject({ postgres }, random) {
      await postgres.end('immediate');
      await sleep(random.between(0, 4000));
      await postgres.begin();
    },
  },
  {
    kind: 'Postgres: SIGSTOP, SIGCONT',
    part: 'postgres',
    async inject({ postgres }, random) {
      await postgres.signal('SIGSTOP');
      await sleep(random.between(1000, 6000));
      await postgres.signal('SIGCONT');
    },
  },
  {
    kind: 'Postgres: read-only, as after a failover',
    part: 'postgres',
    weight: 1.5,
    async inject({ postgres }, random) {
      await postgres.setReadOnly(true);
      await sleep(random.between(1000, 8000));
      await postgres.setReadOnly(false);
    },
  },
  {
    kind: 'Postgres: every connection ended',
    part: 'postgres',
    async inject({ postgres }) {
      await postgres.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()');
    },
  },
];
