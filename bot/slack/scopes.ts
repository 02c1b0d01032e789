/** One permission that we ask a workspace for, and why. */
export interface Scope {
  readonly scope: string;
  readonly reason: string;
  /** Without it Easel cannot work at all; without the others something is missing. */
  readonly required: boolean;
}

/** Of the bot token. The manifest and the check at start are made from this list. */
export const botScopes: readonly Scope[] = [
  { scope: 'commands', reason: 'slash commands and the entries in the message menu', required: true },
  { scope: 'chat:write', reason: 'posts, edits and deletes its own messages', required: true },
  { scope: 'files:write', reason: 'uploads the pictures that it draws', required: true },
  { scope: 'users:read', reason: 'learns who is an admin, and which language a person reads', required: true },
  { scope: 'im:write', reason: 'opens the direct conversation in which private pictures arrive', required: true },
  {
    scope: 'reactions:read',
    reason: 'refines, enlarges or repeats a picture when somebody reacts to it',
    required: true,
  },
  { scope: 'chat:write.public', reason: 'answers in public channels without being invited first', required: false },
  { scope: 'files:read', reason: 'reads a picture that somebody attaches as a start', required: false },
  {
    scope: 'usergroups:read',
    reason: 'knows who is in which user group, for quotas that an admin sets by group',
    required: false,
  },
  {
    scope: 'app_mentions:read',
    reason: 'draws when it is mentioned, which is the way to ask inside a thread',
    required: false,
  },
  {
    scope: 'channels:history',
    reason: 'finds a message of its own whose posting Slack never confirmed; reads nothing else',
    required: false,
  },
  { scope: 'groups:history', reason: 'the same, in private channels that it was invited to', required: false },
  { scope: 'channels:read', reason: 'reads the name of a channel that a prompt mentions', required: false },
  { scope: 'im:history', reason: 'draws what somebody writes in the direct conversation', required: false },
];

/** Of the app-level token, for Socket Mode only. */
export const appScopes: readonly Scope[] = [
  {
    scope: 'connections:write',
    reason: 'opens the Socket Mode connection, so that no public address is needed',
    required: true,
  },
];

/** What Slack tells us about, and why. */
export const botEvents: readonly { readonly event: string; readonly reason: string }[] = [
  { event: 'reaction_added', reason: 'a reaction on a picture is a command' },
  { event: 'app_home_opened', reason: 'the Home tab shows quota and recent pictures' },
  { event: 'app_mention', reason: 'a mention is a command' },
  { event: 'message.im', reason: 'a direct message is a command' },
];

/** The scopes that are not granted. */
export function missingScopes(granted: readonly string[]): readonly Scope[] {
  return botScopes.filter(({ scope }) => !granted.includes(scope));
}
