import { z } from 'zod';
import { phrasesFor } from '../phrases.ts';

/** An interaction's token is good for 15 minutes; what is begun in the last seconds would come too late. */
export const TOKEN_LIFETIME_MS = 15 * 60_000 - 5000;

/** The message that stands for a job until its pictures are there. */
export const placeholderSchema = z.strictObject({
  channel: z.string().min(1),
  message: z.string().min(1),
  /** Only the requester sees it, and only the interaction's token reaches it. */
  ephemeral: z.boolean(),
  /** A further message of the interaction, whose first answer is gone: the token reaches it by its own id. */
  followUp: z.boolean().default(false),
});
export type Placeholder = z.infer<typeof placeholderSchema>;

/** Where an answer goes. Kept with the job as JSON. */
export const replyToSchema = z.strictObject({
  /** The request's event id: within one process it leads to the placeholder before that is recorded. */
  event: z.string().min(1),
  channel: z.string().min(1),
  /** A direct conversation, where nobody needs to be mentioned. */
  direct: z.boolean(),
  user: z.string().min(1),
  /**
   * What the person who asked is called; null where nobody needs to be told: a command's answer shows it by itself (a
   * button's, a form's or a reaction's does not), and in a direct conversation nobody else reads it.
   */
  name: z.string().nullable().default(null),
  /** BCP 47, of the person who asked. */
  locale: z.string(),
  /** null: a reaction, which brings no token. */
  interaction: z
    .strictObject({
      application: z.string().min(1),
      token: z.string().min(1),
      /** Milliseconds since the epoch. */
      expiresAt: z.number(),
    })
    .nullable(),
  /** The message that was reacted to. */
  reference: z.string().min(1).nullable(),
  placeholder: placeholderSchema.nullable(),
  /** Bytes that one file may have here. */
  fileLimit: z.int().positive(),
});
export type ReplyTo = z.infer<typeof replyToSchema>;
export type InteractionHandle = NonNullable<ReplyTo['interaction']>;

/** The line that says whose answer it is, where others read it and Discord does not say so. */
export function requesterLine({ name, locale }: ReplyTo, visibility: 'public' | 'private'): string | null {
  return name === null || visibility === 'private' ? null : phrasesFor(locale).requester(name);
}

/** What the interaction's token calls this message; undefined: the answer. */
export function followUpId(placeholder: Placeholder | null): string | undefined {
  return placeholder?.followUp === true ? placeholder.message : undefined;
}

/** Whether the interaction's token can still be used. */
export function isAlive(interaction: InteractionHandle | null, now: number): interaction is InteractionHandle {
  return interaction !== null && now < interaction.expiresAt;
}
