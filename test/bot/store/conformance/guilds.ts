import { describe, expect, it } from 'vitest';
import { UserError } from '../../../../commands/request.ts';
import { defaultSettings } from '../../../../commands/settings.ts';
import { newGuild, newUser, request, rule } from '../requests.ts';
import type { StoreUnderTest } from '../stores.ts';

/** What admins and members decide for themselves. */
export function guildSuite({ store }: StoreUnderTest): void {
  describe('a guild’s settings', () => {
    it('are the defaults until they are changed', async () => {
      const guild = newGuild();
      expect(await store().settings.of(guild)).toEqual(defaultSettings);
      const by = newUser();
      const changed = await store().settings.change({
        guild,
        by,
        action: 'paused "it"\u0000',
        mentions: [{ kind: 'user', id: by }],
        edit: (settings) => ({ ...settings, paused: true, quotas: [rule({ amount: 3 })] }),
      });
      expect(changed).toEqual({ ...defaultSettings, paused: true, quotas: [rule({ amount: 3 })] });
      expect(await store().settings.of(guild)).toEqual(changed);
      expect(await store().settings.of(newGuild())).toEqual(defaultSettings);
      const [entry] = await store().settings.audit({ guild, limit: 10 });
      expect(entry).toMatchObject({ by, action: expect.stringContaining('paused "it"'), at: expect.any(Date) });
      expect(entry?.mentions).toEqual([{ kind: 'user', id: by }]);
    });

    it('bind a person elsewhere where they have drawn, or are banned', async () => {
      const [ann, bob] = [newUser(), newUser()];
      const [drawnIn, bannedIn, other] = [newGuild(), newGuild(), newGuild()];
      const set = (guild: typeof other, change: Partial<typeof defaultSettings>) =>
        store().settings.change({ guild, by: bob, action: 'a rule', edit: (settings) => ({ ...settings, ...change }) });
      await set(drawnIn, { blocked: ['cat'] });
      await set(bannedIn, { banned: [ann] });
      await set(other, { maxSteps: 5 });
      const { job } = await store().jobs.accept(request({ guild: drawnIn, user: ann }));
      const binding = await store().settings.ofPerson({ platform: job.origin.platform, user: ann });
      expect(binding.map(({ blocked, banned }) => [blocked, banned]).sort()).toEqual(
        [
          [[], [ann]],
          [['cat'], []],
        ].sort(),
      );
      expect(await store().settings.ofPerson({ platform: 'cli', user: bob })).toEqual([]);
      await store().jobs.cancel(job.id);
    });

    it('stay as they are where the change is refused', async () => {
      const guild = newGuild();
      const refused = store().settings.change({
        guild,
        by: newUser(),
        action: 'nothing',
        edit: () => {
          throw new UserError('no', 'No.');
        },
      });
      await expect(refused).rejects.toThrow(new UserError('no', 'No.'));
      expect(await store().settings.of(guild)).toEqual(defaultSettings);
      expect(await store().settings.audit({ guild, limit: 10 })).toEqual([]);
    });

    it('lose no change when many are made at once', async () => {
      const guild = newGuild();
      await Promise.all(
        Array.from({ length: 20 }, () =>
          store().settings.change({
            guild,
            by: newUser(),
            action: 'one more',
            edit: (settings) => ({ ...settings, cooldownSeconds: settings.cooldownSeconds + 1 }),
          }),
        ),
      );
      expect((await store().settings.of(guild)).cooldownSeconds).toBe(20);
      expect(await store().settings.audit({ guild, limit: 100 })).toHaveLength(20);
    });

    it('have an audit log, newest first, page by page, of this guild only', async () => {
      const guild = newGuild();
      for (let index = 0; index < 12; index++) {
        await store().settings.note({ guild, by: newUser(), action: String(index) });
        await store().settings.note({ guild: newGuild(), by: newUser(), action: 'elsewhere' });
      }
      const first = await store().settings.audit({ guild, limit: 5 });
      const second = await store().settings.audit({ guild, before: first.at(-1)!.id, limit: 5 });
      const third = await store().settings.audit({ guild, before: second.at(-1)!.id, limit: 5 });
      const actions = [...first, ...second, ...third].map(({ action }) => action);
      expect(actions).toEqual(Array.from({ length: 12 }, (_, index) => String(11 - index)));
    });
  });

  describe('a person’s preferences', () => {
    it('are theirs, in that guild', async () => {
      const [guild, user] = [newGuild(), newUser()];
      expect(await store().preferences.of(guild, user)).toEqual({});
      await store().preferences.save(guild, user, { steps: 12, negative: '\u0000 "blur"' });
      await store().preferences.save(guild, user, { steps: 13, negative: '\u0000 "blur"' });
      expect(await store().preferences.of(guild, user)).toEqual({ steps: 13, negative: '\u0000 "blur"' });
      expect(await store().preferences.of(newGuild(), user)).toEqual({});
      expect(await store().preferences.of(guild, newUser())).toEqual({});
      await store().preferences.save(guild, user, {});
      expect(await store().preferences.of(guild, user)).toEqual({});
    });
  });
}
