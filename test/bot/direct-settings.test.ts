import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyDirectSettings } from '../../bot/direct-settings.ts';
import type { Store } from '../../bot/store/store.ts';
import { guildIdSchema } from '../../commands/ids.ts';
import { personalGuild } from '../../commands/request.ts';
import { defaultSettings } from '../../commands/settings.ts';
import { openMemoryStore } from './store/memory-store.ts';

let store: Store;
let folder: string;
beforeAll(async () => {
  ({ store } = await openMemoryStore());
  folder = await mkdtemp(join(tmpdir(), 'easel-direct-'));
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

it('the operator’s file rules everybody’s direct conversations, and no guild', async () => {
  const file = join(folder, 'direct.json');
  await writeFile(file, JSON.stringify({ ...defaultSettings, maxSteps: 10 }));
  await applyDirectSettings(file, store.settings);
  await applyDirectSettings(file, store.settings);
  for (const user of ['ann', 'bob']) expect((await store.settings.of(personalGuild(user))).maxSteps).toBe(10);
  expect((await store.settings.of(guildIdSchema.parse('1'))).maxSteps).toBeNull();
  const entries = () => store.settings.audit({ guild: guildIdSchema.parse('@me'), limit: 9 });
  expect(await entries()).toHaveLength(1);
  await applyDirectSettings(undefined, store.settings);
  expect(await store.settings.of(personalGuild('ann'))).toEqual(defaultSettings);
});

it('a file that is none is named in one line', async () => {
  const file = join(folder, 'broken.json');
  await expect(applyDirectSettings(file, store.settings)).rejects.toThrow(`DIRECT_SETTINGS: ${file}`);
  await writeFile(file, '{"maxSteps": "many"}');
  await expect(applyDirectSettings(file, store.settings)).rejects.toThrow(`DIRECT_SETTINGS: ${file}`);
});
