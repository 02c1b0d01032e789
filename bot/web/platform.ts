import { getRequestListener } from '@hono/node-server';
import type { Logger } from 'pino';
import { z } from 'zod';
import { channelIdSchema, messageIdSchema, userIdSchema } from '../../commands/ids.ts';
import type { JobProgress } from '../../commands/job.ts';
import type { PageSignInConfig } from '../../config/index.ts';
import type { Operations } from '../operations/operations.ts';
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
import { type HttpServer, startHttpServer } from './http-server.ts';
import { Invitations } from './invitations.ts';
import type { PageProgress } from './listener.ts';
import type { MemberStore } from './member-store.ts';
import { Members } from './members.ts';
import { needsSignIn, type Reach, reachableAddress } from './reach.ts';
import { readOrMakeSecret } from './secret-file.ts';
import { invitationLink } from './session-routes.ts';
import { messageAnswer, turnIdSchema } from './turn.ts';
import type { TurnStore } from './turn-store.ts';

export interface WebPlatformParts {
  /** `port` 0 takes any free one; `dataDir` keeps the secret of a page that asks for a sign-in. */
  readonly config: Reach & { readonly dataDir: string; readonly pageSignIn?: PageSignInConfig | null };
  readonly turns: TurnStore;
  readonly members: MemberStore;
  readonly operations: Operations;
  readonly log: Logger;
  /** Milliseconds: what the limits of each address and person go by. */
  readonly now?: () => number;
}

export interface WebPlatform extends Platform {
  /** Such as `http://127.0.0.1:3000`. Where the page asks for a sign-in, it is an admin's invitation and works once. */
  readonly address: string | null;
}

const replyToSchema = z.strictObject({ user: userIdSchema, turn: turnIdSchema });

/** The local page as a platform: a browser is a person, its conversation a channel, a turn a message. */
export function createWebPlatform(parts: WebPlatformParts): WebPlatform {
  const { config, turns, members, operations, log, now = Date.now } = parts;
  const conversations = new Conversations(turns);
  let running: { server: HttpServer; answering: Answering; address: string } | null = null;

  return {
    id: 'web',

    get address() {
      return running?.address ?? null;
    },

    async start(host: PlatformHost) {
      await answerTheForgotten(conversations, await turns.unanswered());
      const answering = new Answering(host, conversations, log);
      const signIn = needsSignIn(config)
        ? {
            secret: await readOrMakeSecret(config.dataDir),
            invitations: new Invitations(),
            members: new Members(members),
            admins: config.pageSignIn?.admins ?? null,
          }
        : null;
      const app = createApp({
        host,
        conversations,
        answering,
        operations,
        reach: config,
        signIn,
        pageSignIn: config.pageSignIn ?? null,
        log,
        now,
      });
      const server = await startHttpServer(getRequestListener(app.fetch), config);
      const open = reachableAddress(server.address, config);
      const address =
        signIn === null ? open : invitationLink(open, signIn.invitations.create({ kind: 'invited', role: 'admin' }));
      running = { server, answering, address };
    },

    async stop() {
      if (running === null) return;
      const { server, answering } = running;
      running = null;
      await answering.finish();
      conversations.end();
      await server.close();
    },

    showsProgressLocally: true,

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

function pageProgress(progress: JobProgress): PageProgress {
  if (progress.state !== 'running') return progress;
  const { preview, ...rest } = progress;
  const bytes = preview && Buffer.from(preview);
  return { ...rest, preview: bytes === undefined ? null : `data:image/jpeg;base64,${bytes.toString('base64')}` };
}
