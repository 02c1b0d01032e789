import {
  type APIEmbed,
  type APIInteractionResponse,
  type APIMessageTopLevelComponent,
  MessageFlags,
  type RawFile,
  REST,
  type RESTAPIAttachment,
  type RESTPutAPIApplicationCommandsJSONBody,
  Routes,
} from 'discord.js';
import { z } from 'zod';
import { Newest } from '../../newest.ts';
import type { InteractionHandle } from '../answers/reply-to.ts';
import { codes, DiscordError, toDiscordError } from './discord-error.ts';
import { makeRequest } from './make-request.ts';

const TIMEOUT_MS = 15_000;
const REMEMBERED_TOKENS = 1_000;
/** Every interaction's token has a queue of its own, which is of no use once the token is dead. */
const SWEEP_INTERVAL_MS = 5 * 60_000;
/** The library waits out shorter limits by itself; longer ones are the outbox's to wait for. */
const LONGEST_WAIT_MS = 2000;

const messageSchema = z.object({
  id: z.string(),
  channel_id: z.string(),
  author: z.object({ id: z.string() }),
  content: z.string(),
  nonce: z.union([z.string(), z.number()]).optional(),
  attachments: z.array(z.object({ id: z.string(), filename: z.string() })),
  message_reference: z
    .object({ type: z.number().default(0), message_id: z.string().optional(), channel_id: z.string().optional() })
    .optional(),
  components: z
    .array(z.looseObject({ components: z.array(z.looseObject({ custom_id: z.string().optional() })).optional() }))
    .optional(),
});
/** A message as Discord tells it, as far as we look. */
export type SentMessage = z.infer<typeof messageSchema>;

const callbackSchema = z.object({ resource: z.object({ message: messageSchema.optional() }).optional() });
const userSchema = z.object({ username: z.string(), global_name: z.string().nullish() });
const idSchema = z.object({ id: z.string() });
const guildsSchema = z.array(
  z.object({ id: z.string(), name: z.string(), permissions: z.string().regex(/^\d+$/).transform(BigInt) }),
);

/** What a message shows. In an edit, what is left out stays as it is. */
export interface MessageBody {
  readonly content?: string;
  readonly embeds?: APIEmbed[];
  readonly components?: APIMessageTopLevelComponent[];
  /** The files that the message has; a new one's id is its index in `files`. */
  readonly attachments?: RESTAPIAttachment[];
  /** Always given, for Discord's default is to ping whoever is named. */
  readonly allowed_mentions: { readonly parse: []; readonly users?: string[] };
}

export interface OutgoingMessage {
  readonly body: MessageBody;
  readonly files: readonly RawFile[];
}

/** What only a new message says. */
export interface Posting {
  /** At most 25 characters: the same nonce again makes no second message. */
  readonly nonce?: string;
  /** The message that this one answers. */
  readonly reference?: string;
}

interface DiscordApiOptions {
  readonly token: string;
  readonly apiUrl: string | undefined;
  /** How long Discord may take to answer. */
  readonly timeoutMs?: number | undefined;
}

/**
 * The calls of Discord's REST API that we make. Every method rejects with a `DiscordError`, and none repeats itself:
 * whether a call may be repeated is its caller's knowledge.
 */
export class DiscordApi {
  /** With the bot's token, within its 50 requests a second. */
  private readonly bot: REST;
  private readonly token: string;
  /** With interactions' tokens, which do not count against that limit. */
  private readonly interactions: REST;
  /** Discord counts what is sent to a token that it has called invalid, and locks out who sends too much of it. */
  private readonly deadTokens = new Newest<string, true>(REMEMBERED_TOKENS);

  constructor({ token, apiUrl, timeoutMs = TIMEOUT_MS }: DiscordApiOptions) {
    const options = {
      timeout: timeoutMs,
      retries: 0,
      makeRequest,
      rejectOnRateLimit: ({ retryAfter }: { retryAfter: number }) => retryAfter > LONGEST_WAIT_MS,
      ...(apiUrl === undefined ? {} : { api: apiUrl }),
    };
    this.token = token;
    this.bot = new REST(options).setToken(token);
    this.interactions = new REST({
      ...options,
      globalRequestsPerSecond: Number.POSITIVE_INFINITY,
      handlerSweepInterval: SWEEP_INTERVAL_MS,
    });
  }

  /** The first answer to an interaction; the message that it made, if it made one. */
  async answer(
    id: string,
    token: string,
    body: APIInteractionResponse,
    files: readonly RawFile[] = [],
  ): Promise<SentMessage | null> {
    const query = new URLSearchParams({ with_response: 'true' });
    const options = { auth: false, query, body, files: [...files] };
    const answer = await this.withToken(token, 'answering an interaction', () =>
      this.interactions.post(Routes.interactionCallback(id, token), options),
    );
    return callbackSchema.safeParse(answer).data?.resource?.message ?? null;
  }

  /** Edits the message that answers the interaction, or the further one with this id. */
  async editAnswer(
    { application, token }: InteractionHandle,
    { body, files }: OutgoingMessage,
    followUp?: string,
  ): Promise<SentMessage> {
    const options = { auth: false, body, files: [...files] };
    const message = await this.withToken(token, 'editing the answer to an interaction', () =>
      this.interactions.patch(Routes.webhookMessage(application, token, followUp), options),
    );
    return messageSchema.parse(message);
  }

