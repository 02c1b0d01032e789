import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { CANARY } from '../../canary.ts';
import type { Json } from './state.ts';

const ackSchema = z.object({ envelope_id: z.string(), payload: z.record(z.string(), z.unknown()).optional() });

/** "Up to 10 concurrent connections." */
const MAX_SOCKETS = 10;

export type EnvelopeKind = 'events_api' | 'slash_commands' | 'interactive';

/** Slack's side of Socket Mode: tickets, hello first, envelopes, and who has acknowledged what. */
export class SocketMode {
  private readonly server = new WebSocketServer({ noServer: true });
  private readonly tickets = new Set<string>();
  private readonly sockets: WebSocket[] = [];
  private readonly awaited = new Map<string, (payload: Json) => void>();
  private readonly appId: string;
  private turn = 0;
  /** Hold the hello of new connections back (a reconnection that waits). */
  holdHello = false;
  /** Closes each new connection right after its hello, for this reason. */
  turnsAway: 'too_many_websockets' | 'link_disabled' | null = null;

  constructor(appId: string) {
    this.appId = appId;
  }

  ticket(): string {
    const ticket = `${CANARY}-${randomUUID()}`;
    this.tickets.add(ticket);
    return ticket;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://fake').searchParams.get('ticket') ?? '';
    if (!this.tickets.delete(ticket) || this.sockets.length >= MAX_SOCKETS) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    this.server.handleUpgrade(request, socket, head, (opened) => {
      this.sockets.push(opened);
      opened.on('close', () => this.sockets.splice(this.sockets.indexOf(opened), 1));
      opened.on('message', (data) => this.acknowledged(String(data)));
      if (!this.holdHello) this.hello(opened);
    });
  }

  get connections(): number {
    return this.sockets.length;
  }

  /** Sends an envelope over one of the connections; resolves with the acknowledgement's payload, or null after `timeout`. */
  async send(
    kind: EnvelopeKind,
    payload: Json,
    retry: Json,
    wait: (timeout: () => void) => () => void,
  ): Promise<Json | null> {
    const envelope = randomUUID();
    const socket = this.sockets[this.turn++ % Math.max(1, this.sockets.length)];
    if (!socket) return null;
    return new Promise((resolve) => {
      const stop = wait(() => {
        this.awaited.delete(envelope);
        resolve(null);
      });
      this.awaited.set(envelope, (answer) => {
        stop();
        resolve(answer);
      });
      socket.send(
        JSON.stringify({
          envelope_id: envelope,
          type: kind,
          accepts_response_payload: kind !== 'events_api',
          payload,
          ...retry,
        }),
      );
    });
  }

  /** Tells the client to reconnect (Slack recycles connections), as `refresh_requested` or a warning before it. */
  refresh(reason: 'refresh_requested' | 'warning' = 'refresh_requested'): void {
    for (const socket of this.sockets) socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: {} }));
  }

  /** Kills the connections without a word. */
  drop(): void {
    for (const socket of [...this.sockets]) socket.terminate();
  }

  close(): void {
    this.drop();
    this.server.close();
  }

  private hello(socket: WebSocket): void {
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.sockets.length,
        connection_info: { app_id: this.appId },
        debug_info: { host: 'fake' },
      }),
    );
    const reason = this.turnsAway;
    if (reason !== null) socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'fake' } }));
  }

  private acknowledged(text: string): void {
    const parsed = ackSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    const { envelope_id, payload } = parsed.data;
    this.awaited.get(envelope_id)?.(payload ?? {});
    this.awaited.delete(envelope_id);
  }
}
