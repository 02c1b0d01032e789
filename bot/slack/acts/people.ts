import { z } from 'zod';
import type { Actor } from '../../../commands/request.ts';
import { Newest } from '../../newest.ts';
import type { SlackApi } from '../transport/api.ts';
import { SlackError } from '../transport/slack-error.ts';
import { UserGroups } from './user-groups.ts';

/** An admin who has just been dismissed may act for so long. */
const LIFETIME_MS = 60_000;
/** In an outage what was known lately still holds. */
const STALE_MS = 10 * 60_000;
const CAPACITY = 10_000;

const userSchema = z.object({
  user: z.object({
    name: z.string().default(''),
    real_name: z.string().optional(),
    profile: z.object({ display_name: z.string().optional() }).optional(),
    is_admin: z.boolean().default(false),
    is_owner: z.boolean().default(false),
    is_bot: z.boolean().default(false),
    deleted: z.boolean().default(false),
    team_id: z.string().optional(),
    /** Of another workspace, in a channel that is shared with it (Slack Connect). */
    is_stranger: z.boolean().default(false),
    enterprise_user: z.object({ teams: z.array(z.string()).default([]) }).optional(),
    locale: z.string().default('en'),
  }),
});

export interface Person {
  readonly actor: Actor;
  readonly isBot: boolean;
}

/** Who people are, as Slack's server vouches for it: a payload says nothing of being an admin. */
export class People {
  private readonly known = new Newest<string, { readonly person: Person; readonly at: number }>(CAPACITY);
  private readonly api: SlackApi;
  private readonly team: string;
  private readonly groups: UserGroups;

  /** `team`: the installed workspace. */
  constructor(api: SlackApi, team: string) {
    this.api = api;
    this.team = team;
    this.groups = new UserGroups(api);
  }

  /**
   * Looks the person up, a minute at most out of date while Slack answers. Where it cannot tell, a stranger is nobody
   * special: commands for everyone still work, and nobody becomes an admin by an outage.
   */
  async find(user: string): Promise<Person> {
    const known = this.known.get(user);
    const age = known === undefined ? Number.POSITIVE_INFINITY : performance.now() - known.at;
    if (known && age < LIFETIME_MS) return known.person;
    try {
      const [found, roles] = await Promise.all([
        this.api.call('users.info', { user, include_locale: true }, userSchema),
        this.groups.rolesOf(user),
      ]);
      const person = toPerson(found.user, roles, this.team);
      this.known.set(user, { person, at: performance.now() });
      return person;
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      if (known && age < STALE_MS) return known.person;
      return { actor: { name: user, roles: [], admin: false, locale: 'en' }, isBot: false };
    }
  }
}

/** Whoever rules another workspace rules nothing here. */
function toPerson(user: z.infer<typeof userSchema>['user'], roles: Actor['roles'], team: string): Person {
  const isMember = !user.is_stranger && (user.team_id === team || user.enterprise_user?.teams.includes(team) === true);
  const name = user.profile?.display_name || user.real_name || user.name;
  return {
    actor: {
      name: name.slice(0, 200),
      roles,
      admin: isMember && !user.deleted && (user.is_admin || user.is_owner),
      locale: user.locale.slice(0, 20),
    },
    isBot: user.is_bot,
  };
}
