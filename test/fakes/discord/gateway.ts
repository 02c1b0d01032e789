import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GatewayCloseCodes, GatewayIntentBits, GatewayOpcodes } from 'discord.js';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Json } from './state.ts';

const MAX_EVENTS_A_MINUTE = 120;
const PRIVILEGED = GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences | GatewayIntentBits.MessageContent;

const identifyData = z.looseObject({
  token: z.string(),
  intents: z.int(),
  shard: z.tuple([z.int(), z.int()]).optional(),
});
const resumeData = z.looseObject({ token: z.string(), session_id: z.string(), seq: z.int() });

interface Session {
  readonly id: string;
  readonly shard: readonly [number, number];
  readonly intents: number;
  /** Every event so far; the sequence number is the index plus one. */
  readonly events: string[];
  socket: WebSocket | null;
}

interface GatewayOptions {
  readonly token: () => string;
  readonly url: () => string;
  readonly application: string;
  /** READY's user and guilds, and the GUILD_CREATE of each guild that is on this shard. */
  readonly ready: (onShard: (guild: string) => boolean) => { user: Json; guilds: readonly Json[] };
}

/** The real-time half: identify, resume, heartbeat, and events to those shards whose intents ask for them. */
export class Gateway {
  /** Privileged intents that the application was not granted. */
  deniedIntents = PRIVILEGED;
  /** The greatest intent that is defined is 1 << 25. */
  knownIntents = (1 << 26) - 1;
  /** The REST API may take a token that the gateway no longer takes. */
  refusesTokens = false;
  /** How many shards may identify at once. */
  identifyConcurrency = 1;
  /** Heartbeats are answered; a connection that hears nothing is a zombie. */
  answersHeartbeats = true;
  heartbeatIntervalMs = 41_250;
  identifies = 0;
  resumes = 0;
  /** Close codes that this gateway or its clients used, in order. */
  readonly closes: number[] = [];
  private last: Parameters<Gateway['dispatch']> | null = null;
  private readonly sessions = new Map<string, Session>();
  private readonly server = new WebSocketServer({ noServer: true });
  private readonly options: GatewayOptions;

  constructor(options: GatewayOptions) {
    this.options = options;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.server.handleUpgrade(request, socket, head, (client) => this.connected(client));
  }

  /** Sends an event to the shard of this guild (null: direct messages, shard 0), where its intents ask for it. */
  dispatch(type: string, data: Json, { guild, intent }: { guild: string | null; intent: number | null }): void {
    this.last = [type, data, { guild, intent }];
    for (const session of this.sessions.values()) {
      if (!onShard(session.shard, guild)) continue;
      if (intent !== null && (session.intents & intent) === 0) continue;
      this.emit(session, type, data);
    }
  }

  /** Hands the last event over once more, as a network in doubt does. */
  repeatLast(): void {
    if (this.last !== null) this.dispatch(...this.last);
  }

  /** Connections that are identified now. */
  get connections(): number {
    return [...this.sessions.values()].filter(({ socket }) => socket !== null).length;
  }

  /** Cuts every connection as a broken network does. */
  drop(): void {
    for (const client of this.server.clients) client.terminate();
  }

  /** Closes every connection with this code. */
  close(code: number): void {
    if (!mayResume(code)) this.sessions.clear();
    for (const client of this.server.clients) client.close(code);
  }

  /** Op 7: asks clients to reconnect and resume. */
  askToReconnect(): void {
    for (const client of this.server.clients) send(client, { op: GatewayOpcodes.Reconnect, d: null });
  }

  /** Op 9: the session is gone, or (resumable) may be resumed. */
  invalidate(resumable: boolean): void {
    if (!resumable) this.sessions.clear();
    for (const client of this.server.clients) send(client, { op: GatewayOpcodes.InvalidSession, d: resumable });
  }

  stop(): void {
    for (const client of this.server.clients) client.terminate();
    this.server.close();
  }

