import { z } from 'zod';
import { MAX_POST_TEXT, MAX_UPDATE_TEXT } from '../limits.ts';
import {
  ApiError,
  checkBlocks,
  flag,
  type Method,
  type MethodContext,
  messageJson,
  parseArgs,
  writableChannel,
} from '../method.ts';
import type { Channel, Json, Message, Workspace } from '../state.ts';

const content = {
  channel: z.string(),
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  thread_ts: z.string().optional(),
  link_names: flag.optional(),
  parse: z.string().optional(),
};
type Content = z.infer<z.ZodObject<typeof content>>;

function checkContent(text: string | undefined, blocks: readonly unknown[], max: number): void {
  if ((text ?? '') === '' && blocks.length === 0) throw new ApiError('no_text');
  if ((text ?? '').length > max) throw new ApiError('msg_too_long');
}

function threadOf(channel: string, thread: string | undefined, workspace: Workspace): string | null {
  if (thread === undefined) return null;
  const root = workspace.find(channel, thread);
  if (!root) throw new ApiError('thread_not_found');
  return root.threadTs ?? root.ts;
}

/** Posts what the bot asks: to all of the channel, or to one person in it. */
function post(asked: Content, channel: Channel, context: MethodContext, ephemeralTo: string | null = null): Message {
  const { workspace } = context;
  const blocks = checkBlocks(asked.blocks, context);
  checkContent(asked.text, blocks, MAX_POST_TEXT);
  return workspace.post({
    channel: channel.id,
    user: workspace.bot.id,
    text: asked.text ?? '',
    blocks,
    threadTs: threadOf(channel.id, asked.thread_ts, workspace),
    ephemeralTo,
    linkNames: asked.link_names === true || asked.parse === 'full',
  });
}

/** A message of the bot's in a channel where it may write. */
function own(id: string, ts: string, context: MethodContext, error: string): Message {
  const { workspace } = context;
  const message = workspace.find(writableChannel(id, context).id, ts);
  if (!message || message.ephemeralTo !== null) throw new ApiError('message_not_found');
  if (message.user !== workspace.bot.id) throw new ApiError(error);
  return message;
}

/** Newest first, as Slack tells them. */
function recent(args: Json, { workspace }: MethodContext): Json {
  const asked = parseArgs(
    {
      channel: z.string(),
      ts: z.string().optional(),
      oldest: z.coerce.number().default(0),
      limit: z.coerce.number().default(100),
    },
    args,
  );
  const channel = workspace.channels.get(asked.channel);
  if (!channel?.members.has(workspace.bot.id) && channel?.kind !== 'im') throw new ApiError('not_in_channel');
  const found = workspace.messages.filter(
    (message) =>
      message.channel === asked.channel &&
      !message.deleted &&
      message.ephemeralTo === null &&
      message.threadTs === (asked.ts ?? null) &&
      Number(message.ts) > asked.oldest,
  );
  const newest = found.slice(-asked.limit).reverse();
  return { messages: newest.map((message) => messageJson(message, workspace)), has_more: newest.length < found.length };
}

export const chatMethods: Readonly<Record<string, Method>> = {
  'conversations.history': { token: 'bot', scope: 'channels:history', tier: 3, run: recent },
  'conversations.replies': { token: 'bot', scope: 'channels:history', tier: 3, run: recent },
  'chat.postMessage': {
    token: 'bot',
    scope: 'chat:write',
    tier: 'special',
    run(args, context) {
      const asked = parseArgs(content, args);
      const channel = writableChannel(asked.channel, context);
      const message = post(asked, channel, context);
      return { channel: channel.id, ts: message.ts, message: messageJson(message, context.workspace) };
    },
  },
  'chat.postEphemeral': {
    token: 'bot',
    scope: 'chat:write',
    tier: 4,
    run(args, context) {
      const asked = parseArgs({ ...content, user: z.string() }, args);
      const channel = writableChannel(asked.channel, context, true);
      if (!context.workspace.users.has(asked.user)) throw new ApiError('user_not_found');
      if (!channel.members.has(asked.user)) throw new ApiError('user_not_in_channel');
      return { message_ts: post(asked, channel, context, asked.user).ts };
    },
  },
  'chat.update': {
    token: 'bot',
    scope: 'chat:write',
    tier: 3,
    run(args, context) {
      const { workspace } = context;
      const asked = parseArgs({ ...content, ts: z.string() }, args);
      const message = own(asked.channel, asked.ts, context, 'cant_update_message');
      const blocks = checkBlocks(asked.blocks, context);
      checkContent(asked.text, blocks, MAX_UPDATE_TEXT);
      message.text = asked.text ?? message.text;
      message.blocks = blocks;
      message.edits += 1;
      return { channel: message.channel, ts: message.ts, text: message.text, message: messageJson(message, workspace) };
    },
  },
  'chat.delete': {
    token: 'bot',
    scope: 'chat:write',
    tier: 3,
    run(args, context) {
      const asked = parseArgs({ channel: z.string(), ts: z.string() }, args);
      const message = own(asked.channel, asked.ts, context, 'cant_delete_message');
      message.deleted = true;
      return { channel: message.channel, ts: message.ts };
    },
  },
  'chat.getPermalink': {
    token: 'bot',
    scope: null,
    tier: 'special',
    run(args, { workspace }) {
      const asked = parseArgs({ channel: z.string(), message_ts: z.string() }, args);
      const message = workspace.find(asked.channel, asked.message_ts);
      if (!message) throw new ApiError('message_not_found');
      const thread = message.threadTs === null ? '' : `?thread_ts=${message.threadTs}&cid=${message.channel}`;
      const permalink = `https://${workspace.team.domain}.slack.com/archives/${message.channel}/p${message.ts.replace('.', '')}${thread}`;
      return { channel: message.channel, permalink };
    },
  },
};
