import {
  type JobId,
  jobIdSchema,
  type PictureId,
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
  | { readonly kind: 'recipe'; readonly id: RecipeId; readonly nth: number | null };

/** The option that a button fills; without it, the message that was pressed or reacted to says what is meant. */
export const targetOption = {
  type: 'string',
  maxLength: 60,
  autocomplete: 'recipe',
  description: 'The id of a picture, a request or a recipe',
} as const satisfies OptionDefinition;

/** As `targetOption`, for what is done to a request that has not ended. */
export const requestOption = { ...targetOption, autocomplete: 'request' } as const satisfies OptionDefinition;

/** Throws a `UserError` where the text is no id. A file's name will do: it is the recipe's id. */
export function parseTarget(text: string, request: CommandRequest): Target {
  const [, id = '', nth] = /^(.*?)(?:\.(?:png|jpe?g|webp))?(?::(10|[1-9]))?$/s.exec(text.trim().toLowerCase()) ?? [];
  const target = readId(id, nth === undefined ? null : Number(nth));
  if (target !== null) return target;
  throw new UserError('invalid_target', messagesFor(request.actor.locale).targets.unreadable(text));
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
