import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { Installation } from './installation.ts';
import { report } from './report.ts';
import { runChaos } from './run.ts';
import { postgresBinaries } from './servers/postgres-server.ts';

/**
 * `npm run chaos`: a whole Easel of real processes and servers under load, and everything that can go wrong with it at
 * random moments. `-- --seed N` chooses the same faults again, `--minutes M` or `--faults N` says how long, `--only TEXT`
 * takes only faults whose kind holds the text.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string' },
    faults: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});

const binaries = await postgresBinaries();
const missing = [
  ...(binaries === null ? ['postgresql'] : []),
  ...((await promisify(execFile)('redis-server', ['--version']).catch(() => null)) === null ? ['redis-server'] : []),
];
if (binaries === null || missing.length > 0) {
  console.error(`chaos needs ${missing.join(' and ')}: apt-get install ${missing.join(' ')}`);
  process.exit(2);
}

const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : number('seed', values.seed);
const faults = values.faults === undefined ? Number.POSITIVE_INFINITY : number('faults', values.faults);
const minutes =
  values.minutes === undefined ? (values.faults === undefined ? 5 : 24 * 60) : number('minutes', values.minutes);
console.log(`chaos: seed ${seed} (again: npm run chaos -- --seed ${seed})`);

const folder = await mkdtemp(join(tmpdir(), 'easel-chaos-'));
// Postgres runs as another user.
await chmod(folder, 0o755);
const started = performance.now();
const ends: (() => Promise<unknown>)[] = [];
const stop = async (): Promise<void> => {
  for (const end of ends.splice(0).reverse()) await end().catch(() => {});
};
process.once('SIGINT', () => void stop().then(() => process.exit(130)));
process.once('SIGTERM', () => void stop().then(() => process.exit(143)));
let failed = true;
try {
  const installation = await Installation.start(folder, binaries, ends);
  const result = await runChaos(installation, {
    seed,
    faults,
    minutes,
    only: values.only,
    say: (line) => console.log(line),
  });
  console.log(report(result, (performance.now() - started) / 1000));
  failed = result.problems.length > 0;
} finally {
  await stop();
  if (failed) console.log(`The logs are in ${folder}.`);
  else await rm(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

function number(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  console.error(`--${name} must be a number, not ${text}.`);
  process.exit(2);
}
