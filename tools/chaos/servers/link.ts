import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

type Weather = 'fair' | 'cut' | 'hanging';

/** The network between two programs: passes bytes on, until it is cut or hangs. */
export class Link {
  readonly port: number;
  private readonly server: Server;
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private weather: Weather = 'fair';

  private constructor(server: Server, port: number) {
    this.server = server;
    this.port = port;
  }

  /** In front of a port of this machine. */
  static async before(target: number): Promise<Link> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('A link has no port.');
    const link = new Link(server, address.port);
    server.on('connection', (near) => link.join(near, target));
    return link;
  }

  /** Ends every connection and lets none come about until `mend`. */
  cut(): void {
    this.weather = 'cut';
    for (const [near, far] of this.pairs) for (const socket of [near, far]) socket.destroy();
  }

  /** Connections stay, and nothing comes through any more: what a lost route looks like from both ends. */
  hang(): void {
    this.weather = 'hanging';
    for (const [near, far] of this.pairs) for (const socket of [near, far]) socket.pause();
  }

  mend(): void {
    this.weather = 'fair';
    for (const [near, far] of this.pairs) for (const socket of [near, far]) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
  }

  private join(near: Socket, target: number): void {
    if (this.weather === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    const pair = [near, far] as const;
    this.pairs.add(pair);
    pass(near, far);
    pass(far, near);
    const part = (): void => {
      this.pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) socket.on('error', part).on('close', part);
    if (this.weather === 'hanging') for (const socket of pair) socket.pause();
  }
}

function pass(from: Socket, to: Socket): void {
  from.on('data', (chunk) => to.write(chunk));
  from.on('end', () => to.end());
}
