import { and, eq, sql } from 'drizzle-orm';
import type { PreferenceService } from '../../commands/services.ts';
import { recipeDefaultsSchema } from '../../commands/settings.ts';
import type { SqlDatabase } from './database.ts';
import { preferences } from './schema.ts';

export function preferenceStore(db: SqlDatabase): PreferenceService {
  return {
    async of(guild, user) {
      const [row] = await db
        .select()
        .from(preferences)
        .where(and(eq(preferences.guild, guild), eq(preferences.user, user)));
      return recipeDefaultsSchema.parse(row?.preferences ?? {});
    },

    async save(guild, user, values) {
      await db
        .insert(preferences)
        .values({ guild, user, preferences: values })
        .onConflictDoUpdate({
          target: [preferences.guild, preferences.user],
          set: { preferences: sql`excluded.preferences` },
        });
    },
  };
}
