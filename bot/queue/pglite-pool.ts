import { EventEmitter } from 'node:events';
import type { PGlite } from '@electric-sql/pglite';
import type { PgPool, PgPoolClient } from 'bullmq';

/**
 * In-process PGlite in the shape of node-postgres' pool, which BullMQ's Postgres backend speaks. There is one session for
 * all: the search path is set once, and LISTEN goes to PGlite's own listeners.
 */
export function pglitePool(database: PGlite): PgPool {
  const query = async <R>(text: string, params?: readonly unknown[]): Promise<{ rows: R[]; rowCount: number }> => {
    if (params !== undefined && params.length > 0) {
      const { rows, affectedRows = 0 } = await database.query<R>(text, [...params]);
      return { rows, rowCount: rows.length || affectedRows };
    }
    // Without parameters a text may hold several statements, as migrations do.
    const results = await database.exec(text);
    const last = results.at(-1);
    const rows = (last?.rows ?? []) as R[];
    return { rows, rowCount: rows.length || (last?.affectedRows ?? 0) };
  };

  class Client extends EventEmitter {
    private readonly ends: (() => Promise<void>)[] = [];

    async query<R>(text: string, params?: readonly unknown[]) {
      const channel = /^LISTEN\s+"?(\w+)"?/i.exec(withoutComments(text))?.[1];
      if (channel === undefined) return query<R>(text, params);
      const unlisten = await database.listen(channel, (payload) => this.emit('notification', { channel, payload }));
      this.ends.push(() => unlisten());
      return { rows: [], rowCount: 0 };
    }

    release(): void {
      for (const end of this.ends.splice(0)) end().catch(() => {});
      this.removeAllListeners();
    }
  }

  class Pool extends EventEmitter {
    readonly query = query;

    async connect(): Promise<PgPoolClient> {
      return new Client();
    }

    /** The store owns the database. */
    async end(): Promise<void> {}
  }

  return new Pool();
}

function withoutComments(text: string): string {
  return text.replace(/^(\s*--[^\n]*\n|\s+)+/, '');
}
