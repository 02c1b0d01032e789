import { createServer, type RequestListener, type ServerResponse } from 'node:http';

/** How long an unfinished response may hold up the end. */
const CLOSE_GRACE_MS = 3000;

export interface HttpServer {
  /** Such as `http://127.0.0.1:3000`. */
  readonly address: string;
  /** Takes no more connections; resolves when every response under way has ended, or after a grace. */
  close(): Promise<void>;
}

/** Listens; rejects with one clear line where that cannot be. `port` 0 takes any free one. */
export async function startHttpServer(
  listener: RequestListener,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const responses = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    responses.add(response);
    response.once('close', () => responses.delete(response));
    listener(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(startFailure(error, host, port), { cause: error })));
    server.listen(port, host, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The page listens on no port.');
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    address: `http://${name}:${bound.port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      const grace = new Promise((resolve) => setTimeout(resolve, CLOSE_GRACE_MS).unref());
      await Promise.race([Promise.all([...responses].map(ended)), grace]);
      // Browsers hold connections open on which they have not asked for anything yet: nobody would close those.
      server.closeAllConnections();
      await closed;
    },
  };
}

function ended(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
  });
}

function startFailure(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is taken by another program: set PORT to a free one (0 takes any).`;
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${host}: set HOST to one of its own, such as 127.0.0.1.`;
    case 'EACCES':
      return `Port ${port} of ${host} is not allowed for this user: set PORT to one above 1023.`;
    default:
      return `The page cannot be served at ${host}, port ${port}: ${error.message}`;
  }
}