  private connected(client: WebSocket): void {
    let session: Session | null = null;
    const received: number[] = [];
    client.on('error', () => {});
    client.on('close', (code) => {
      this.closes.push(code);
      if (session === null || session.socket !== client) return;
      session.socket = null;
      if (!mayResume(code)) this.sessions.delete(session.id);
    });
    client.on('message', (raw) => {
      const now = Date.now();
      received.push(now);
      if (received.filter((at) => now - at < 60_000).length > MAX_EVENTS_A_MINUTE) {
        return client.close(GatewayCloseCodes.RateLimited);
      }
      const parsed = z.looseObject({ op: z.int(), d: z.unknown() }).safeParse(parseJson(String(raw)));
      if (!parsed.success) return client.close(GatewayCloseCodes.DecodeError);
      const { op, d } = parsed.data;
      if (op === GatewayOpcodes.Heartbeat) {
        if (this.answersHeartbeats) send(client, { op: GatewayOpcodes.HeartbeatAck });
        return;
      }
      if (op === GatewayOpcodes.Identify) {
        if (session !== null) return client.close(GatewayCloseCodes.AlreadyAuthenticated);
        session = this.identify(client, d);
      } else if (op === GatewayOpcodes.Resume) {
        session = this.resume(client, d);
      } else if (session === null) client.close(GatewayCloseCodes.NotAuthenticated);
    });
    send(client, { op: GatewayOpcodes.Hello, d: { heartbeat_interval: this.heartbeatIntervalMs } });
  }

  private identify(client: WebSocket, data: unknown): Session | null {
    const parsed = identifyData.safeParse(data);
    const refuse = (code: GatewayCloseCodes) => {
      client.close(code);
      return null;
    };
    if (!parsed.success) return refuse(GatewayCloseCodes.DecodeError);
    const { token, intents, shard = [0, 1] } = parsed.data;
    this.identifies += 1;
    if (token !== this.options.token() || this.refusesTokens) return refuse(GatewayCloseCodes.AuthenticationFailed);
    if ((intents & ~this.knownIntents) !== 0 || intents < 0) return refuse(GatewayCloseCodes.InvalidIntents);
    if ((intents & this.deniedIntents) !== 0) return refuse(GatewayCloseCodes.DisallowedIntents);
    if (shard[0] >= shard[1] || shard[0] < 0) return refuse(GatewayCloseCodes.InvalidShard);
    const session: Session = { id: randomUUID(), shard, intents, events: [], socket: client };
    this.sessions.set(session.id, session);
    const { user, guilds } = this.options.ready((guild) => onShard(shard, guild));
    this.emit(session, 'READY', {
      v: 10,
      user,
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: this.options.url(),
      shard,
      application: { id: this.options.application, flags: 0 },
    });
    if ((intents & GatewayIntentBits.Guilds) !== 0) {
      for (const guild of guilds) this.emit(session, 'GUILD_CREATE', guild);
    }
    return session;
  }

  private resume(client: WebSocket, data: unknown): Session | null {
    const parsed = resumeData.safeParse(data);
    const session = parsed.success ? this.sessions.get(parsed.data.session_id) : undefined;
    if (!parsed.success || session === undefined || parsed.data.token !== this.options.token()) {
      send(client, { op: GatewayOpcodes.InvalidSession, d: false });
      return null;
    }
    if (parsed.data.seq > session.events.length) {
      client.close(GatewayCloseCodes.InvalidSeq);
      return null;
    }
    this.resumes += 1;
    session.socket = client;
    for (const event of session.events.slice(parsed.data.seq)) client.send(event);
    this.emit(session, 'RESUMED', {});
    return session;
  }

  private emit(session: Session, type: string, data: Json): void {
    const event = JSON.stringify({ op: GatewayOpcodes.Dispatch, t: type, s: session.events.length + 1, d: data });
    session.events.push(event);
    session.socket?.send(event);
  }
}

/** Which shard a guild is on, as Discord documents it. */
function onShard([id, count]: readonly [number, number], guild: string | null): boolean {
  return guild === null ? id === 0 : Number((BigInt(guild) >> 22n) % BigInt(count)) === id;
}

/** A client that closes with 1000 or 1001 ends its session. */
function mayResume(code: number): boolean {
  return code !== 1000 && code !== 1001 && code !== 4004 && !(code >= 4010 && code <= 4014);
}

function send(client: WebSocket, packet: Json): void {
  client.send(JSON.stringify(packet));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