  async readAnswer({ application, token }: InteractionHandle): Promise<SentMessage> {
    const message = await this.withToken(token, 'reading the answer to an interaction', () =>
      this.interactions.get(Routes.webhookMessage(application, token), { auth: false }),
    );
    return messageSchema.parse(message);
  }

  async deleteAnswer({ application, token }: InteractionHandle): Promise<void> {
    await this.withToken(token, 'deleting the answer to an interaction', () =>
      this.interactions.delete(Routes.webhookMessage(application, token), { auth: false }),
    );
  }

  /** A further message of the interaction, which only the requester sees. */
  async followUpPrivately(
    { application, token }: InteractionHandle,
    { body, files }: OutgoingMessage,
  ): Promise<SentMessage> {
    const options = { auth: false, body: { ...body, flags: MessageFlags.Ephemeral }, files: [...files] };
    const message = await this.withToken(token, 'following up on an interaction', () =>
      this.interactions.post(Routes.webhook(application, token), options),
    );
    return messageSchema.parse(message);
  }

  async post(
    channel: string,
    { body, files }: OutgoingMessage,
    { nonce, reference }: Posting = {},
  ): Promise<SentMessage> {
    const posting = {
      ...body,
      ...(nonce === undefined ? {} : { nonce, enforce_nonce: true }),
      ...(reference === undefined ? {} : { message_reference: { message_id: reference, fail_if_not_exists: false } }),
    };
    const message = await this.asBot(`posting to the channel ${channel}`, () =>
      this.bot.post(Routes.channelMessages(channel), { body: posting, files: [...files] }),
    );
    return messageSchema.parse(message);
  }

  async edit(channel: string, id: string, { body, files }: OutgoingMessage): Promise<SentMessage> {
    const message = await this.asBot(`editing a message in the channel ${channel}`, () =>
      this.bot.patch(Routes.channelMessage(channel, id), { body, files: [...files] }),
    );
    return messageSchema.parse(message);
  }

  async delete(channel: string, id: string): Promise<void> {
    await this.asBot(`deleting a message in the channel ${channel}`, () =>
      this.bot.delete(Routes.channelMessage(channel, id)),
    );
  }

  async message(channel: string, id: string): Promise<SentMessage> {
    const message = await this.asBot(`reading a message in the channel ${channel}`, () =>
      this.bot.get(Routes.channelMessage(channel, id)),
    );
    return messageSchema.parse(message);
  }

  /** What a person is called everywhere. */
  async userName(id: string): Promise<string> {
    const user = await this.asBot('reading a person', () => this.bot.get(Routes.user(id)));
    const { global_name, username } = userSchema.parse(user);
    return global_name ?? username;
  }

  /** At most 100 messages that are newer than the snowflake `after`. */
  async messagesAfter(channel: string, after: string): Promise<readonly SentMessage[]> {
    const query = new URLSearchParams({ after, limit: '100' });
    const messages = await this.asBot(`reading the channel ${channel}`, () =>
      this.bot.get(Routes.channelMessages(channel), { query }),
    );
    return z.array(messageSchema).parse(messages);
  }

  /** The channel of the direct conversation with this person. */
  async openDirect(user: string): Promise<string> {
    const body = { recipient_id: user };
    const channel = await this.asBot('opening a direct conversation', () =>
      this.bot.post(Routes.userChannels(), { body }),
    );
    return idSchema.parse(channel).id;
  }

  /** The application that the token belongs to. */
  async application(): Promise<string> {
    const application = await this.asBot('reading the application', () => this.bot.get(Routes.currentApplication()));
    return idSchema.parse(application).id;
  }

  /** The first 200 servers that the bot is in, with what its roles grant it there (implicit permissions excluded). */
  async guilds(): Promise<z.infer<typeof guildsSchema>> {
    const guilds = await this.asBot('reading the servers', () => this.bot.get(Routes.userGuilds()));
    return guildsSchema.parse(guilds);
  }

  /** The application's commands as they are registered, for all guilds. */
  async commands(application: string): Promise<readonly unknown[]> {
    const commands = await this.asBot('reading the registered commands', () =>
      this.bot.get(Routes.applicationCommands(application), {
        query: new URLSearchParams({ with_localizations: 'true' }),
      }),
    );
    return z.array(z.unknown()).parse(commands);
  }

  /** Makes these the application's commands: those of a known type and name keep their ids, others come or go. */
  async replaceCommands(application: string, commands: RESTPutAPIApplicationCommandsJSONBody): Promise<void> {
    await this.asBot('registering commands', () =>
      this.bot.put(Routes.applicationCommands(application), { body: commands }),
    );
  }

  private async withToken<Result>(token: string, doing: string, request: () => Promise<Result>): Promise<Result> {
    if (this.deadTokens.has(token)) {
      const reason = { status: 401, code: codes.invalidWebhookToken };
      throw new DiscordError('refused', `Discord has called the token for ${doing} invalid`, reason);
    }
    try {
      return await call(doing, request);
    } catch (error) {
      if (error instanceof DiscordError && error.code === codes.invalidWebhookToken) this.deadTokens.set(token, true);
      throw error;
    }
  }

  private async asBot<Result>(doing: string, request: () => Promise<Result>): Promise<Result> {
    try {
      return await call(doing, request);
    } catch (error) {
      // The library forgets a token that was refused once; ours may be good again when the outbox tries again.
      if (error instanceof DiscordError && error.status === 401) this.bot.setToken(this.token);
      throw error;
    }
  }
}

async function call<Result>(doing: string, request: () => Promise<Result>): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    throw toDiscordError(doing, error);
  }
}
