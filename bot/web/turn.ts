import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { blobKeySchema, jobIdSchema, pictureIdSchema } from '../../commands/ids.ts';
import type { AcceptedReply, Button, Field, FormReply, MessageReply, ReplyPicture } from '../../commands/reply.ts';
import { displayText } from '../display-text.ts';

/** A turn of the page's conversation: what a person asked and, in the same place, whatever became of it. */
export const turnIdSchema = z.uuid().brand('TurnId');
export type TurnId = z.infer<typeof turnIdSchema>;

const buttonSchema = z.object({
  command: z.string(),
  target: z.string(),
  options: z.record(z.string(), z.string()).exactOptional(),
  label: z.string(),
  style: z.enum(['primary', 'secondary', 'danger']),
}) satisfies z.ZodType<Button>;

const pictureSchema = z.object({
  id: pictureIdSchema.nullable(),
  blob: blobKeySchema,
  name: z.string(),
  alt: z.string(),
  width: z.number(),
  height: z.number(),
  spoiler: z.boolean(),
}) satisfies z.ZodType<ReplyPicture>;

const fieldSchema = z.object({ name: z.string(), value: z.string() }) satisfies z.ZodType<Field>;

const acceptedSchema = z.object({
  kind: z.literal('accepted'),
  job: jobIdSchema,
  text: z.string(),
  place: z.number(),
  expectedSeconds: z.number(),
  buttons: z.array(z.array(buttonSchema)),
});

const messageSchema = z.object({
  kind: z.literal('message'),
  tone: z.enum(['neutral', 'success', 'warning', 'failure']),
  title: z.string().nullable(),
  text: z.string(),
  fields: z.array(fieldSchema),
  showsRecipe: z.boolean().default(false),
  pictures: z.array(pictureSchema),
  buttons: z.array(z.array(buttonSchema)),
  file: z.object({ name: z.string(), contentType: z.string(), base64: z.base64() }).nullable(),
  /** Of the delivery that brought it; null for an immediate answer. */
  nonce: z.string().nullable(),
});

/** As it is kept in the store: plain JSON. */
export const turnSchema = z.object({
  id: turnIdSchema,
  /** ISO 8601. */
  at: z.string(),
  request: z.object({
    /** The line that was typed, or the label of the button that was pressed. */
    text: z.string(),
    by: z.enum(['text', 'press', 'form']),
    /** Names of the files that came with it. */
    files: z.array(z.string()),
  }),
  answer: z.discriminatedUnion('kind', [acceptedSchema, messageSchema]).nullable(),
});
export type Turn = z.infer<typeof turnSchema>;
export type Answer = NonNullable<Turn['answer']>;
export type MessageAnswer = Extract<Answer, { kind: 'message' }>;

export function acceptedAnswer(reply: AcceptedReply): Answer {
  return {
    kind: 'accepted',
    job: reply.job,
    text: displayText(reply.text),
    place: reply.place,
    expectedSeconds: reply.expectedSeconds,
    buttons: displayButtons(reply.buttons),
  };
}

export function messageAnswer(reply: MessageReply, nonce: string | null): MessageAnswer {
  return {
    kind: 'message',
    tone: reply.tone ?? 'neutral',
    title: reply.title === undefined ? null : displayText(reply.title),
    text: displayText(reply.text),
    fields: (reply.fields ?? []).map(({ name, value }) => ({ name: displayText(name), value: displayText(value) })),
    showsRecipe: reply.showsRecipe ?? false,
    pictures: (reply.pictures ?? []).map((picture) => ({
      ...picture,
      name: displayText(picture.name),
      alt: displayText(picture.alt),
    })),
    buttons: displayButtons(reply.buttons ?? []),
    file: reply.file === undefined ? null : { ...fileName(reply.file), base64: base64(reply.file.bytes) },
    nonce,
  };
}

/** One line for the person where their request never became a command's reply. */
export function failureAnswer(text: string): MessageAnswer {
  return messageAnswer({ kind: 'message', visibility: 'private', text, tone: 'failure' }, null);
}

/** A turn as the page gets it: a file is a link, not its bytes. */
export type PageTurn = Omit<Turn, 'answer'> & { readonly answer: PageAnswer | null };
export type PageAnswer =
  | Extract<Answer, { kind: 'accepted' }>
  | (Omit<MessageAnswer, 'file' | 'nonce'> & {
      readonly file: { readonly name: string; readonly href: string } | null;
    });

export function pageTurn(turn: Turn): PageTurn {
  const { answer } = turn;
  if (answer?.kind !== 'message') return { ...turn, answer };
  const { nonce: _, file, ...message } = answer;
  return { ...turn, answer: { ...message, file: file && { name: file.name, href: `/files/${turn.id}` } } };
}

/** A form as the page opens it. */
export type PageForm = Pick<FormReply, 'command' | 'title' | 'fields' | 'mask' | 'hidden'>;

/** The label of the button that was pressed, as the conversation shows it. */
export function buttonLabel(turn: Turn | null, pressed: Pick<Button, 'command' | 'target' | 'options'>): string | null {
  const buttons = turn?.answer?.buttons.flat() ?? [];
  const found = buttons.find(
    ({ command, target, options = {} }) =>
      command === pressed.command && target === pressed.target && isDeepStrictEqual(options, pressed.options ?? {}),
  );
  return found?.label ?? null;
}

function displayButtons(rows: readonly (readonly Button[])[]): Button[][] {
  return rows.map((row) => row.map((button) => ({ ...button, label: displayText(button.label) })));
}

function fileName(file: NonNullable<MessageReply['file']>): { name: string; contentType: string } {
  return { name: displayText(file.name), contentType: file.contentType };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
