import { randomUUID } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import type { Config } from '../../config/index.ts';
import { openBlobs } from '../blobs/open-blobs.ts';
import { type Finding, messageOf } from './health-checks.ts';

/** About a thousand pictures of 1024x1024 with their hand-off latents. */
const LEAST_DISK_BYTES = 2e9;
/** What a full-size model needs in memory, mapped files included. */
const LEAST_MEMORY_BYTES = 4e9;
/** Quotas begin and end by the clock; more than this is told. */
const MOST_SKEW_SECONDS = 5;

/** Stores a blob, reads it back and removes it, in the folder or the bucket that is set. */
export async function checkBlobs(config: Pick<Config, 's3' | 'dataDir'>): Promise<Finding> {
  const name = 'Pictures';
  try {
    const blobs = await openBlobs(config);
    const key = await blobs.put(new TextEncoder().encode(`doctor ${randomUUID()}`));
    await blobs.get(key);
    await blobs.remove(key);
    const where = config.s3 === null ? 'in the data folder' : `in the bucket ${config.s3.bucket}`;
    return { name, status: 'ok', found: `${where}: written, read, removed` };
  } catch (error) {
    const fix = config.s3 === null ? 'let DATA_DIR be written' : 'check S3_ENDPOINT, S3_BUCKET and the keys';
    return { name, status: 'missing', found: messageOf(error), fix };
  }
}

/** Room for pictures and for the database. */
export async function checkDisk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = `${gigabytes(free)} free in the data folder`;
  if (free >= LEAST_DISK_BYTES) return { name: 'Disk', status: 'ok', found };
  return { name: 'Disk', status: 'missing', found, fix: 'make room, set KEEP_PICTURES_DAYS, or move DATA_DIR' };
}

export function checkMemory(free = freemem(), total = totalmem()): Finding {
  const found = `${gigabytes(free)} free of ${gigabytes(total)}`;
  if (free >= LEAST_MEMORY_BYTES) return { name: 'Memory', status: 'ok', found };
  const fix = 'enough for the miniature; full-size models need about 4 GB free';
  return { name: 'Memory', status: 'off', found, fix };
}

/** How far this machine's clock is from the database's and Redis': leases and quotas are counted by the database's. */
export async function checkClocks(config: Pick<Config, 'databaseUrl' | 'redisUrl'>): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (config.databaseUrl !== undefined) findings.push(await checkClock('the database', () => databaseSkew(config)));
  if (config.redisUrl !== undefined) findings.push(await checkClock('Redis', () => redisSkew(config)));
  return findings;
}

async function checkClock(of: string, skew: () => Promise<number>): Promise<Finding> {
  const name = `Clock of ${of}`;
  try {
    const seconds = Math.abs(await skew()) / 1000;
    const found = `${seconds.toFixed(1)} s from ours`;
    if (seconds <= MOST_SKEW_SECONDS) return { name, status: 'ok', found };
    return { name, status: 'missing', found, fix: 'let a time service (chrony, systemd-timesyncd) set both clocks' };
  } catch {
    return { name, status: 'off', found: 'could not be asked' };
  }
}

/** Milliseconds by which their clock is ahead. Only the asking is between two readings of ours: connecting may take long. */
async function skewOf(ask: () => Promise<number>): Promise<number> {
  const asked = Date.now();
  const theirs = await ask();
  return theirs - (asked + Date.now()) / 2;
}

async function databaseSkew({ databaseUrl }: Pick<Config, 'databaseUrl'>): Promise<number> {
  const { Client } = (await import('pg')).default;
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
    return await skewOf(async () => {
      const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now');
      return rows[0]?.now.getTime() ?? Number.NaN;
    });
  } finally {
    await client.end().catch(() => {});
  }
}

async function redisSkew({ redisUrl }: Pick<Config, 'redisUrl'>): Promise<number> {
  const { Redis } = await import('ioredis');
  // A server that lets nobody in would be asked for ever whether it is ready.
  const patience = { connectTimeout: 5000, commandTimeout: 5000, enableReadyCheck: false, retryStrategy: () => null };
  const redis = new Redis(redisUrl ?? '', { lazyConnect: true, ...patience });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await skewOf(async () => {
      const [seconds, microseconds] = await redis.time();
      return Number(seconds) * 1000 + Number(microseconds) / 1000;
    });
  } finally {
    redis.disconnect();
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
