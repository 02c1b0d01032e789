import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  type Arithmetic,
  type ArithmeticReport,
  type Engine,
  EngineError,
  type EngineReport,
  type Provider,
} from '../../commands/engine.ts';
import { upscaleMethods } from '../../commands/upscale-methods.ts';
import type { Config, ModelEntry } from '../../config/index.ts';
import { lookThroughExtras } from '../extras/look-through.ts';
import { sourceOf } from '../models/model-source.ts';
import { isOpenToOthers, makePrivateFolder } from '../private-folder.ts';
import { type SchemaVersions, schemaVersions } from '../store/migrations.ts';

/** A program of ours on this machine answers at once. */
const OWN_ANSWER_MS = 2_000;

/** What a check found. `fix` is what a person types or sets: needed where something is missing, else to have more. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'off' | 'missing';
  readonly found: string;
  readonly fix?: string;
}

/** The versions that package.json asks for. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > 20 || (major === 20 && minor >= 19);
  return isNew
    ? { name: 'Node', status: 'ok', found: version }
    : { name: 'Node', status: 'missing', found: version, fix: 'install Node 20.19 or newer' };
}

/** ONNX Runtime and what it can compute with; only the configured provider is needed. */
export function checkEngine(report: EngineReport, wanted: Provider): readonly Finding[] {
  const threads = `${report.threads} ${report.threads === 1 ? 'thread' : 'threads'}`;
  return [
    { name: 'Engine', status: 'ok', found: `${report.runtime}, ${threads}` },
    ...(wanted === 'cpu'
      ? [{ name: 'Arithmetic', status: 'ok', found: describeArithmetic(report.arithmetic) } as const]
      : []),
    ...report.providers.map(({ provider, available, reason }): Finding => {
      const chosen = provider === wanted ? ' (chosen)' : '';
      if (available) return { name: `Provider ${provider}`, status: 'ok', found: `works${chosen}` };
      const status = provider === wanted ? 'missing' : 'off';
      return { name: `Provider ${provider}`, status, found: `not here${chosen}`, ...(reason && { fix: reason }) };
    }),
  ];
}

const arithmetics: Readonly<Record<Arithmetic, string>> = {
  float32: 'float32',
  'int8-linear': 'int8 with convolutions in float32',
  int8: 'int8 with convolutions',
};

/** What full-size models are drawn in, and what was measured where that decided it. */
function describeArithmetic({ chosen, gains }: ArithmeticReport): string {
  if (gains === null) return arithmetics[chosen];
  const times = (gain: number) => `${gain.toFixed(1)} times`;
  const parts = `linear layers ${times(gains.linear)}, convolutions ${times(gains.convolution)}`;
  const whole = chosen === 'float32' ? 'the fastest here' : `${times(gains.chosen)} float32 for full-size models`;
  return `${arithmetics[chosen]}: ${whole} (${parts}; measured ${gains.measured.slice(0, 10)})`;
}

/** Opens every configured model. */
export async function checkModels(engine: Engine, models: readonly ModelEntry[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const model of models) {
    const name = `Model ${model.name}`;
    try {
      const { nativeSize, refiner, hash } = await engine.describe(sourceOf(model));
      const parts = [
        `${nativeSize}x${nativeSize}`,
        refiner === null ? 'no refiner' : 'with refiner',
        hash.slice(0, 10),
      ];
      findings.push({ name, status: 'ok', found: parts.join(', ') });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      findings.push({ name, status: 'missing', found: 'cannot be used', fix: error.message });
    }
  }
  return findings;
}

/** Looks into every LoRA, embedding and upscaler: what cannot be used is left out, and stops nothing. */
export async function checkExtras(engine: Engine, config: Config): Promise<readonly Finding[]> {
  const { names, problems } = await lookThroughExtras(config, engine);
  const list = (all: readonly string[]): string => all.join(', ') || 'none';
  return [
    { name: 'LoRAs', status: 'ok', found: list(names.lora) },
    { name: 'Embeddings', status: 'ok', found: list(names.embedding) },
    { name: 'Upscalers', status: 'ok', found: list(upscaleMethods(names.upscaler)) },
    ...problems.map((found): Finding => ({ name: 'Left out', status: 'off', found })),
  ];
}

