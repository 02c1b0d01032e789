import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ARITHMETICS } from '../../commands/engine.ts';
import { batchingRows } from './batching.ts';
import { fullSizeBatchingRows, fullSizeRows, otherNetworksRows } from './full-size-rows.ts';
import { embeddedStore, postgresStore } from './growth/grown-store.ts';
import { type GrowthResult, measureGrowth } from './growth/measure.ts';
import { measureLoad } from './load.ts';
import { measureFullSizeSwap, measureMiniatureSwap } from './lora-swap.ts';
import { measureMiniature } from './miniature.ts';
import { measureModels } from './models.ts';
import { peerRows } from './peers.ts';
import { measureQuotes } from './quote.ts';
import { savedGraphRows } from './saved-graph.ts';
import { measureScaling } from './scaling/measure.ts';
import { shortcutRows } from './shortcuts.ts';
import { type Row, table } from './table.ts';

/**
 * `npm run bench`: measures and prints a table, or with --json the rows. Parts can be named: `npm run bench -- miniature`;
 * `full-size` stands for all whose names begin with it.
 * `growth` measures the embedded store; with --database postgres://..., a server's, at three sizes or at each --jobs.
 * `scaling` needs --database, for its workers are processes; with --redis it measures that queue, too.
 * Made-up weights of SDXL's real size (20 GB) are written into a folder; with --weights FOLDER they are kept there.
 * The machine is as noisy as it is: each figure is the least of several runs, and ratios are of runs taken in turn.
 */
const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    database: { type: 'string' },
    redis: { type: 'string' },
    weights: { type: 'string' },
    jobs: { type: 'string', multiple: true },
  },
  allowPositionals: true,
});

const weightsFolder = values.weights ?? (await mkdtemp(join(tmpdir(), 'easel-bench-')));

/** Workers, and the throughput that so many are to have. */
const SCALING_TARGETS = [
  [1, ''],
  [2, '>= 1.95 times one'],
  [4, ''],
  [8, '>= 7.5 times one'],
] as const;

function growthRows(jobs: number, results: readonly GrowthResult[]): readonly Row[] {
  return results.map(({ name, medianMilliseconds, slowestMilliseconds, rowsRead, scanned }, index) => ({
    name: index === 0 ? `${name}, with ${jobs.toLocaleString('en')} jobs in the store` : name,
    value: medianMilliseconds,
    unit: 'ms',
    target: 'no table read from end to end',
    note: [
      `slowest ${slowestMilliseconds.toFixed(1)} ms`,
      `${Math.ceil(rowsRead).toLocaleString('en')} rows read`,
      ...scanned.map((table) => `reads all of ${table}`),
    ].join(', '),
  }));
}

