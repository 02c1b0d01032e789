import {
  type ChannelId,
  channelIdSchema,
  type JobId,
  jobIdSchema,
  type MessageId,
  messageIdSchema,
  type PictureId,
  type PlatformId,
  partsOfPictureId,
  pictureId,
  pictureIdSchema,
  type RecipeId,
  recipeIdSchema,
} from './ids.ts';
import { messagesFor } from './locale/index.ts';
import type { OptionDefinition } from './options.ts';
import { type CommandRequest, UserError } from './request.ts';

/** What a button's target, or an id that a person typed, can name. */
export type Target =
  | { readonly kind: 'picture'; readonly id: PictureId }
  | { readonly kind: 'job'; readonly id: JobId }
  /** `nth`, from 1: that picture of the request that drew the recipe. */
  | { readonly kind: 'recipe'; readonly id: RecipeId; readonly nth: number | null }
  | {
      readonly kind: 'message';
      readonly platform: PlatformId;
      readonly channel: ChannelId;
      readonly message: MessageId;
      readonly nth: number | null;
    };

/** A link to a file may have a long signature. */
export const MAX_TARGET = 500;

/** The option that a button fills; without it, the message that was pressed or reacted to says what is meant. */
export const targetOption = {
  type: 'string',
  maxLength: MAX_TARGET,
  autocomplete: 'recipe',
  description: 'The id of a picture, a request or a recipe',
} as const satisfies OptionDefinition;

/** As `targetOption`, for what is done to a request that has not ended. */
export const requestOption = { ...targetOption, autocomplete: 'request' } as const satisfies OptionDefinition;

/** Throws a `UserError` where the text is no id. A file's name or link will do: it is the recipe's id. */
export function parseTarget(text: string, request: CommandRequest): Target {
  const [, whole = '', counted] = /^(.*?)(?::(10|[1-9]))?$/s.exec(text.trim()) ?? [];
  const nth = counted === undefined ? null : Number(counted);
  const target = readMessageLink(whole, nth) ?? readId(nameOf(whole), nth);
  if (target !== null) return target;
  throw new UserError('invalid_target', messagesFor(request.actor.locale).targets.unreadable(text));
}

/** What stands before a file's extension, if it is one; of a link its last part. */
function nameOf(text: string): string {
  const name = /^https:\/\//i.test(text) ? (/^[^?#]*\/([^/?#]*)/.exec(text)?.[1] ?? '') : text;
  return name
    .toLowerCase()
    .replace(/^spoiler_/, '')
    .replace(/\.(?:png|jpe?g|webp)$/, '');
}

const DISCORD_MESSAGE =
  /^https:\/\/(?:\w+\.)?discord(?:app)?\.com\/channels\/(?:@me|\d{1,20})\/(\d{1,20})\/(\d{1,20})\/?$/;
const SLACK_MESSAGE = /^https:\/\/[\w.-]+\.slack(?:-gov)?\.com\/archives\/(\w{1,20})\/p(\d{1,12})(\d{6})(?:\?.*)?$/;

/** What Discord's Copy Message Link and Slack's Copy link give. */
function readMessageLink(text: string, nth: number | null): Target | null {
  const ofDiscord = DISCORD_MESSAGE.exec(text);
  if (ofDiscord !== null) return messageTarget('discord', ofDiscord[1], ofDiscord[2], nth);
  const ofSlack = SLACK_MESSAGE.exec(text);
  return ofSlack === null ? null : messageTarget('slack', ofSlack[1], `${ofSlack[2]}.${ofSlack[3]}`, nth);
}

function messageTarget(platform: PlatformId, channel: unknown, message: unknown, nth: number | null): Target {
  return {
    kind: 'message',
    platform,
    channel: channelIdSchema.parse(channel),
    message: messageIdSchema.parse(message),
    nth,
  };
}

function readId(id: string, nth: number | null): Target | null {
  const picture = pictureIdSchema.safeParse(id);
  const job = jobIdSchema.safeParse(picture.success ? partsOfPictureId(picture.data).job : id);
  if (job.success && nth !== null) return { kind: 'picture', id: pictureId(job.data, nth - 1) };
  if (picture.success) return { kind: 'picture', id: picture.data };
  if (job.success) return { kind: 'job', id: job.data };
  const recipe = recipeIdSchema.safeParse(id);
  return recipe.success ? { kind: 'recipe', id: recipe.data, nth } : null;
}
