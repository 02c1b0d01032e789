import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { watchOutput } from '../canary.ts';

const BIN = fileURLToPath(new URL('../../bin/easel.js', import.meta.url));

/** The whole program, started as `npm start` does. */
export interface Program {
  readonly address: string;
  /** Its log so far, line by line. */
  readonly log: readonly string[];
  /** Ends it in good order; the exit code. */
  stop(): Promise<number | null>;
  /** Kills the program at once, and with it what it had not written down. */
  kill(): Promise<void>;
  /** The number of the engine's process. */
  engineId(): Promise<number>;
  /** Kills the engine's process at once, as the system does when memory runs out. */
  killEngine(): Promise<void>;
}

/** `port` 0 takes any free one; the data stay in `folder` for the next start; `settings` are further environment. */
export async function startProgram(
  folder: string,
  port = 0,
  settings: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const child = spawn(process.execPath, [BIN, 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      LOG_LEVEL: 'trace',
      THREADS: '1',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  watchOutput(child);
  const log: string[] = [];
  readLog(child, log);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const address = await printedAddress(child);
  return {
    address,
    log,
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    engineId: () => engineOf(child),
    async killEngine() {
      process.kill(await engineOf(child), 'SIGKILL');
    },
  };
}

function printedAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      const address = /^Easel is at (\S+)$/m.exec(text)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('close', (code) => reject(new Error(`The program ended with code ${code} before its page was there.`)));
  });
}

/** The child of the program whose command line names the engine. */
async function engineOf({ pid }: ChildProcess): Promise<number> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
  for (const child of children) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8');
    if (command.includes('dist/engine.js')) return Number(child);
  }
  throw new Error('The program has no engine.');
}

/** Adds a program's log to `lines`; what it tells of troubles is for whoever runs the tests, too. */
export function readLog({ stderr }: ChildProcess, lines: string[]): void {
  if (stderr === null) return;
  createInterface({ input: stderr }).on('line', (line) => {
    lines.push(line);
    if (!/^\{"level":[123]0,/.test(line)) process.stderr.write(`${line}\n`);
  });
}
