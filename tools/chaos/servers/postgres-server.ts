import { execFile } from 'node:child_process';
import { chown, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './ports.ts';

const run = promisify(execFile);
/** A fault of the server's is over by then. */
const PATIENCE_MS = 30_000;
const VERSIONS = '/usr/lib/postgresql';

/** Where Debian keeps the newest Postgres; null: it is not installed. */
export async function postgresBinaries(): Promise<string | null> {
  const versions = await readdir(VERSIONS).catch(() => []);
  const newest = versions.sort((one, other) => Number(one) - Number(other)).at(-1);
  return newest === undefined ? null : join(VERSIONS, newest, 'bin');
}

/** A real Postgres of ours on loopback. It runs as the user postgres where we are root, for it refuses to be root. */
export class PostgresServer {
  readonly port: number;
  private readonly folder: string;
  private readonly binaries: string;
  private readonly pool: pg.Pool;

  private constructor(port: number, folder: string, binaries: string) {
    this.port = port;
    this.folder = folder;
    this.binaries = binaries;
    this.pool = new pg.Pool({ connectionString: this.url('observer'), max: 4 });
    this.pool.on('error', () => {});
  }

  static async start(folder: string, binaries: string): Promise<PostgresServer> {
    await mkdir(folder, { recursive: true });
    if (isRoot()) {
      const [user, group] = await Promise.all(
        ['-u', '-g'].map(async (kind) => Number((await run('id', [kind, 'postgres'])).stdout)),
      );
      await chown(folder, user ?? 0, group ?? 0);
    }
    const server = new PostgresServer(await freePort(), folder, binaries);
    await server.tool('initdb', '-D', folder, '-A', 'trust', '-U', 'easel');
    await server.begin();
    return server;
  }

  url(password: string, port = this.port): string {
    return `postgres://easel:${password}@127.0.0.1:${port}/postgres`;
  }

  async begin(): Promise<void> {
    // Every commit reaches the system, which outlives the server: it need not reach the disk as well.
    const settings = `-p ${this.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off`;
    await this.tool('pg_ctl', '-D', this.folder, '-w', '-l', join(this.folder, 'log'), '-o', settings, 'start');
  }

  /** `immediate`: as a crash; what was committed is recovered when it begins again. */
  async end(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.tool('pg_ctl', '-D', this.folder, '-w', '-m', mode, 'stop');
  }

  /** Stops or continues every process of the server. */
  async signal(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const [main = ''] = (await readFile(join(this.folder, 'postmaster.pid'), 'utf8')).split('\n');
    const children = await readFile(`/proc/${main}/task/${main}/children`, 'utf8');
    for (const id of [main, ...children.trim().split(' ')]) {
      try {
        process.kill(Number(id), signal);
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** Whether it refuses writes, as one that is a replica from now on does, on connections that stay. */
  async setReadOnly(isReadOnly: boolean): Promise<void> {
    const client = new pg.Client({ connectionString: this.url(''), options: '-c default_transaction_read_only=off' });
    await client.connect();
    try {
      await client.query(`alter system set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`);
      await client.query('select pg_reload_conf()');
    } finally {
      await client.end();
    }
  }

  /** Reads the tables as an onlooker, past every proxy. */
  async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return (await this.pool.query<Row>(text, [...values])).rows;
      } catch (error) {
        // Only the server's own refusals have a severity; it may be on its way down or up.
        const isRefused = error instanceof pg.DatabaseError && !/^(57P|08)/.test(error.code ?? '');
        if (isRefused || Date.now() > deadline) throw error;
        await sleep(100);
      }
    }
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.end('immediate').catch(() => {});
  }

  private async tool(name: string, ...words: string[]): Promise<void> {
    const path = join(this.binaries, name);
    const options = { cwd: '/' };
    if (isRoot()) await run('runuser', ['-u', 'postgres', '--', path, ...words], options);
    else await run(path, words, options);
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
