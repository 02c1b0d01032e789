import { z } from 'zod';
import { type Attachment, type Channel, type Json, LOADING, type Message, type World } from './state.ts';

const shownEmbed = z.looseObject({
  title: z.string().optional(),
  description: z.string().optional(),
  fields: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional(),
  footer: z.looseObject({ text: z.string() }).optional(),
});
const shownRow = z.looseObject({
  components: z.array(z.looseObject({ label: z.string().optional(), custom_id: z.string().optional() })),
});

/** Text as a reader sees it: markdown's backslashes undone. */
export function unescapeMarkdown(text: string): string {
  return text.replace(/\\([^\p{L}\p{N}\s])/gu, '$1');
}

/** Everything that can be read on a message: its content, then its embeds from top to bottom. */
export function messageLines(message: Message): string[] {
  if ((message.flags & LOADING) !== 0) return ['is thinking…'];
  const lines = message.content === '' ? [] : message.content.split('\n');
  for (const embed of message.embeds) {
    const { title, description, fields, footer } = shownEmbed.parse(embed);
    if (title !== undefined) lines.push(`# ${title}`);
    if (description !== undefined) lines.push(...description.split('\n'));
    for (const field of fields ?? []) lines.push(`${field.name}: ${field.value}`);
    if (footer !== undefined) lines.push(`(${footer.text})`);
  }
  return lines.map(unescapeMarkdown);
}

export interface ShownButton {
  readonly label: string;
  readonly customId: string;
}

export function buttonsOf(message: Message): ShownButton[] {
  return message.components.flatMap((row: Json) =>
    shownRow.parse(row).components.map(({ label = '', custom_id: customId = '' }) => ({ label, customId })),
  );
}

export function isSpoiler(attachment: Attachment): boolean {
  return attachment.filename.startsWith('SPOILER_');
}

export function isPicture(attachment: Attachment): boolean {
  return attachment.contentType.startsWith('image/');
}

/** The messages of a channel that `viewer` can see now, oldest first. */
export function visibleMessages(world: World, channel: Channel, viewer: string): Message[] {
  return world.messages.filter(
    (message) =>
      message.channel === channel.id &&
      !message.deleted &&
      (message.ephemeralFor === null || message.ephemeralFor === viewer),
  );
}

/** A channel as `viewer` reads it, top to bottom. */
export function transcript(world: World, channel: Channel, viewer: string): string {
  return visibleMessages(world, channel, viewer)
    .map((message) => {
      const aside = message.ephemeralFor === null ? '' : ' (only you can see this)';
      const [first = '', ...rest] = messageLines(message);
      const pictures = message.attachments.map((attachment) => {
        const kind = isPicture(attachment) ? 'picture' : 'file';
        const alt = attachment.description === null ? '' : ` "${attachment.description}"`;
        return `[${isSpoiler(attachment) ? 'hidden ' : ''}${kind} ${attachment.filename}${alt}]`;
      });
      const buttons = buttonsOf(message).map(({ label }) => `{${label}}`);
      const reactions = [...message.reactions].map(([emoji, people]) => `${emoji} ${people.size}`);
      const below = [...rest, ...pictures, buttons.join(' '), reactions.join(' ')].filter((line) => line !== '');
      return [`${world.user(message.author).name}${aside}: ${first}`, ...below.map((line) => `    ${line}`)].join('\n');
    })
    .join('\n');
}
