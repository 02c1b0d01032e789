import { z } from 'zod';

/**
 * Ids are strings everywhere: Discord's snowflakes exceed 2^53, so a number would corrupt them. The brands keep
 * a channel from being passed where a user belongs; only a parse makes one.
 */
const id = z.string().min(1).max(200);

export const platformIdSchema = z.enum(['discord', 'slack', 'web', 'cli']);
export type PlatformId = z.infer<typeof platformIdSchema>;

/** A Discord guild, a Slack workspace, or the local page: the unit that an admin rules and that fair share turns over. */
export const guildIdSchema = id.brand('GuildId');
export type GuildId = z.infer<typeof guildIdSchema>;

export const channelIdSchema = id.brand('ChannelId');
export type ChannelId = z.infer<typeof channelIdSchema>;

export const userIdSchema = id.brand('UserId');
export type UserId = z.infer<typeof userIdSchema>;

export const roleIdSchema = id.brand('RoleId');
export type RoleId = z.infer<typeof roleIdSchema>;

/** The platform's id of the event that asked for something: the same event twice is the same request. */
export const eventIdSchema = id.brand('EventId');
export type EventId = z.infer<typeof eventIdSchema>;

export const messageIdSchema = id.brand('MessageId');
export type MessageId = z.infer<typeof messageIdSchema>;

/**
 * What a person can tell the operator of a request, and what stands in the log on every line about it: two groups of four
 * characters of Crockford's base 32, made from the event, so that each process that meets the request finds the same.
 */
export const requestIdSchema = z
  .string()
  .regex(/^[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}$/)
  .brand('RequestId');
export type RequestId = z.infer<typeof requestIdSchema>;

/** One accepted request: UUID version 7, so that ids sort by time. */
export const jobIdSchema = z.uuid().brand('JobId');
export type JobId = z.infer<typeof jobIdSchema>;

/** One picture of a job: the job's id, a dot and the picture's index from 0. */
export const pictureIdSchema = z
  .string()
  .regex(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\.[0-9]$/)
  .refine((text) => jobIdSchema.safeParse(text.slice(0, 36)).success)
  .brand('PictureId');
export type PictureId = z.infer<typeof pictureIdSchema>;

/**
 * The short public name of a recipe: characters of Crockford's base 32 over its SHA-256. There are 16; 26 where another
 * recipe has the same 16; and 10 in what was made before December 2026.
 */
export const recipeIdSchema = z
  .string()
  .regex(/^(?:[0-9a-hjkmnp-tv-z]{10}|[0-9a-hjkmnp-tv-z]{16}|[0-9a-hjkmnp-tv-z]{26})$/)
  .brand('RecipeId');
export type RecipeId = z.infer<typeof recipeIdSchema>;

/** Content address of a blob: the lower-case hexadecimal SHA-256 of its bytes. */
export const blobKeySchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand('BlobKey');
export type BlobKey = z.infer<typeof blobKeySchema>;

export function pictureId(job: JobId, index: number): PictureId {
  return pictureIdSchema.parse(`${job}.${index}`);
}

/** The job and index that a picture's id names. */
export function partsOfPictureId(picture: PictureId): { job: JobId; index: number } {
  const dot = picture.lastIndexOf('.');
  return { job: jobIdSchema.parse(picture.slice(0, dot)), index: Number(picture.slice(dot + 1)) };
}
