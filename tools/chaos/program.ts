import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DRAWER } from '../../bot/engine/start-engine.ts';

const BIN = fileURLToPath(new URL('../../bin/easel.js', import.meta.url));
const SKEWED_CLOCK = new URL('./skewed-clock.js', import.meta.url).href;
/** As a service manager would wait before it starts a program again that could not be started. */
const RESTART_MS = 500;

const COMMANDS = {
  bot: { arguments: ['serve'], ready: /^Easel is at /m },
  worker: { arguments: ['worker'], ready: /^The worker is ready\./m },
} as const;

export interface ProgramOptions {
  readonly kind: keyof typeof COMMANDS;
  readonly name: string;
  readonly folder: string;
  readonly logFile: string;
  readonly environment: () => Readonly<Record<string, string>>;
  /** Told of an end that nobody asked for. */
  readonly onSurprise: (what: string) => void;
}

/** One process of Easel and what a service manager does for it: whatever ends it, it is started again when it should run. */
export class Program {
  readonly name: string;
  /** Milliseconds since the epoch between which it was not there, or could do nothing. */
  readonly absences: { from: number; to: number }[] = [];
  /** How far its clock is ahead of the machine's (behind: less than 0), from its next start on. */
  clockSkewMs = 0;
  private readonly options: ProgramOptions;
  private readonly log: WriteStream;
  private child: ChildProcess | null = null;
  private isEndExpected = false;
  private isOver = false;

  constructor(options: ProgramOptions) {
    this.options = options;
    this.name = options.name;
    this.log = createWriteStream(options.logFile, { flags: 'a' });
  }

  /** Resolves when it says that it is ready, however often it has to be tried: its servers may be away. */
  async start(): Promise<void> {
    const absence = { from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.absences.push(absence);
    while (!this.isOver && !(await this.tryToStart())) await sleep(RESTART_MS);
    absence.to = Date.now();
  }

  /** Kills it at once; the caller starts it again. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Kills it, for good. */
  async finish(): Promise<void> {
    this.isOver = true;
    await this.end('SIGKILL');
  }

  /** SIGTERM: the exit code, null where it had to be killed, and how many seconds it took. */
  async stop(deadlineSeconds: number): Promise<{ readonly code: number | null; readonly seconds: number }> {
    const { child } = this;
    const begin = performance.now();
    const late = setTimeout(() => child?.kill('SIGKILL'), deadlineSeconds * 1000);
    await this.end('SIGTERM');
    clearTimeout(late);
    return { code: child?.exitCode ?? null, seconds: (performance.now() - begin) / 1000 };
  }

  /** Resolves with its exit code when it ends by itself, as it must: until then it is provoked once a second; null: it did not. */
  async endsByItself(provoke: () => void, deadlineSeconds: number): Promise<number | null> {
    this.isEndExpected = true;
    const { child } = this;
    for (let second = 0; second < deadlineSeconds && child?.exitCode === null; second++) {
      provoke();
      await sleep(1000);
    }
    await this.end('SIGKILL');
    return child?.exitCode ?? null;
  }

  /** Holds the process (not its engine) still for so long. */
  async freeze(milliseconds: number): Promise<void> {
    const absence = { from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.absences.push(absence);
    this.child?.kill('SIGSTOP');
    await sleep(milliseconds);
    this.child?.kill('SIGCONT');
    absence.to = Date.now();
  }

  /** The engine that it started to draw, if it has one now. */
  async engine(): Promise<number | null> {
    const { pid } = this.child ?? {};
    if (pid === undefined) return null;
    // A child belongs to the thread that made it.
    const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
    for (const thread of threads) {
      const children = await readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '');
      for (const child of children.trim().split(' ')) {
        const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
        if (command.includes('dist/engine.js') && command.includes(`\0${DRAWER}\0`)) return Number(child);
      }
    }
    return null;
  }

  private async tryToStart(): Promise<boolean> {
    const { kind, folder, environment } = this.options;
    const { arguments: words, ready } = COMMANDS[kind];
    this.isEndExpected = false;
    const child = spawn(process.execPath, [BIN, ...words], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment(), ...clock(this.clockSkewMs) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stderr.pipe(this.log, { end: false });
    const isReady = await new Promise<boolean>((resolve) => {
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += chunk;
        if (ready.test(text)) resolve(true);
      });
      child.once('exit', () => resolve(false));
    });
    if (isReady) {
      child.once('exit', (code, signal) => {
        if (this.isEndExpected || this.child !== child) return;
        this.options.onSurprise(`${this.name} ended by itself (${signal ?? `code ${code}`})`);
        void this.start();
      });
    }
    return isReady;
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.isEndExpected = true;
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exit;
  }
}

function clock(skewMs: number): Readonly<Record<string, string>> {
  return skewMs === 0 ? {} : { NODE_OPTIONS: `--import ${SKEWED_CLOCK}?ms=${skewMs}` };
}
