import { z } from 'zod';

const ids = z.array(z.string().min(1).max(200)).max(1000);

/** Who may draw with a model: everybody in these guilds, whoever has one of these roles, and these users, by their ids. */
export const modelAccessSchema = z.strictObject({
  guilds: ids.default([]),
  roles: ids.default([]),
  users: ids.default([]),
});
export type ModelAccess = z.output<typeof modelAccessSchema>;
