import { PermissionFlagsBits } from 'discord.js';
import * as errors from './api-error.ts';
import { MAX_ATTACHMENTS, MAX_FILE_BYTES, type MessageBody } from './limits.ts';
import { botMay } from './permissions.ts';
import { type Attachment, type Channel, EPHEMERAL, type Json, type Message, type World } from './state.ts';

/** A file of a multipart request; `index` is n of `files[n]`. */
export interface UploadedFile {
  readonly index: number;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** `enforce_nonce` finds a message of the same author that is at most so old. */
const NONCE_MEMORY_MS = 3 * 60_000;

/** Creates the bot's message, or finds the one with the same nonce. Throws an `ApiError` where Discord would. */
export function createMessage(
  world: World,
  channel: Channel,
  body: MessageBody,
  files: readonly UploadedFile[],
  context: {
    ephemeralFor?: string | null;
    interaction?: Message['interaction'];
    type?: number;
    extraFlags?: number;
  } = {},
): Message {
  const nonce = body.nonce === undefined || body.nonce === null ? null : String(body.nonce);
  if (body.enforce_nonce === true && nonce !== null) {
    const twin = world.messages.find(
      (message) =>
        message.nonce === nonce &&
        message.author === world.bot.id &&
        message.channel === channel.id &&
        world.now() - message.createdAt < NONCE_MEMORY_MS,
    );
    if (twin !== undefined) return twin;
  }
  const attachments = attach(world, channel, body, files, []);
  const message: Message = {
    id: world.ids.next(),
    channel: channel.id,
    author: world.bot.id,
    type: context.type ?? (body.message_reference === undefined ? 0 : 19),
    content: body.content ?? '',
    embeds: keptEmbeds(world, channel, body.embeds ?? []),
    components: body.components ?? [],
    attachments,
    flags: ((body.flags ?? 0) & ~EPHEMERAL) | (context.extraFlags ?? 0),
    ephemeralFor: context.ephemeralFor ?? null,
    reference: body.message_reference?.message_id ?? null,
    nonce,
    interaction: context.interaction ?? null,
    notified: new Set(),
    pings: new Set(),
    reactions: new Map(),
    createdAt: world.now(),
    edits: 0,
    deleted: false,
  };
  if (context.extraFlags === undefined || context.extraFlags === 0) refuseEmpty(message);
  for (const who of mentions(world, message, body)) {
    message.notified.add(who);
    message.pings.add(who);
  }
  world.messages.push(message);
  world.changed();
  return message;
}

/** Applies an edit: what the body leaves out stays. */
export function editMessage(world: World, message: Message, body: MessageBody, files: readonly UploadedFile[]): void {
  const channel = world.channel(message.channel);
  const attachments =
    body.attachments !== undefined || files.length > 0
      ? attach(world, channel, body, files, message.attachments)
      : message.attachments;
  const next = {
    content: body.content === undefined ? message.content : (body.content ?? ''),
    embeds: body.embeds === undefined ? message.embeds : keptEmbeds(world, channel, body.embeds ?? []),
    components: body.components === undefined ? message.components : (body.components ?? []),
    attachments,
  };
  refuseEmpty(next);
  Object.assign(message, next);
  message.edits += 1;
  for (const who of mentions(world, message, body)) message.pings.add(who);
  world.changed();
}

export function deleteMessage(world: World, message: Message): void {
  message.deleted = true;
  world.changed();
}

/** The message as the API tells it. */
export function messageJson(world: World, message: Message, base: string): Json {
  const author = world.user(message.author);
  return {
    id: message.id,
    channel_id: message.channel,
    author: userJson(author),
    content: message.content,
    timestamp: new Date(message.createdAt).toISOString(),
    edited_timestamp: message.edits === 0 ? null : new Date(world.now()).toISOString(),
    tts: false,
    mention_everyone: message.pings.has('everyone') || message.pings.has('here'),
    mentions: [...message.pings].flatMap((id) => {
      const user = world.users.get(id);
      return user === undefined ? [] : [userJson(user)];
    }),
    mention_roles: [],
    attachments: message.attachments.map((attachment) => attachmentJson(attachment, base)),
    embeds: message.embeds,
    components: message.components,
    pinned: false,
    type: message.type,
    flags: message.flags | (message.ephemeralFor === null ? 0 : EPHEMERAL),
    ...(author.id === world.bot.id ? { application_id: world.application } : {}),
    ...(message.nonce === null ? {} : { nonce: message.nonce }),
    ...(message.interaction === null
      ? {}
      : {
          interaction_metadata: {
            id: message.interaction.id,
            type: message.interaction.command === null ? 3 : 2,
            user: userJson(world.user(message.interaction.user)),
            authorizing_integration_owners: {},
          },
        }),
    ...(message.forwards === undefined ? {} : forwardJson(message.forwards, base)),
    ...(message.reference === null
      ? {}
      : { message_reference: { type: 0, message_id: message.reference, channel_id: message.channel } }),
  };
}

/** https://discord.com/developers/docs/resources/message#message-snapshot-object */
function forwardJson({ id, channel, attachments, content, type, flags, createdAt }: Message, base: string): Json {
  const files = attachments.map((attachment) => attachmentJson(attachment, base));
  const shown = { embeds: [], components: [], mentions: [], mention_roles: [], edited_timestamp: null };
  const timestamp = new Date(createdAt).toISOString();
  return {
    message_reference: { type: 1, message_id: id, channel_id: channel },
    message_snapshots: [{ message: { type, content, flags, timestamp, attachments: files, ...shown } }],
  };
}

export function userJson(user: { id: string; name: string; bot: boolean }): Json {
  return { id: user.id, username: user.name, global_name: user.name, discriminator: '0', avatar: null, bot: user.bot };
}

export function attachmentJson(attachment: Attachment, base: string): Json {
  const url = `${base}/attachments/${attachment.channel}/${attachment.id}/${encodeURIComponent(attachment.filename)}`;
  return {
    id: attachment.id,
    filename: attachment.filename,
    ...(attachment.description === null ? {} : { description: attachment.description }),
    content_type: attachment.contentType,
    size: attachment.bytes.length,
    url,
    proxy_url: url,
  };
}

/** Keeps the files that the body names and adds those uploaded; throws where one is too large or unknown. */
function attach(
  world: World,
  channel: Channel,
  body: MessageBody,
  files: readonly UploadedFile[],
  present: readonly Attachment[],
): readonly Attachment[] {
  if (files.some(({ bytes }) => bytes.length > MAX_FILE_BYTES)) throw errors.tooLarge();
  const named = body.attachments ?? [];
  const kept =
    body.attachments === undefined ? present : present.filter(({ id }) => named.some((item) => item.id === id));
  const added = files.map((file) => {
    const described = named.find(({ id }) => String(id) === String(file.index));
    const attachment: Attachment = {
      id: world.ids.next(),
      filename: safeName(described?.filename ?? file.name),
      description: described?.description ?? null,
      contentType: file.contentType,
      bytes: file.bytes,
      channel: channel.id,
      createdAt: world.now(),
    };
    world.attachments.set(attachment.id, attachment);
    return attachment;
  });
  const unknown = named.find(
    ({ id }) => !present.some((item) => item.id === id) && !files.some(({ index }) => String(index) === String(id)),
  );
  if (unknown !== undefined) throw errors.invalidForm([{ path: ['attachments'], message: 'Unknown attachment' }]);
  const all = [...kept, ...added];
  if (all.length > MAX_ATTACHMENTS) throw errors.invalidForm([{ path: ['attachments'], message: 'Too many' }]);
  return all;
}

function safeName(name: string): string {
  return name.replaceAll(' ', '_').replace(/[^\w.-]/g, '');
}

/** Without the permission to embed links, Discord drops embeds without a word. */
function keptEmbeds(world: World, channel: Channel, embeds: readonly Json[]): readonly Json[] {
  return botMay(world, channel, PermissionFlagsBits.EmbedLinks) ? embeds : [];
}

function refuseEmpty(message: Pick<Message, 'content' | 'embeds' | 'components' | 'attachments'>): void {
  const { content, embeds, components, attachments } = message;
  if (content.trim() === '' && embeds.length + components.length + attachments.length === 0)
    throw errors.emptyMessage();
}

/** Whom the text mentions and `allowed_mentions` lets it notify: only content does, never embeds. */
function mentions(world: World, message: Message, body: MessageBody): Set<string> {
  const allowed = body.allowed_mentions ?? { parse: ['users', 'roles', 'everyone'], replied_user: true };
  const parse = new Set(allowed.parse ?? []);
  const found = new Set<string>();
  for (const [, id = ''] of message.content.matchAll(/<@!?(\d+)>/g)) {
    if (parse.has('users') || allowed.users?.includes(id) === true) found.add(id);
  }
  for (const [, id = ''] of message.content.matchAll(/<@&(\d+)>/g)) {
    if (parse.has('roles') || allowed.roles?.includes(id) === true) found.add(id);
  }
  for (const [, word = ''] of message.content.matchAll(/@(everyone|here)/g)) if (parse.has('everyone')) found.add(word);
  const replied = message.reference === null ? undefined : world.message(message.channel, message.reference);
  if (replied !== undefined && allowed.replied_user === true) found.add(replied.author);
  return found;
}
