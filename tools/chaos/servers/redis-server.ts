import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './ports.ts';

/** A real Redis of ours on loopback, with an append-only file as in docker-compose.yml. */
export class RedisServer {
  readonly port: number;
  private readonly folder: string;
  private readonly password: string;
  private child: ChildProcess | null = null;

  private constructor(port: number, folder: string, password: string) {
    this.port = port;
    this.folder = folder;
    this.password = password;
  }

  static async start(folder: string, password: string): Promise<RedisServer> {
    await mkdir(join(folder, 'blocked'), { recursive: true });
    const server = new RedisServer(await freePort(), folder, password);
    await server.begin();
    return server;
  }

  async begin(): Promise<void> {
    this.child = spawn(
      'redis-server',
      [
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--requirepass', this.password],
        ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '3600 1000000'],
        ...['--enable-protected-configs', 'yes', '--loglevel', 'warning'],
      ],
      { stdio: 'ignore' },
    );
    for (;;) {
      const answers = await this.command('PING').catch(() => null);
      if (answers === 'PONG') return;
      await sleep(50);
    }
  }

  /** SIGTERM saves what there is; SIGKILL leaves what the append-only file has. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await exit;
  }

  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  /** From now on it refuses writes with MISCONF, as when the disk is full: its snapshot's name is that of a folder. */
  async breakSnapshots(): Promise<void> {
    await this.command('CONFIG', 'SET', 'dbfilename', 'blocked');
    await this.command('CONFIG', 'SET', 'save', '1 1');
    await this.command('BGSAVE');
  }

  async mendSnapshots(): Promise<void> {
    await this.command('CONFIG', 'SET', 'dbfilename', 'dump.rdb');
    await this.command('CONFIG', 'SET', 'save', '3600 1000000');
    for (let attempt = 0; attempt < 100; attempt++) {
      await this.command('BGSAVE').catch(() => {});
      await sleep(50);
      if (String(await this.command('INFO', 'persistence')).includes('rdb_last_bgsave_status:ok')) return;
    }
    throw new Error('Redis still refuses to save.');
  }

  /** `bytes` 0: no limit. Beyond it, Redis refuses writes with OOM. */
  async limitMemory(bytes: number): Promise<void> {
    await this.command('CONFIG', 'SET', 'maxmemory', String(bytes));
  }

  /**
   * What a failover leaves behind the connections that stay: a replica, whose primary is gone. It refuses writes with READONLY,
   * and where it serves no reads everything with MASTERDOWN.
   */
  async becomeReplica({ servesReads }: { servesReads: boolean }): Promise<void> {
    await this.command('CONFIG', 'SET', 'replica-serve-stale-data', servesReads ? 'yes' : 'no');
    await this.command('REPLICAOF', '127.0.0.1', String(await freePort()));
  }

  async becomePrimary(): Promise<void> {
    await this.command('REPLICAOF', 'NO', 'ONE');
  }

  private async command(name: string, ...words: string[]): Promise<unknown> {
    const client = new Redis({
      ...{ port: this.port, host: '127.0.0.1', password: this.password, lazyConnect: true },
      ...{ retryStrategy: () => null, connectTimeout: 1000, maxRetriesPerRequest: 0 },
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.call(name, ...words);
    } finally {
      client.disconnect();
    }
  }
}
