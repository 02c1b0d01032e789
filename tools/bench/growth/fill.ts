import type { Recipe } from '../../../commands/recipe.ts';

/** How much a store holds, and how much of it waits. */
export interface StoreSize {
  readonly jobs: number;
  readonly users: number;
  readonly guilds: number;
  readonly waiting: number;
}

const DAYS = 180;
/** One tenth of all people are members of the first guild: where a store grows, some guild grows with it. */
const LARGEST_GUILD_SHARE = 10;

export const recipe: Recipe = {
  prompt: 'a lighthouse at dawn, oil on canvas, the sea is calm and a small boat comes home',
  width: 1024,
  height: 1024,
  steps: 30,
  guidance: 5,
  guidanceRescale: 0,
  sampler: 'euler',
  seed: 7,
  refine: 0.8,
  model: { name: 'sdxl', hash: 'ab'.repeat(32) },
  loras: [],
};

export const guildOf = (user: number, { guilds }: StoreSize): string =>
  user % LARGEST_GUILD_SHARE === 0 ? 'guild-0' : `guild-${user % guilds}`;
export const userName = (user: number): string => `user-${user}`;

/**
 * Statements that fill an empty store, as if it had drawn for half a year: the same rows that its own transactions write,
 * but a million at a time.
 */
export function fillStatements(size: StoreSize): readonly string[] {
  const { jobs, users, guilds, waiting } = size;
  const work = JSON.stringify({ kind: 'draw', recipe, count: 1 });
  const recipeText = JSON.stringify(recipe);
  const withSeed = (text: string): string => `replace('${text}', '"seed":7', '"seed":' || i)::json`;
  const user = `(i * 7919::bigint) % ${users}`;
  const guild = `case when u % ${LARGEST_GUILD_SHARE} = 0 then 'guild-0' else 'guild-' || u % ${guilds} end`;
  return [
    // Whole or not at all: a store that is half filled would be measured as a full one.
    'begin',
    // They are for one row at a time; the sums are filled at the end.
    'alter table easel.usage_hours disable trigger user',
    'alter table easel.guild_shares disable trigger user',
    // UUIDs of version 7 begin with their time in milliseconds, so that ids sort by time.
    `create temporary table asked as
      select i, u, ${guild} as guild, 'user-' || u as user_id, at,
        (substr(ms, 1, 8) || '-' || substr(ms, 9, 4) || '-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid as id,
        i > ${jobs - waiting} as waits
      from generate_series(1, ${jobs}) as i,
        lateral (select ${user} as u, now() - interval '${DAYS} days' + i * interval '${DAYS} days' / ${jobs} as at) as a,
        lateral (select lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as ms) as b`,
    'create index on asked (i)',
    `insert into easel.jobs (id, platform, guild, channel, user_id, event, locale, work, status, visibility, spoiler,
        attempts, reserved_seconds, measured_seconds, reply_to, created_at, started_at, finished_at)
      select id, 'discord', guild, 'channel-' || guild, user_id, 'event-' || i, 'en', ${withSeed(work)},
        case when waits then 'queued' when i % 100 = 0 then 'failed' else 'done' end, 'public', false,
        case when waits then 0 else 1 end, 12, case when waits or i % 100 = 0 then null else 11.5 end,
        '{"token":"t"}', at, case when waits then null else at end, case when waits then null else at end
      from asked`,
    `insert into easel.recipes select lpad(to_hex(i), 10, '0'), ${withSeed(recipeText)}
      from asked where not waits and i % 100 <> 0`,
    `insert into easel.pictures (job, index, recipe, blob, handoff, width, height, notes, guild, user_id, created_at)
      select id, 0, lpad(to_hex(i), 10, '0'), encode(sha256(('p' || i)::bytea), 'hex'),
        encode(sha256(('h' || i)::bytea), 'hex'), 1024, 1024, '[]', guild, user_id, at
      from asked where not waits and i % 100 <> 0`,
    `insert into easel.messages select 'discord', 'channel-' || guild, 'message-' || i, id from asked where not waits`,
    `insert into easel.deliveries (job, platform, channel, status, sequence, due_at)
      select id, 'discord', 'channel-' || guild, case when waits then 'waiting' else 'delivered' end,
        case when waits then null else nextval('easel.delivery_sequence') end, case when waits then null else at end
      from asked`,
    `insert into easel.ledger (key, kind, guild, user_id, job, pictures, seconds, counted_at)
      select 'reserve:' || id, 'reserve', guild, user_id, id, 1, 12, at from asked
      union all
      select 'end:' || id, 'settle', guild, user_id, id, 0, -0.5, at from asked where not waits`,
    `insert into easel.usage_hours (guild, user_id, hour, pictures, seconds)
      select guild, coalesce(user_id, ''), date_trunc('hour', at), count(*), sum(11.5) from asked
      group by grouping sets ((guild, user_id, date_trunc('hour', at)), (guild, date_trunc('hour', at)))`,
    `insert into easel.member_shares (guild, user_id, virtual_seconds, waiting, waiting_seconds, turn_at)
      select guild, user_id, random() * 100, count(*) filter (where waits), 12 * count(*) filter (where waits), max(at)
      from asked group by guild, user_id`,
    `insert into easel.guild_shares (guild, virtual_seconds, member_clock, waiting, waiting_seconds, turn_at, waiting_since)
      select guild, random() * 1000, 100, count(*) filter (where waits), 12 * count(*) filter (where waits), max(at),
        min(at) filter (where waits)
      from asked group by guild`,
    `insert into easel.usage_days select date_trunc('day', hour, 'UTC'), hashtext(guild) & 15, sum(pictures), sum(seconds)
      from easel.usage_hours where user_id = '' group by 1, 2`,
    `insert into easel.waiting_sums (load, part, waiting) select load, hashtext(guild) & 15, sum(waiting)
      from easel.guild_shares where waiting > 0 group by 1, 2`,
    `insert into easel.guild_settings select guild, '{}' from easel.guild_shares`,
    `insert into easel.audit (guild, by_user, action, at)
      select 'guild-' || i % ${guilds}, 'user-1', 'quota set', now() - i * interval '1 minute'
      from generate_series(1, ${guilds * 10}) as i`,
    'drop table asked',
    'alter table easel.usage_hours enable trigger user',
    'alter table easel.guild_shares enable trigger user',
    'commit',
    'analyze',
  ];
}
