import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { watchOutput } from '../../canary.ts';

const BIN = fileURLToPath(new URL('../../../bin/easel.js', import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as a person does; `onStart` may press Ctrl-C. */
export function easel(
  parts: readonly string[],
  options: { readonly cwd: string; readonly env?: Record<string, string>; onStart?: (child: ChildProcess) => void },
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...parts], {
      cwd: options.cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, THREADS: '1', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    watchOutput(child);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    options.onStart?.(child);
  });
}

/** Resolves when the program has told this on standard error. */
export function told(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve) => {
    let heard = '';
    child.stderr?.on('data', (chunk) => {
      heard += chunk;
      if (heard.includes(text)) resolve();
    });
  });
}
