import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { environmentName } from './keys.ts';
import { secretKeys } from './secrets.ts';

const hidden: Record<string, string> = {};

/** This process' environment with the secrets that `hideSecrets` has taken out of it. */
export function fullEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, ...hidden };
}

/**
 * Takes the secrets out of this process' environment, from which any process of the same user could read them: on Linux
 * also out of what /proc/PID/environ shows, which is the memory that the process began with.
 */
export function hideSecrets(): void {
  for (const name of secretKeys.map(environmentName)) {
    const value = process.env[name];
    if (value === undefined) continue;
    hidden[name] = value;
    delete process.env[name];
  }
  if (process.platform !== 'linux' || Object.keys(hidden).length === 0) return;
  try {
    overwrite(new Set(Object.keys(hidden)));
  } catch {
    // A kernel that lets nobody write there: the threat model says what is left then.
  }
}

function overwrite(names: ReadonlySet<string>): void {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  // See proc(5): env_start is field 50 and env_end 51; those after the program's name, which ends in ")", begin with 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [start, end] = [Number(fields[47]), Number(fields[48])];
  const memory = openSync('/proc/self/mem', 'r+');
  try {
    const bytes = Buffer.alloc(end - start);
    readSync(memory, bytes, 0, bytes.length, start);
    let at = 0;
    for (const entry of bytes.toString('latin1').split('\0')) {
      const [name = ''] = entry.split('=', 1);
      if (names.has(name)) writeSync(memory, Buffer.alloc(entry.length), 0, entry.length, start + at);
      at += entry.length + 1;
    }
  } finally {
    closeSync(memory);
  }
}
