import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIEmbed,
  type APIEmbedField,
  type APIMessageTopLevelComponent,
  ButtonStyle,
  ComponentType,
} from 'discord.js';
import type { AcceptedReply, Button, Field, Mention, MessageReply } from '../../../commands/reply.ts';
import type { Phrases, ShownProgress } from '../phrases.ts';
import type { OutgoingMessage } from '../transport/api.ts';
import { formatCustomId } from './custom-id.ts';
import { mentioningText } from './mentions.ts';
import { markdownText, plainText } from './text.ts';

/** What Discord accepts. https://docs.discord.com/developers/resources/message */
const MAX_CONTENT = 2000;
const MAX_TITLE = 256;
const MAX_DESCRIPTION = 4096;
const MAX_FIELDS = 25;
const MAX_FIELD_NAME = 256;
const MAX_FIELD_VALUE = 1024;
const MAX_EMBED_CHARACTERS = 6000;
const MAX_EMBEDS = 10;
const MAX_ROWS = 5;
const MAX_BUTTONS_IN_ROW = 5;
const MAX_LABEL = 80;
/** Discord takes 2,048; a name needs less, and the embed's own text comes first. */
const MAX_FOOTER = 300;

/** What fields keep of an embed's characters where the text is long. */
const CHARACTERS_FOR_FIELDS = 2500;
/** Room before the content for a mention of the requester. */
const MENTION_LENGTH = 30;

const colours = { neutral: 0x5865f2, success: 0x3ba55d, warning: 0xfaa61a, failure: 0xed4245 } as const;
const styles = { primary: ButtonStyle.Primary, secondary: ButtonStyle.Secondary, danger: ButtonStyle.Danger } as const;

/** The parts of a message that text and buttons make; every one is given, so that an edit leaves nothing of what was before. */
export interface RenderedMessage {
  readonly content: string;
  readonly embeds: APIEmbed[];
  readonly components: APIMessageTopLevelComponent[];
  /** Nobody is ever pinged by what somebody wrote. */
  readonly allowed_mentions: { readonly parse: [] };
}

/** What is known of an answer beside its reply. */
interface Answer {
  /** The command that this answers: its own buttons (the next page) answer in its place. */
  readonly command?: string;
  /** A line in small letters at the end. */
  readonly footer?: string | null;
}

/** A reply as content (short text alone) or embeds, cut to what Discord takes. */
export function renderMessage(reply: MessageReply, { command, footer = null }: Answer = {}): RenderedMessage {
  const { title, text, fields = [], mentions = [], tone = 'neutral' } = reply;
  const isPlain = title === undefined && fields.length === 0 && footer === null;
  const bare = isPlain && (tone === 'neutral' || text.trim() === '');
  const hasMore = (reply.pictures ?? []).length > 0 || reply.file !== undefined;
  const content = bare && !(hasMore && text.trim() === '') ? mentioningText(text, MAX_DESCRIPTION, mentions) : '';
  const asContent = bare && content.length <= MAX_CONTENT - MENTION_LENGTH;
  return {
    content: asContent ? content : '',
    embeds: asContent ? [] : renderEmbeds({ title, text, fields, mentions, footer }, colours[tone]),
    components: renderButtons(reply.buttons ?? [], command ?? null),
    allowed_mentions: { parse: [] },
  };
}

/** What stands in the channel as soon as a request is accepted: the state as content, beneath it what was asked for. */
export function renderAccepted(reply: AcceptedReply, phrases: Phrases, footer: string | null): RenderedMessage {
  return {
    content: markdownText(phrases.place(reply.place, reply.expectedSeconds), MAX_CONTENT),
    embeds: renderEmbeds({ text: reply.text, fields: [], mentions: [], footer }, colours.neutral),
    components: renderButtons(reply.buttons, null),
    allowed_mentions: { parse: [] },
  };
}

/** A line with a button that opens the form which a reaction asked for. */
export function renderFormButton(customId: string, phrases: Phrases): RenderedMessage {
  const label = plainText(phrases.openForm, MAX_LABEL);
  const button = { type: ComponentType.Button, style: ButtonStyle.Primary, label, custom_id: customId } as const;
  return {
    content: markdownText(phrases.formNeedsPress, MAX_CONTENT),
    embeds: [],
    components: [{ type: ComponentType.ActionRow, components: [button] }],
    allowed_mentions: { parse: [] },
  };
}