const parts: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  miniature: async () => {
    const { oneWarmSeconds: one, ...rest } = await measureMiniature(3);
    const ratio = (seconds: number): string => `${(seconds / one).toFixed(2)} times one`;
    return [
      { name: 'Miniature, 256x256, 20 steps with guidance and refiner: warm', value: one, unit: 's', target: '<= 4 s' },
      { name: 'The same from a cold `easel imagine`', value: rest.coldCommandSeconds, unit: 's', target: '<= 8 s' },
      {
        name: 'Four at once',
        value: rest.fourAtOnceSeconds,
        unit: 's',
        target: '<= 2.5 times one',
        note: ratio(rest.fourAtOnceSeconds),
      },
    ];
  },
  batching: batchingRows,
  shortcuts: shortcutRows,
  models: async () => {
    const { models, limitBytes, limitedBytes, unlimitedBytes } = await measureModels();
    const name = `${models} miniatures with refiners in turn, memory limit ${limitBytes / 1e6} MB: resident afterwards`;
    const note = `without a limit ${Math.round(unlimitedBytes / 1e6)} MB`;
    return [{ name, value: Math.round(limitedBytes / 1e6), unit: 'MB', target: `<= ${limitBytes / 1e6} MB`, note }];
  },
  lora: async () => {
    const rows: Row[] = [];
    for (const [name, result] of [
      ['Miniature', await measureMiniatureSwap()],
      ['Full-size SDXL, made-up fp16 weights', await measureFullSizeSwap()],
    ] as const) {
      rows.push(
        { name: `${name}: loaded anew`, value: result.reloadSeconds, unit: 's' },
        { name: `${name}: to the first LoRA (rank 16, all attention)`, value: result.firstSeconds, unit: 's' },
        { name: `${name}: to another LoRA`, value: result.swapSeconds, unit: 's', target: '< loaded anew' },
        {
          name: `${name}: one forward of the UNet with a LoRA`,
          value: result.adaptedStepSeconds,
          unit: 's',
          note: `without ${result.plainStepSeconds.toPrecision(3)} s`,
        },
      );
    }
    return rows;
  },
  load: async () => {
    const rows: Row[] = [];
    for (const platform of ['discord', 'slack'] as const) {
      const { requests, medianSeconds, ...rest } = await measureLoad(platform, 200, 10);
      rows.push(
        {
          name: `200 requests a second for 10 s on ${platform}, embedded store: acknowledged, median`,
          value: medianSeconds,
          unit: 's',
        },
        {
          name: 'The slowest hundredth',
          value: rest.p99Seconds,
          unit: 's',
          target: '< 1 s',
          note: `slowest ${rest.slowestSeconds.toFixed(2)} s`,
        },
        { name: `Of ${requests}: acknowledged late`, value: rest.late, unit: '', target: '0' },
        { name: 'Lost', value: rest.lost, unit: '', target: '0' },
        { name: 'Double', value: rest.double, unit: '', target: '0' },
      );
    }
    return rows;
  },
  quote: async () => {
    const { jobs, medianError, within, inTurn, withinInTurn } = await measureQuotes(180);
    const percent = (share: number): number => Math.round(100 * share);
    return [
      {
        name: 'Expected seconds on accepting, under a mixed load: median error',
        value: percent(medianError),
        unit: '%',
        target: '<= 25 %',
      },
      { name: 'Within 25 %', value: percent(within / jobs), unit: '%', note: `of ${jobs}` },
      {
        name: 'The same where nobody who came later went first',
        value: percent(withinInTurn / inTurn),
        unit: '%',
        note: `of ${inTurn}`,
      },
    ];
  },
  growth: async () => {
    const { database: server } = values;
    const sizes = values.jobs?.map(Number) ?? (server === undefined ? [20_000] : [10_000, 100_000, 1_000_000]);
    const rows: Row[] = [];
    for (const jobs of sizes) {
      const size = { jobs, users: jobs / 10, guilds: jobs / 100, waiting: jobs / 100 };
      const grown = server === undefined ? await embeddedStore() : await postgresStore(server, `easel_bench_${jobs}`);
      const results = await measureGrowth(grown, size).finally(() => grown.close());
      rows.push(...growthRows(jobs, results));
    }
    return rows;
  },
  peers: () => peerRows(512, weightsFolder),
  scaling: async () => {
    const { database, redis } = values;
    if (database === undefined) return [];
    const rows: Row[] = [];
    for (const redisUrl of redis === undefined ? [undefined] : [undefined, redis]) {
      let one = Number.NaN;
      for (const [workers, target] of SCALING_TARGETS) {
        const { perSecond } = await measureScaling(database, redisUrl, workers);
        if (workers === 1) one = perSecond;
        rows.push({
          name: `Pictures of one second each, queue on ${redisUrl === undefined ? 'Postgres' : 'Redis'}: ${workers} at work`,
          value: perSecond,
          unit: 'a second',
          target,
          note: `${(perSecond / one).toFixed(2)} times one`,
        });
      }
    }
    return rows;
  },
  ...Object.fromEntries(
    ARITHMETICS.map((arithmetic) => [`full-size-${arithmetic}`, () => fullSizeRows(arithmetic, weightsFolder)]),
  ),
  'full-size-batching': () => fullSizeBatchingRows('int8', weightsFolder),
  'full-size-others': () => otherNetworksRows(weightsFolder),
  'full-size-saved-graph': () => savedGraphRows(weightsFolder),
};

const names = Object.keys(parts);
const partsOf = (name: string): string[] =>
  Object.hasOwn(parts, name) ? [name] : names.filter((part) => part.startsWith(`${name}-`));
const unknown = positionals.find((name) => partsOf(name).length === 0);
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}"; there are: ${names.join(', ')}.`);
  process.exit(2);
}
const rows: Row[] = [];
for (const name of positionals.length > 0 ? positionals.flatMap(partsOf) : names)
  rows.push(...((await parts[name]?.()) ?? []));
if (values.weights === undefined) await rm(weightsFolder, { recursive: true });
const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;
console.log(
  values.json
    ? JSON.stringify({ machine, date: new Date().toISOString(), rows }, null, 2)
    : `${machine}\n\n${table(rows)}`,
);
