/** An answer of the REST API that says no: HTTP status, Discord's own code and message. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  /** What is wrong with which part of the body, for `Invalid Form Body`. */
  readonly errors: unknown;

  constructor(status: number, code: number, message: string, errors?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

export const unauthorized = () => new ApiError(401, 0, '401: Unauthorized');
export const unknownChannel = () => new ApiError(404, 10003, 'Unknown Channel');
export const unknownGuild = () => new ApiError(404, 10004, 'Unknown Guild');
export const unknownMember = () => new ApiError(404, 10007, 'Unknown Member');
export const unknownMessage = () => new ApiError(404, 10008, 'Unknown Message');
export const unknownUser = () => new ApiError(404, 10013, 'Unknown User');
export const unknownWebhook = () => new ApiError(404, 10015, 'Unknown Webhook');
export const unknownInteraction = () => new ApiError(404, 10062, 'Unknown interaction');
export const unknownCommand = () => new ApiError(404, 10063, 'Unknown application command');
export const tooLarge = () => new ApiError(413, 40005, 'Request entity too large');
export const alreadyAcknowledged = () => new ApiError(400, 40060, 'Interaction has already been acknowledged.');
export const missingAccess = () => new ApiError(403, 50001, 'Missing Access');
export const notYourMessage = () => new ApiError(403, 50005, 'Cannot edit a message authored by another user');
export const emptyMessage = () => new ApiError(400, 50006, 'Cannot send an empty message');
export const closedDms = () => new ApiError(403, 50007, 'Cannot send messages to this user');
export const missingPermissions = () => new ApiError(403, 50013, 'Missing Permissions');
export const invalidWebhookToken = () => new ApiError(401, 50027, 'Invalid Webhook Token');
export const archivedThread = () => new ApiError(400, 50083, 'Thread is archived');
export const cannotReply = () => new ApiError(400, 160002, 'Cannot reply without permission to read message history');

/** `path` is Discord's own notation: `embeds`, `0`, `title`. */
export function invalidForm(problems: readonly { path: readonly PropertyKey[]; message: string }[]): ApiError {
  const errors: Record<string, unknown> = {};
  for (const { path, message } of problems) {
    let node = errors;
    for (const key of path) {
      const next = node[String(key)] ?? {};
      node[String(key)] = next;
      node = next as Record<string, unknown>;
    }
    node._errors = [{ code: 'INVALID', message }];
  }
  return new ApiError(400, 50035, 'Invalid Form Body', errors);
}
