import { z } from 'zod';
import type { Json, Message, Workspace } from './state.ts';

/** What a block looks like as one or more lines of chat. */
export function blockLines(block: Json, workspace: Workspace): string[] {
  const shape = z
    .object({
      type: z.string(),
      text: z.object({ text: z.string() }).optional(),
      title: z.object({ text: z.string() }).optional(),
      label: z.object({ text: z.string() }).optional(),
      alt_text: z.string().optional(),
      slack_file: z.object({ id: z.string() }).optional(),
      fields: z.array(z.object({ text: z.string() })).optional(),
      elements: z.array(z.record(z.string(), z.unknown())).optional(),
    })
    .parse(block);
  switch (shape.type) {
    case 'header':
      return [`# ${decodeEntities(shape.text?.text ?? '')}`];
    case 'section':
      return [
        ...(shape.text ? decodeEntities(shape.text.text).split('\n') : []),
        ...(shape.fields ?? []).map((field) => decodeEntities(field.text).replace('\n', ': ')),
      ];
    case 'context':
      return (shape.elements ?? []).map((element) => `(${decodeEntities(String(element.text ?? element.alt_text))})`);
    case 'image':
      return [
        ...(shape.title ? [decodeEntities(shape.title.text)] : []),
        `[picture ${fileName(shape.slack_file?.id, workspace)} "${shape.alt_text ?? ''}"]`,
      ];
    case 'actions':
      return [(shape.elements ?? []).map((element) => `{${labelOf(element)}}`).join(' ')];
    case 'input':
      return [`${shape.label?.text ?? ''}: ____`];
    default:
      return [`<${shape.type}>`];
  }
}

/** The label of a button. */
export function labelOf(element: Json): string {
  return decodeEntities(z.object({ text: z.object({ text: z.string() }) }).parse(element).text.text);
}

function fileName(id: string | undefined, workspace: Workspace): string {
  return (id !== undefined && workspace.files.get(id)?.name) || '?';
}

/** What a person reads in a message: its blocks, or its text where it has none, then its files. */
export function messageLines(message: Message, workspace: Workspace): string[] {
  const shown =
    message.blocks.length > 0
      ? message.blocks.flatMap((block) => blockLines(block, workspace))
      : decodeEntities(message.text).split('\n');
  return [...shown, ...message.files.map((id) => `[file ${fileName(id, workspace)}]`)];
}

/** A channel as `viewer` sees it, top to bottom; replies in threads are indented. */
export function transcript(workspace: Workspace, channel: string, viewer: string): string {
  const visible = workspace.messages.filter(
    (message) =>
      message.channel === channel &&
      !message.deleted &&
      (message.ephemeralTo === null || message.ephemeralTo === viewer),
  );
  return visible
    .map((message) => {
      const name = workspace.users.get(message.user)?.name ?? message.user;
      const aside = message.ephemeralTo === null ? '' : ' (only you see this)';
      const indent = message.threadTs === null ? '' : '  ';
      const reactions = [...message.reactions].map(([reaction, people]) => `:${reaction}: ${people.size}`).join(' ');
      const lines = messageLines(message, workspace);
      return [
        `${name}${aside}: ${lines[0] ?? ''}`,
        ...lines.slice(1).map((line) => `    ${line}`),
        ...(reactions ? [`    ${reactions}`] : []),
      ]
        .map((line) => indent + line)
        .join('\n');
    })
    .join('\n');
}

/** Slack decodes exactly these three. */
export function decodeEntities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

const MENTION = /<(!(?:channel|here|everyone)|!subteam\^\w+|@[UW]\w+)(?:\|[^>]*)?>/g;

/** Whom a message would notify: users' ids, and channel, here, everyone or a group. */
export function pings(message: Message): string[] {
  const found = new Set<string>();
  const scan = (text: string) => {
    for (const match of text.matchAll(MENTION)) found.add((match[1] ?? '').replace(/^[!@]/, ''));
    if (message.linkNames) for (const match of text.matchAll(/@(channel|here|everyone)\b/g)) found.add(match[1] ?? '');
  };
  scan(message.text);
  JSON.stringify(message.blocks, (_key, value: unknown) => {
    const node = z
      .object({ type: z.string(), text: z.unknown(), user_id: z.unknown(), range: z.unknown() })
      .partial()
      .safeParse(value).data;
    if (node?.type === 'mrkdwn' && typeof node.text === 'string') scan(node.text);
    if (node?.type === 'user' && typeof node.user_id === 'string') found.add(node.user_id);
    if (node?.type === 'broadcast' && typeof node.range === 'string') found.add(node.range);
    return value;
  });
  return [...found];
}
