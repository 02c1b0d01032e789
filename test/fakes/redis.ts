import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** What the fake answers to a command: a simple string, an error, or a bulk string. */
type Answer = { readonly ok: string } | { readonly error: string } | { readonly bulk: string };

export interface FakeRedis {
  readonly url: string;
  /** How many connections were opened so far. */
  connections(): number;
  close(): Promise<void>;
}

/**
 * Speaks as much of RESP2 as a client's handshake needs, and answers as told: for servers in states that are hard to bring
 * a real one into. `answer` gets the command in upper case, its arguments and the number of the connection, from 1 on.
 */
export async function startFakeRedis(
  answer: (command: string, args: readonly string[], connection: number) => Answer,
): Promise<FakeRedis> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    const connection = ++connections;
    sockets.add(socket);
    let buffered = '';
    socket.on('data', (bytes) => {
      buffered += bytes.toString('latin1');
      for (let parsed = takeCommand(buffered); parsed !== null; parsed = takeCommand(buffered)) {
        buffered = parsed.rest;
        const [command = '', ...args] = parsed.words;
        socket.write(encode(answer(command.toUpperCase(), args, connection)));
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${port}`,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** The first whole command (an array of bulk strings) of what has come, and what follows it. */
function takeCommand(text: string): { words: string[]; rest: string } | null {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return null;
  let at = head[0].length;
  const words: string[] = [];
  for (let i = 0; i < Number(head[1]); i++) {
    const length = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (length === null) return null;
    const from = at + length[0].length;
    const to = from + Number(length[1]);
    if (text.length < to + 2) return null;
    words.push(text.slice(from, to));
    at = to + 2;
  }
  return { words, rest: text.slice(at) };
}

function encode(answer: Answer): string {
  if ('ok' in answer) return `+${answer.ok}\r\n`;
  if ('error' in answer) return `-${answer.error}\r\n`;
  return `$${answer.bulk.length}\r\n${answer.bulk}\r\n`;
}
