import { EngineError } from '../../commands/engine.ts';
import { type Config, loadConfig } from '../../config/index.ts';
import { modelsOf } from '../models/find-models.ts';
import { withEngine } from './engine.ts';
import { exitCodes } from './failure.ts';
import {
  checkDatabase,
  checkDiscord,
  checkEngine,
  checkFolder,
  checkModels,
  checkNode,
  checkPort,
  checkRedis,
  checkSlack,
  checkUpscalers,
  type Finding,
} from './health-checks.ts';
import { checkBlobs, checkClocks, checkDisk, checkMemory } from './machine-checks.ts';
import { table } from './table.ts';

const marks = { ok: 'ok', off: 'off', missing: 'MISSING' } as const;

/** Prints a line for everything that Easel needs or can use; the exit code is 1 where something needed is missing. */
export async function runDoctor(): Promise<void> {
  const config = loadConfig();
  const findings = [
    checkNode(process.versions.node),
    ...(await engineFindings(config)),
    await checkFolder(config.dataDir),
    await checkDisk(config.dataDir),
    checkMemory(),
    await checkBlobs(config),
    await checkDatabase(config.databaseUrl),
    await checkRedis(config.redisUrl),
    ...(await checkClocks(config)),
    await checkPort(config.host, config.port),
    checkDiscord(config.discord),
    checkSlack(config.slack),
  ];
  process.stdout.write(`${table(findings.map(({ status, name, found }) => [marks[status], name, found]))}\n`);
  const fixes = findings.flatMap(({ status, name, fix }) =>
    fix === undefined ? [] : [{ status, line: `${name}: ${fix}` }],
  );
  const missing = fixes.filter(({ status }) => status === 'missing').map(({ line }) => line);
  const possible = fixes.filter(({ status }) => status !== 'missing').map(({ line }) => line);
  if (possible.length > 0) process.stdout.write(`\nTo have more:\n${possible.map((line) => `  ${line}\n`).join('')}`);
  if (missing.length > 0) process.stdout.write(`\nTo mend:\n${missing.map((line) => `  ${line}\n`).join('')}`);
  process.stdout.write(missing.length === 0 ? '\nEasel is ready: npm start\n' : '');
  if (missing.length > 0) process.exitCode = exitCodes.failed;
}

async function engineFindings(config: Config): Promise<readonly Finding[]> {
  try {
    return await withEngine(config, async (engine) => [
      ...checkEngine(await engine.probe(), config.provider),
      ...(await checkModels(engine, await modelsOf(config))),
      ...(await checkUpscalers(engine, config.upscalers)),
    ]);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return [{ name: 'Engine', status: 'missing', found: error.message, fix: 'npm ci' }];
  }
}
