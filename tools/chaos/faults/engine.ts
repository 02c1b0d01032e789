import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Installation } from '../installation.ts';
import type { Random } from '../random.ts';
import { type Fault, Violation } from './fault.ts';

const run = promisify(execFile);
/** Longer than the engine's deadline. */
const HANG_SECONDS = 25;
const POISON_SECONDS = 120;

/** Faults of the process that owns ONNX Runtime. */
export const engineFaults: readonly Fault[] = [
  {
    kind: 'engine: kill -9',
    part: 'workers',
    weight: 2,
    async inject(installation, random) {
      await sleep(random.between(0, 1000));
      const engine = await anyEngine(installation, random);
      if (engine !== null) kill(engine, 'SIGKILL');
    },
  },
  {
    kind: 'engine: hangs',
    part: 'workers',
    async inject(installation, random) {
      const engine = await anyEngine(installation, random);
      if (engine === null) return;
      kill(engine, 'SIGSTOP');
      // The next picture that it is given ends it; an idle one is woken again.
      for (let second = 0; second < HANG_SECONDS && isAlive(engine); second++) await sleep(1000);
      kill(engine, 'SIGCONT');
    },
  },
  {
    kind: 'engine: out of memory',
    part: 'workers',
    unavailable: () => (process.platform === 'linux' ? null : 'prlimit is of Linux'),
    async inject(installation, random) {
      const engine = await anyEngine(installation, random);
      if (engine === null) return;
      const used = await addressSpace(engine);
      if (used === null) return;
      // Not a byte more: what is drawn for the first time, or larger, fails.
      await run('prlimit', ['--pid', String(engine), `--as=${used}`]).catch(() => {});
      await sleep(random.between(2000, 5000));
      await run('prlimit', ['--pid', String(engine), '--as=unlimited']).catch(() => {});
    },
  },
  {
    kind: 'a job that ends every engine',
    part: 'workers',
    inject: poison,
  },
];

/** One job whose every attempt loses its engine: it must end in one failure, and the others go on. */
async function poison({ postgres, workers }: Installation): Promise<void> {
  const [queued] = await postgres.query<{ id: string }>(
    `select id from easel.jobs where status in ('queued', 'running') order by id desc limit 1`,
  );
  if (queued === undefined) return;
  const deadline = Date.now() + POISON_SECONDS * 1000;
  let killedAttempt = 0;
  while (Date.now() < deadline) {
    const [job] = await postgres
      .query<{ status: string; attempts: number }>('select status, attempts from easel.jobs where id = $1', [queued.id])
      .catch(() => []);
    if (job !== undefined && job.status !== 'queued' && job.status !== 'running') return;
    if (job?.status === 'running' && job.attempts > killedAttempt) {
      killedAttempt = job.attempts;
      for (const worker of workers) {
        const engine = await worker.engine();
        if (engine !== null) kill(engine, 'SIGKILL');
      }
    }
    await sleep(10);
  }
  throw new Violation(`the job ${queued.id}, which ended every engine, was not given up in ${POISON_SECONDS} s`);
}

async function anyEngine({ workers }: Installation, random: Random): Promise<number | null> {
  return random.pick(workers).engine();
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Bytes; null: it has ended. */
async function addressSpace(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmSize:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
