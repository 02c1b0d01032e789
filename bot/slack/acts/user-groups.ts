import { z } from 'zod';
import { type RoleId, roleIdSchema } from '../../../commands/ids.ts';
import type { SlackApi } from '../transport/api.ts';

/** usergroups.list is of tier 2, twenty calls a minute: somebody who joins a group waits so long for its quota. */
const LIFETIME_MS = 5 * 60_000;

const groupsSchema = z.object({
  usergroups: z.array(z.object({ id: z.string(), users: z.array(z.string()).default([]) })).default([]),
});

/**
 * Slack's user groups are what roles are elsewhere. Where there are none (the scope is missing, or the workspace's plan has
 * none), nobody is in any.
 */
export class UserGroups {
  private readonly api: SlackApi;
  private loading: Promise<ReadonlyMap<string, RoleId[]>> | undefined;
  private until = 0;

  constructor(api: SlackApi) {
    this.api = api;
  }

  async rolesOf(user: string): Promise<RoleId[]> {
    if (this.loading === undefined || performance.now() > this.until) {
      this.until = performance.now() + LIFETIME_MS;
      this.loading = this.load();
    }
    return (await this.loading).get(user) ?? [];
  }

  private async load(): Promise<ReadonlyMap<string, RoleId[]>> {
    const found = await this.api.call('usergroups.list', { include_users: true }, groupsSchema).catch(() => null);
    const roles = new Map<string, RoleId[]>();
    for (const { id, users } of found?.usergroups ?? []) {
      for (const user of users) roles.set(user, [...(roles.get(user) ?? []), roleIdSchema.parse(id)]);
    }
    return roles;
  }
}
