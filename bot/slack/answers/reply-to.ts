import { z } from 'zod';

/** A message of ours that stands for a job until its pictures are there: we edit it, and never post beside it. */
export const placeholderSchema = z.strictObject({
  channel: z.string().min(1),
  ts: z.string().min(1),
  /** What it said when it was posted, so that progress can be shown beneath. */
  text: z.string(),
  cancel: z.strictObject({ label: z.string(), target: z.string() }).nullable(),
});
export type Placeholder = z.infer<typeof placeholderSchema>;

/** Where an answer goes. Kept with the job as JSON; holds no token and no response URL, which are secrets that expire. */
export const replyToSchema = z.strictObject({
  /** The event that asked: joins a delivery to a placeholder that is still being posted. */
  event: z.string().min(1),
  channel: z.string().min(1),
  /** The thread's first message; null outside of threads. */
  thread: z.string().min(1).nullable(),
  user: z.string().min(1),
  /** What the person who asked is called; null: in a direct conversation nobody else reads the answer. */
  name: z.string().nullable().default(null),
  /** BCP 47, of the person who asked. */
  locale: z.string(),
  placeholder: placeholderSchema.nullable(),
});
export type ReplyTo = z.infer<typeof replyToSchema>;
