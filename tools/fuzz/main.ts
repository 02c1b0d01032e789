import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { FROM_SOURCE } from '../from-source-options.ts';
import { holdNames, runHold } from './holds.ts';

/**
 * `npm run fuzz`: every parser of what strangers give, with 100,000 inputs each (`--runs`), each in a process of its own
 * whose memory is capped and which is killed when one input holds it up; then every parser of the bot's process, with the
 * largest inputs that are hostile to it, none of which may hold the event loop. `--seed` repeats a run, `--only` names one
 * target, `--holds` runs the second part alone.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    only: { type: 'string' },
    holds: { type: 'boolean' },
  },
});
const runs = z.coerce.number().int().positive().parse(values.runs);
const seed = z.coerce
  .number()
  .int()
  .parse(values.seed ?? Date.now() % 2 ** 31);

/** Inputs between two signs of life. */
const CHUNK = 100;
/** No input may take longer than this, nor may a hundred of them. */
const HANG_MS = 60_000;
const HEAP_MEGABYTES = 256;

const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('targets'), names: z.array(z.string()) }),
  z.object({ kind: z.literal('chunk'), inputs: z.number(), refused: z.number(), slowest: z.number(), rss: z.number() }),
  z.object({ kind: z.literal('fault'), message: z.string() }),
]);

interface Outcome {
  readonly name: string;
  readonly inputs: number;
  readonly refused: number;
  readonly slowest: number;
  readonly rss: number;
  readonly seconds: number;
  readonly fault: string | null;
}

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

function start(...parts: readonly string[]) {
  return fork(WORKER, parts, { execArgv: [...FROM_SOURCE, `--max-old-space-size=${HEAP_MEGABYTES}`] });
}

function targetNames(): Promise<readonly string[]> {
  return new Promise((resolve) => {
    start().once('message', (message) => {
      const parsed = messageSchema.parse(message);
      if (parsed.kind === 'targets') resolve(parsed.names);
    });
  });
}

function fuzz(name: string): Promise<Outcome> {
  const begun = performance.now();
  const child = start(name, String(runs), String(CHUNK), String(seed));
  let [inputs, refused, slowest, rss] = [0, 0, 0, 0];
  let fault: string | null = null;
  let watchdog: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => {
      fault ??= `it hangs after ${inputs} inputs (seed ${seed})`;
      child.kill('SIGKILL');
    }, HANG_MS);
  };
  child.on('message', (message) => {
    alive();
    const parsed = messageSchema.parse(message);
    if (parsed.kind === 'fault') fault = parsed.message;
    if (parsed.kind !== 'chunk') return;
    inputs += parsed.inputs;
    refused += parsed.refused;
    slowest = Math.max(slowest, parsed.slowest);
    rss = Math.max(rss, parsed.rss);
  });
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      clearTimeout(watchdog);
      if (code !== 0)
        fault ??= `its process ended by ${signal ?? `code ${code}`} after ${inputs} inputs (seed ${seed})`;
      resolve({ name, inputs, refused, slowest, rss, seconds: (performance.now() - begun) / 1000, fault });
    });
  });
}

const isWanted = (name: string): boolean => values.only === undefined || name === values.only;
console.log(`seed ${seed}, ${runs} inputs each`);
let faults = 0;
for (const name of values.holds === true ? [] : (await targetNames()).filter(isWanted)) {
  const { inputs, refused, slowest, rss, seconds, fault } = await fuzz(name);
  const figures = [
    `${inputs} inputs`,
    `${Math.round((100 * refused) / Math.max(1, inputs))} % refused`,
    `${seconds.toFixed(0)} s`,
    `slowest ${slowest.toFixed(0)} ms`,
    `${Math.round(rss / 2 ** 20)} MiB at most`,
  ];
  console.log(`${fault === null ? 'ok   ' : 'FAULT'} ${name}: ${figures.join(', ')}`);
  if (fault !== null) {
    faults++;
    console.log(fault);
  }
}
for (const name of (await holdNames()).filter(isWanted)) faults += await runHold(name);
process.exitCode = faults === 0 ? 0 : 1;
