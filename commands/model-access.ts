import type { ModelAccess } from '../config/index.ts';
import type { CommandRequest } from './request.ts';

/** Who asks, and where. */
export type Asker = Pick<CommandRequest, 'origin' | 'actor'>;

/** Whether somebody may draw with a model: one match is enough; without a list everyone may. */
export function mayUse(allow: ModelAccess | null, { origin, actor }: Asker): boolean {
  if (allow === null) return true;
  return (
    allow.guilds.includes(origin.guild) ||
    allow.users.includes(origin.user) ||
    actor.roles.some((role) => allow.roles.includes(role))
  );
}