/** The edit that says why nothing will change here any more; buttons stay. */
export function renderLastWords(phrases: Phrases): OutgoingMessage {
  return {
    body: { content: markdownText(phrases.lastWords, MAX_CONTENT), allowed_mentions: { parse: [] } },
    files: [],
  };
}

/** The edit that shows progress: only the content, and the preview where there is one; the rest stays as it is. */
export function renderProgress(
  progress: ShownProgress,
  phrases: Phrases,
  preview: Uint8Array | undefined,
): OutgoingMessage {
  const content = markdownText(phrases.progress(progress), MAX_CONTENT);
  const allowed_mentions = { parse: [] } satisfies OutgoingMessage['body']['allowed_mentions'];
  if (preview === undefined) return { body: { content, allowed_mentions }, files: [] };
  const attachments = [{ id: 0, filename: 'preview.jpg', description: phrases.preview }];
  return {
    body: { content, attachments, allowed_mentions },
    files: [{ name: 'preview.jpg', data: Buffer.from(preview), contentType: 'image/jpeg' }],
  };
}

/** Rows of buttons, at most 5 by 5. Discord refuses two with one custom id, so what is there twice is shown once. */
export function renderButtons(
  rows: readonly (readonly Button[])[],
  answers: string | null,
): APIActionRowComponent<APIButtonComponentWithCustomId>[] {
  const seen = new Set<string>();
  return rows
    .map((row) => row.slice(0, MAX_BUTTONS_IN_ROW).map((button) => renderButton(button, button.command === answers)))
    .map((buttons) =>
      buttons.filter(({ custom_id: id }) => {
        const isNew = !seen.has(id);
        seen.add(id);
        return isNew;
      }),
    )
    .filter((buttons) => buttons.length > 0)
    .slice(0, MAX_ROWS)
    .map((components) => ({ type: ComponentType.ActionRow, components }));
}

function renderButton(
  { command, target, options = {}, label, style }: Button,
  inPlace: boolean,
): APIButtonComponentWithCustomId {
  return {
    type: ComponentType.Button,
    style: styles[style],
    label: plainText(label, MAX_LABEL),
    custom_id: formatCustomId({ kind: 'button', command, target, options, inPlace }),
  };
}

interface EmbedParts {
  readonly title?: string | undefined;
  readonly text: string;
  readonly fields: readonly Field[];
  readonly mentions: readonly Mention[];
  readonly footer: string | null;
}

/** Title and text, then the fields, 25 an embed; what exceeds the characters of all embeds together is left out. */
function renderEmbeds({ title, text, fields, mentions, footer }: EmbedParts, color: number): APIEmbed[] {
  const end = footer === null ? null : { text: plainText(footer, MAX_FOOTER) };
  let left = MAX_EMBED_CHARACTERS - (end?.text.length ?? 0);
  const take = (value: string, max: number, mentioned: readonly Mention[] = []): string => {
    const fitted = mentioningText(value, Math.min(max, left), mentioned);
    left -= fitted.length;
    return fitted;
  };
  const longest = fields.length === 0 ? MAX_DESCRIPTION : MAX_EMBED_CHARACTERS - MAX_TITLE - CHARACTERS_FOR_FIELDS;
  const first: APIEmbed = {
    color,
    ...(title === undefined ? {} : { title: take(title, MAX_TITLE) }),
    ...(text.trim() === '' ? {} : { description: take(text, longest, mentions) }),
  };
  const shown: APIEmbedField[] = [];
  for (const { name, value } of fields.slice(0, MAX_FIELDS * MAX_EMBEDS)) {
    // A field that would show next to nothing of its value is no use.
    if (left < Math.min(name.length, MAX_FIELD_NAME) + 40) break;
    shown.push({ name: take(name, MAX_FIELD_NAME), value: take(value, MAX_FIELD_VALUE, mentions) });
  }
  const pages = Array.from({ length: Math.ceil(shown.length / MAX_FIELDS) }, (_, page) =>
    shown.slice(page * MAX_FIELDS, (page + 1) * MAX_FIELDS),
  );
  const [firstPage, ...rest] = pages;
  const head = firstPage === undefined ? first : { ...first, fields: firstPage };
  // An embed of nothing but a colour is an error, and says nothing.
  const hasHead = head.title !== undefined || head.description !== undefined || firstPage !== undefined;
  const embeds: APIEmbed[] = [...(hasHead ? [head] : []), ...rest.map((page) => ({ color, fields: page }))];
  return embeds.map((embed, index) =>
    end !== null && index === embeds.length - 1 ? { ...embed, footer: end } : embed,
  );
}
