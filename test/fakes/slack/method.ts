import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { blockText, MAX_BLOCK_TEXT, messageBlocksSchema } from './limits.ts';
import type { Tier } from './rate-limits.ts';
import type { Channel, Json, Message, Workspace } from './state.ts';

/** `ok: false` with this code; `extra` goes beside it (needed, provided, messages). */
export class ApiError extends Error {
  readonly code: string;
  readonly extra: Json;

  constructor(code: string, extra: Json = {}) {
    super(code);
    this.code = code;
    this.extra = extra;
  }
}

export interface MethodContext {
  readonly workspace: Workspace;
  readonly clock: Clock;
  /** This server's address without a slash at its end. */
  readonly base: string;
  /** Makes the ticket for a Socket Mode connection. */
  readonly openSocket: () => string;
}

/** One method of the Web API: who may call it, how often, and what it does. */
export interface Method {
  readonly token: 'bot' | 'app';
  readonly scope: string | null;
  readonly tier: Tier;
  /** Gives the fields beside `ok: true`; throws an `ApiError`. */
  run(args: Json, context: MethodContext): Json;
}

/** Reads arguments: form posts carry nested values as JSON text. */
export function parseArgs<Shape extends z.ZodRawShape>(shape: Shape, args: Json): z.infer<z.ZodObject<Shape>> {
  const decoded = Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      key,
      typeof value === 'string' && /^\s*[[{]/.test(value) && NESTED.has(key) ? safeJson(value) : value,
    ]),
  );
  const parsed = z.object(shape).safeParse(decoded);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ApiError('invalid_arguments', {
    response_metadata: { messages: [`[ERROR] ${issue?.path.join('/')}: ${issue?.message}`] },
  });
}

const NESTED = new Set(['blocks', 'files', 'view', 'metadata', 'attachments']);

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('invalid_json');
  }
}

export const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0'])])
  .transform((value) => value === true || value === 'true' || value === '1');

/** Blocks as a message may have them, their files known, complete and processed; else Slack's own error. */
export function checkBlocks(blocks: unknown, { workspace, clock }: MethodContext): readonly Json[] {
  if (blocks === undefined || blocks === null) return [];
  const parsed = messageBlocksSchema.safeParse(blocks);
  if (!parsed.success) {
    throw new ApiError('invalid_blocks', {
      response_metadata: {
        messages: parsed.error.issues.map(
          (issue) => `[ERROR] ${issue.message} [json-pointer:/blocks/${issue.path.join('/')}]`,
        ),
      },
    });
  }
  if (blockText(parsed.data).length > MAX_BLOCK_TEXT) throw new ApiError('msg_blocks_too_long');
  checkFiles(parsed.data, workspace, clock);
  return parsed.data;
}

/** A block may show a file only when its upload is complete and processed, which takes a moment. */
export function checkFiles(blocks: unknown, workspace: Workspace, clock: Clock): void {
  JSON.stringify(blocks, (key, value: unknown) => {
    if (key === 'slack_file') {
      const { id } = z.object({ id: z.string() }).parse(value);
      const file = workspace.files.get(id);
      const shown = file?.state === 'complete' && file.readyAt <= clock.now() && /\.(png|jpe?g|gif)$/i.test(file.name);
      if (!shown) {
        throw new ApiError('invalid_blocks', {
          errors: ['invalid slack file [json-pointer:/blocks/0/slack_file]'],
          response_metadata: { messages: ['[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]'] },
        });
      }
    }
    return value;
  });
}

/** The channel, where the bot may write: `chat:write.public` lets it into public ones that it has not joined. */
export function writableChannel(id: string, { workspace }: MethodContext, joinedOnly = false): Channel {
  const channel = workspace.channels.get(id) ?? (workspace.users.has(id) ? workspace.im(id) : undefined);
  if (!channel) throw new ApiError('channel_not_found');
  const joined = channel.members.has(workspace.bot.id);
  if (!joined && channel.kind !== 'public') throw new ApiError('channel_not_found');
  if (!joined && joinedOnly) throw new ApiError('not_in_channel');
  if (channel.archived) throw new ApiError('is_archived');
  return channel;
}

export function messageJson(message: Message, workspace: Workspace): Json {
  return {
    type: 'message',
    user: message.user,
    ...(message.user === workspace.bot.id ? { bot_id: workspace.botId, app_id: workspace.appId } : {}),
    text: message.text,
    blocks: message.blocks,
    ts: message.ts,
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    ...(message.files.length === 0 ? {} : { files: message.files.map((id) => fileJson(id, workspace)) }),
  };
}

export function fileJson(id: string, workspace: Workspace, base = ''): Json {
  const file = workspace.files.get(id);
  if (!file || file.state === 'deleted') throw new ApiError('file_not_found');
  const extension = file.name.split('.').pop() ?? '';
  return {
    id,
    name: file.name,
    title: file.title,
    mimetype:
      { png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp' }[extension] ??
      'application/octet-stream',
    filetype: extension,
    size: file.bytes?.byteLength ?? file.length,
    user: file.owner,
    url_private: `${base}/files-pri/${id}/${file.name}`,
    url_private_download: `${base}/files-pri/${id}/download/${file.name}`,
    alt_txt: file.altText,
  };
}
