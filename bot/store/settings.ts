import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import { userIdSchema } from '../../commands/ids.ts';
import { mentionSchema } from '../../commands/reply.ts';
import type { SettingsService } from '../../commands/services.ts';
import { defaultSettings, parseSettings } from '../../commands/settings.ts';
import { settingsOf, settingsOfPerson } from './binding.ts';
import type { SqlDatabase } from './database.ts';
import { audit, guildSettings } from './schema.ts';

export function settingsStore(db: SqlDatabase): SettingsService {
  return {
    of: (guild) => settingsOf(db, guild),

    ofPerson: async (person) => (await settingsOfPerson(db, person)).map(({ settings }) => settings),

    change: ({ guild, by, action, mentions, edit }) =>
      db.transaction(async (tx) => {
        // A row to lock, so that two changes at the same time follow each other.
        await tx.insert(guildSettings).values({ guild, settings: defaultSettings }).onConflictDoNothing();
        const [row] = await tx.select().from(guildSettings).where(eq(guildSettings.guild, guild)).for('update');
        const settings = edit(parseSettings(row?.settings ?? {}));
        await tx
          .update(guildSettings)
          .set({ settings, keepDays: settings.keepDays })
          .where(eq(guildSettings.guild, guild));
        await tx.insert(audit).values({ guild, by, action, mentions });
        return settings;
      }),

    async note(entry) {
      await db.insert(audit).values(entry);
    },

    async audit({ guild, before, limit }) {
      const earlier = before === undefined ? undefined : lt(audit.id, Number(before));
      const rows = await db
        .select()
        .from(audit)
        .where(and(eq(audit.guild, guild), earlier))
        .orderBy(desc(audit.id))
        .limit(limit);
      return rows.map(({ id, at, by, action, mentions }) => ({
        ...{ id: String(id), at, by: userIdSchema.parse(by), action },
        mentions: z.array(mentionSchema).parse(mentions),
      }));
    },
  };
}
