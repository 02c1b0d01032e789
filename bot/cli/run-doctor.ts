import { EngineError } from '../../commands/engine.ts';
import { type Config, loadConfig } from '../../config/index.ts';
import { modelsOf } from '../models/find-models.ts';
import { within } from '../within.ts';
import { withEngine } from './engine.ts';
import { exitCodes } from './failure.ts';
import {
  checkDatabase,
  checkEngine,
  checkExtras,
  checkFolder,
  checkModels,
  checkNode,
  checkPort,
  checkRedis,
  type Finding,
} from './health-checks.ts';
import { checkBlobs, checkClocks, checkDisk, checkMemory } from './machine-checks.ts';
import { checkDiscord, checkSlack } from './platform-checks.ts';
import { table } from './table.ts';
import { print } from './terminal.ts';

/** Longer than any server that is well takes. */
const ANSWER_MS = 20_000;

const marks = { ok: 'ok', off: 'off', missing: 'MISSING' } as const;

/**
 * Prints a line for everything that Easel needs or can use; the exit code is 1 where something needed is missing. Ends the
 * process: the client of a server that never answered would keep it.
 */
export async function runDoctor(): Promise<never> {
  const config = loadConfig();
  const findings = [
    checkNode(process.versions.node),
    ...(await engineFindings(config)),
    await checkFolder(config.dataDir),
    await checkDisk(config.dataDir),
    checkMemory(),
    ...(await serverFindings(config)),
    ...(await portFindings(config)),
  ];
  print(`${table(findings.map(({ status, name, found }) => [marks[status], name, found]))}\n`);
  const fixes = findings.flatMap(({ status, name, fix }) =>
    fix === undefined ? [] : [{ status, line: `${name}: ${fix}` }],
  );
  const missing = fixes.filter(({ status }) => status === 'missing').map(({ line }) => line);
  const possible = fixes.filter(({ status }) => status !== 'missing').map(({ line }) => line);
  if (possible.length > 0) print(`\nTo have more:\n${possible.map((line) => `  ${line}\n`).join('')}`);
  if (missing.length > 0) print(`\nTo mend:\n${missing.map((line) => `  ${line}\n`).join('')}`);
  print(missing.length === 0 ? '\nEasel is ready: npm start\n' : '');
  process.exit(missing.length > 0 ? exitCodes.failed : 0);
}

/** Of all servers at once; one that never answers, or in a way that its client cannot read, is told as such. */
async function serverFindings(config: Config): Promise<readonly Finding[]> {
  const checks: Readonly<Record<string, Promise<readonly Finding[]>>> = {
    Pictures: checkBlobs(config).then((finding) => [finding]),
    Store: checkDatabase(config.databaseUrl).then((finding) => [finding]),
    Queue: checkRedis(config.redisUrl).then((finding) => [finding]),
    Clocks: checkClocks(config),
    Discord: checkDiscord(config.discord),
    Slack: checkSlack(config.slack),
  };
  const findings = Object.entries(checks).map(([name, check]) =>
    within(ANSWER_MS, check).catch((): readonly Finding[] => {
      const found = `no answer in ${ANSWER_MS / 1000} s that could be understood`;
      return [{ name, status: 'missing', found, fix: 'see that the right server listens at the address that is set' }];
    }),
  );
  return (await Promise.all(findings)).flat();
}

async function portFindings({ host, port, monitorPort }: Config): Promise<readonly Finding[]> {
  const page = { name: 'Page', setting: 'PORT', host, number: port };
  const findings = [await checkPort(page, { path: '/', answer: /<title>Easel/ })];
  if (monitorPort === undefined) return findings;
  const monitor = { name: 'Monitor', setting: 'MONITOR_PORT', host, number: monitorPort };
  return [...findings, await checkPort(monitor, { path: '/healthz', answer: /^ok$/ })];
}

async function engineFindings(config: Config): Promise<readonly Finding[]> {
  try {
    return await withEngine(config, async (engine) => [
      ...checkEngine(await engine.probe(), config.provider),
      ...(await checkModels(engine, await modelsOf(config))),
      ...(await checkExtras(engine, config)),
    ]);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return [{ name: 'Engine', status: 'missing', found: error.message, fix: 'npm ci' }];
  }
}
