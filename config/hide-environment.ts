import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { engineEnvironment } from './engine-environment.ts';

/**
 * On Linux any process of the same user reads in /proc/PID/environ the environment that this one began with. What the
 * engine does not get it shall not find there either: it is overwritten. `process.env` has everything as before.
 */
export function hideEnvironment(): void {
  if (process.platform !== 'linux') return;
  const shown = engineEnvironment();
  const hidden = Object.entries(process.env).filter(([name]) => !(name in shown));
  // Setting a variable gives it memory of its own, away from what is shown.
  for (const [name, value] of hidden) process.env[name] = value;
  try {
    overwrite(new Set(hidden.map(([name]) => name)));
  } catch {
    // A kernel that lets nobody write there: docs/threat-model.md says what is left then.
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
