import { and, eq, inArray, or, sql } from 'drizzle-orm';
import { type GuildId, guildIdSchema } from '../../commands/ids.ts';
import { bindingRules, type Member } from '../../commands/quota.ts';
import { isPersonalGuild, type Origin, PERSONAL_GUILDS } from '../../commands/request.ts';
import type { QuotaState } from '../../commands/services.ts';
import { defaultSettings, type GuildSettings, parseSettings, strictest } from '../../commands/settings.ts';
import type { SqlDatabase } from './database.ts';
import { forgottenName, quotaStates } from './ledger.ts';
import { guildSettings, jobs, ledger } from './schema.ts';

type Person = Pick<Origin, 'platform' | 'user'>;

/** The defaults where a guild has changed nothing yet. Personal places share those that the operator gives them. */
export async function settingsOf(db: SqlDatabase, guild: GuildId): Promise<GuildSettings> {
  const ruling = isPersonalGuild(guild) ? PERSONAL_GUILDS : guild;
  const [row] = await db.select().from(guildSettings).where(eq(guildSettings.guild, ruling));
  return row === undefined ? defaultSettings : parseSettings(row.settings);
}

/** The rules of the guilds that know a person: where they have drawn, or are banned. */
export async function settingsOfPerson(
  db: SqlDatabase,
  { platform, user }: Person,
): Promise<readonly { readonly guild: GuildId; readonly settings: GuildSettings }[]> {
  const drawnIn = db
    .selectDistinct({ guild: jobs.guild })
    .from(jobs)
    .where(and(eq(jobs.platform, platform), eq(jobs.user, user)));
  // Being forgotten takes the jobs away and leaves the sums, under a name that says nothing.
  const chargedIn = db
    .selectDistinct({ guild: ledger.guild })
    .from(ledger)
    .where(inArray(ledger.user, [user, forgottenName(user)]));
  const rows = await db
    .select()
    .from(guildSettings)
    .where(
      or(
        inArray(guildSettings.guild, drawnIn),
        inArray(guildSettings.guild, chargedIn),
        sql`(${guildSettings.settings} -> 'banned')::jsonb ? ${user}`,
      ),
    );
  return rows
    .map(({ guild, settings }) => ({ guild: guildIdSchema.parse(guild), settings: parseSettings(settings) }))
    .filter(({ guild }) => !isPersonalGuild(guild));
}

/** The settings that bind a request: of its guild; in a place that no guild rules, the strictest of those that know the person. */
export async function settingsBinding(db: SqlDatabase, origin: Origin): Promise<GuildSettings> {
  const own = await settingsOf(db, origin.guild);
  if (!isPersonalGuild(origin.guild)) return own;
  return strictest(
    own,
    (await settingsOfPerson(db, origin)).map(({ settings }) => settings),
  );
}

/**
 * How far the quotas are used that bind a member there. In a place that no guild rules, these are also their quotas in the
 * guilds that know them: what is drawn here counts together with what was drawn there, so that no quota is walked around.
 * Their roles there are not known here, so the rules for roles give nobody more.
 */
export async function quotasBinding(
  db: SqlDatabase,
  origin: Pick<Origin, 'platform' | 'guild'>,
  member: Member,
  now: Date,
): Promise<readonly QuotaState[]> {
  const { platform, guild } = origin;
  const own = await quotaStates(db, guild, member, bindingRules(await settingsOf(db, guild), member), now);
  if (!isPersonalGuild(guild)) return own;
  const others: QuotaState[] = [];
  for (const other of await settingsOfPerson(db, { platform, user: member.user })) {
    const unknown = { user: member.user, roles: [] };
    const rules = bindingRules(other.settings, unknown).filter(({ subject }) => subject.kind !== 'guild');
    const [there, here] = [
      await quotaStates(db, other.guild, unknown, rules, now),
      await quotaStates(db, guild, unknown, rules, now),
    ];
    others.push(...there.map((state, index) => ({ ...state, used: state.used + (here[index]?.used ?? 0) })));
  }
  return [...own, ...others];
}
