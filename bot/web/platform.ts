import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Logger } from 'pino';
import { z } from 'zod';
import { channelIdSchema, messageIdSchema, userIdSchema } from '../../commands/ids.ts';
import type { JobProgress } from '../../commands/job.ts';
import {
  type DeliveredMessage,
  DeliveryError,
  type OutgoingDelivery,
  type Platform,
  type PlatformHost,
} from '../platform.ts';
import { Answering, answerTheForgotten } from './answering.ts';
import { createApp } from './app.ts';
import { Conversations } from './conversations.ts';
import type { PageProgress } from './listener.ts';
import { messageAnswer, turnIdSchema } from './turn.ts';
import type { TurnStore } from './turn-store.ts';

export interface WebPlatformParts {
  /** `port` 0 takes any free one. */
  readonly config: { readonly host: string; readonly port: number };
  readonly turns: TurnStore;
  readonly log: Logger;
}

export interface WebPlatform extends Platform {
  /** Where the page is, such as `http://127.0.0.1:3000`; null before `start` and after `stop`. */
  readonly address: string | null;
}

/** How long an unfinished response may hold up the end. */
const CLOSE_GRACE_MS = 3000;

const replyToSchema = z.strictObject({ user: userIdSchema, turn: turnIdSchema });

/** The local page as a platform: a browser is a person, its conversation a channel, a turn a message. */
export function createWebPlatform({ config, turns, log }: WebPlatformParts): WebPlatform {
  const conversations = new Conversations(turns);
  let running: { server: Server; answering: Answering; address: string } | null = null;

  return {
    id: 'web',

    get address() {
      return running?.address ?? null;
    },

    async start(host: PlatformHost) {
      await answerTheForgotten(conversations, await turns.unanswered());
      const answering = new Answering(host, conversations, log);
      const app = createApp({ host, conversations, answering, boundTo: config.host, log });
      const server = createServer(getRequestListener(app.fetch));
      await listen(server, config);
      running = { server, answering, address: addressOf(server) };
    },

    async stop() {
      if (running === null) return;
      const { server, answering } = running;
      running = null;
      await answering.finish();
      conversations.end();
      await close(server);
    },

    async progress(replyTo: unknown, progress: JobProgress) {
      const place = replyToSchema.safeParse(replyTo);
      if (place.success) conversations.progress(place.data.user, place.data.turn, pageProgress(progress));
    },

    async deliver({ replyTo, message, nonce }: OutgoingDelivery): Promise<DeliveredMessage> {
      const place = replyToSchema.safeParse(replyTo);
      if (!place.success) throw new DeliveryError('refused', 'This delivery names no turn of the page.');
      const { user, turn } = place.data;
      const found = await conversations
        .answer(user, turn, ({ answer }) => {
          const delivered = answer?.kind === 'message' && answer.nonce === nonce;
          return delivered ? null : messageAnswer(message, nonce);
        })
        .catch((error: unknown) => {
          throw new DeliveryError('retry', `The conversation could not be stored: ${String(error)}`, 1);
        });
      if (!found) throw new DeliveryError('refused', 'The person has deleted this turn of the conversation.');
      return { channel: channelIdSchema.parse(user), message: messageIdSchema.parse(turn) };
    },
  };
}

function listen(server: Server, { host, port }: WebPlatformParts['config']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const line =
        error.code === 'EADDRINUSE'
          ? `Port ${port} of ${host} is taken by another program: set PORT to a free one (0 takes any).`
          : `The page cannot be served at ${host}:${port}: ${error.message}`;
      reject(new Error(line, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

function addressOf(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The page listens on no port.');
  return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
}

/** Resolves when every connection has ended: at its response's end, or after the grace at the latest. */
async function close(server: Server): Promise<void> {
  const started = Date.now();
  const sweep = setInterval(() => {
    if (Date.now() - started > CLOSE_GRACE_MS) server.closeAllConnections();
    else server.closeIdleConnections();
  }, 20);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(sweep);
}

function pageProgress(progress: JobProgress): PageProgress {
  if (progress.state !== 'running') return progress;
  const { preview, ...rest } = progress;
  const bytes = preview && Buffer.from(preview);
  return { ...rest, preview: bytes === undefined ? null : `data:image/jpeg;base64,${bytes.toString('base64')}` };
}
