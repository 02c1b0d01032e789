import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import { onlyOwnNames } from '../web/guards.ts';
import { ownNames } from '../web/reach.ts';
import { within } from '../within.ts';

/** A part that the process cannot work without; rejects where it does not answer. */
export interface Check {
  readonly name: string;
  answer(): Promise<unknown>;
}

export interface Monitor {
  readonly address: string;
  stop(): Promise<void>;
}

/** A probe that waits longer counts as failed anyway. */
const CHECK_MS = 2_000;

/**
 * What machines ask: `/healthz` (this process lives), `/readyz` (and so does all it needs: 200, else 503 naming what does
 * not), `/metrics` (Prometheus). On a port of its own, so that the page's visitors never see it.
 */
export async function startMonitor(options: {
  readonly host: string;
  readonly port: number;
  readonly checks: readonly Check[];
  readonly registry: Registry;
}): Promise<Monitor> {
  const { host, port, checks, registry } = options;
  const app = new Hono();
  app.use(onlyOwnNames(ownNames({ host, port, publicUrl: undefined })));
  app.get('/healthz', (context) => context.text('ok'));
  app.get('/readyz', async (context) => {
    const entries = await Promise.all(checks.map(async (check) => [check.name, await stateOf(check)] as const));
    const isReady = entries.every(([, state]) => state === 'ok');
    return context.json(Object.fromEntries(entries), isReady ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    const text = await registry.metrics();
    return context.body(text, 200, { 'content-type': registry.contentType });
  });
  const server = createServer(getRequestListener(app.fetch));
  await listen(server, host, port);
  return {
    address: addressOf(server),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function stateOf({ answer }: Check): Promise<'ok' | 'no answer'> {
  try {
    await within(CHECK_MS, answer());
    return 'ok';
  } catch {
    // The reason may hold an address or a user's name: it is in the log of whoever needed the part.
    return 'no answer';
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const line =
        error.code === 'EADDRINUSE'
          ? `Port ${port} of ${host} is taken by another program: set MONITOR_PORT to a free one (0 takes any).`
          : `The monitor cannot listen at ${host}:${port}: ${error.message}`;
      reject(new Error(line, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

function addressOf(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The monitor listens on no port.');
  return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
}