/** The folder of the store, the pictures and the caches: made where it is not there, and written to. */
export async function checkFolder(folder: string): Promise<Finding> {
  const name = 'Data folder';
  try {
    await makePrivateFolder(folder);
    await rm(await mkdtemp(join(folder, 'doctor-')), { recursive: true });
    if (!(await isOpenToOthers(folder))) return { name, status: 'ok', found: folder };
    const found = `${folder} can be entered by other users of this machine`;
    return { name, status: 'missing', found, fix: `chmod 700 ${folder}` };
  } catch (error) {
    return { name, status: 'missing', found: messageOf(error), fix: 'set DATA_DIR to a folder that can be written' };
  }
}

export async function checkDatabase(url: string | undefined): Promise<Finding> {
  const name = 'Store';
  if (url === undefined) {
    const fix = 'set DATABASE_URL to share one Postgres between processes';
    return { name, status: 'ok', found: 'embedded, in the data folder', fix };
  }
  const { Client } = (await import('pg')).default;
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    const { drizzle } = await import('drizzle-orm/node-postgres');
    return storeFinding(`Postgres ${rows[0]?.server_version}`, await schemaVersions(drizzle(client)));
  } catch (error) {
    return { name, status: 'missing', found: messageOf(error), fix: postgresFix(error) };
  } finally {
    await client.end().catch(() => {});
  }
}

/** By the code that Postgres gives to its refusals: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function postgresFix(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case '28P01':
    case '28000':
      return 'set the name and the password in DATABASE_URL right: postgres://NAME:PASSWORD@HOST/DATABASE';
    case '3D000':
      return 'make the database (createdb --owner easel easel), or name another in DATABASE_URL';
    default:
      return 'start Postgres, or set DATABASE_URL right (unset: the embedded store)';
  }
}

function storeFinding(server: string, { applied, known, isNewer }: SchemaVersions): Finding {
  const name = 'Store';
  if (isNewer) {
    const fix = 'update this Easel to the version of the one that changed the database';
    return { name, status: 'missing', found: `${server}, schema ${applied}; this Easel knows ${known}`, fix };
  }
  const found = `${server}, schema ${applied} of ${known}`;
  if (applied === known) return { name, status: 'ok', found };
  return { name, status: 'ok', found, fix: 'easel serve or easel worker brings the database up to date as it starts' };
}

export async function checkRedis(url: string | undefined): Promise<Finding> {
  const name = 'Queue';
  if (url === undefined) {
    return { name, status: 'ok', found: 'in the store', fix: 'set REDIS_URL to run workers on other machines' };
  }
  const { probeRedis, RedisError } = await import('../queue/redis-connection.ts');
  try {
    return { name, status: 'ok', found: `Redis ${await probeRedis(url)}` };
  } catch (error) {
    if (!(error instanceof RedisError)) throw error;
    return { name, status: 'missing', found: error.reason, fix: error.fix };
  }
}

/** Whether a port that `setting` names is free, or an Easel that runs already answers there, as `own` says. */
export async function checkPort(
  port: { readonly name: string; readonly setting: string; readonly host: string; readonly number: number },
  own: { readonly path: string; readonly answer: RegExp },
): Promise<Finding> {
  const { name, setting, host, number } = port;
  const address = `http://${host}:${number}`;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(number, host, resolve);
    });
    return { name, status: 'ok', found: number === 0 ? `${host}, any free port` : `${address} is free` };
  } catch (error) {
    if (await answers(`${address}${own.path}`, own.answer)) {
      return { name, status: 'ok', found: `an Easel answers at ${address}` };
    }
    const fix = `stop what uses it, or set ${setting} to another (0: any)`;
    return { name, status: 'missing', found: messageOf(error), fix };
  } finally {
    server.close();
  }
}

async function answers(url: string, expected: RegExp): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(OWN_ANSWER_MS) });
    return response.ok && expected.test(await response.text());
  } catch {
    return false;
  }
}

export function messageOf(error: unknown): string {
  // Node tells a refused connection to several addresses as one error without a message of its own.
  if (error instanceof AggregateError) return messageOf(error.errors[0]);
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.name) : String(error);
}
