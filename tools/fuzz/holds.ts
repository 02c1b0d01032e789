import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { MAX_HOLD_MS } from '../../test/fuzz/hold.ts';
import { FROM_SOURCE } from '../from-source-options.ts';

const WORKER = fileURLToPath(new URL('hold-worker.ts', import.meta.url));
/** What a container of 2 GB leaves it, beside pictures, which lie outside of the heap. */
const HEAP_MEGABYTES = 1024;
/** One input, with all its tries. */
const HANG_MS = 60_000;

const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('targets'), names: z.array(z.string()) }),
  z.object({ kind: z.literal('held'), input: z.string(), milliseconds: z.number() }),
]);

function start(...parts: readonly string[]) {
  return fork(WORKER, parts, { execArgv: [...FROM_SOURCE, `--max-old-space-size=${HEAP_MEGABYTES}`] });
}

/** The parsers of the bot's process. */
export function holdNames(): Promise<readonly string[]> {
  return new Promise((resolve) => {
    start().once('message', (message) => {
      const parsed = messageSchema.parse(message);
      if (parsed.kind === 'targets') resolve(parsed.names);
    });
  });
}

/** Gives a parser the largest hostile inputs and prints how long each held the event loop. Returns how many held it too long. */
export function runHold(name: string): Promise<number> {
  const child = start(name);
  const held: { input: string; milliseconds: number }[] = [];
  let watchdog: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => child.kill('SIGKILL'), HANG_MS);
  };
  alive();
  child.on('message', (message) => {
    alive();
    const parsed = messageSchema.parse(message);
    if (parsed.kind === 'held') held.push(parsed);
  });
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      clearTimeout(watchdog);
      const long = held.filter(({ milliseconds }) => milliseconds > MAX_HOLD_MS);
      const worst = held.reduce((most, each) => (each.milliseconds > most.milliseconds ? each : most), {
        input: 'none',
        milliseconds: 0,
      });
      const isCut = code !== 0;
      const summary = `longest ${worst.milliseconds.toFixed(0)} ms (${worst.input})`;
      console.log(
        `${long.length === 0 && !isCut ? 'ok   ' : 'FAULT'} event loop, ${name}: ${held.length} inputs, ${summary}`,
      );
      for (const { input, milliseconds } of long) console.log(`held for ${milliseconds.toFixed(0)} ms by ${input}`);
      if (isCut) console.log(`its process ended by ${signal ?? `code ${code}`} after ${held.length} inputs`);
      resolve(long.length + Number(isCut));
    });
  });
}
