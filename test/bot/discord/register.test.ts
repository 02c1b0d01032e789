import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandsJson } from '../../../bot/discord/setup/command-json.ts';
import { inviteLink } from '../../../bot/discord/setup/permissions.ts';
import { registerCommands } from '../../../bot/discord/setup/register.ts';
import { DiscordApi } from '../../../bot/discord/transport/api.ts';
import { defineCommand } from '../../../commands/command.ts';
import { commands } from '../../../commands/index.ts';
import { type FakeDiscord, startFakeDiscord } from '../../fakes/discord/index.ts';
import { plainMessage } from '../platform-harness.ts';

let fake: FakeDiscord;
let api: DiscordApi;

beforeEach(async () => {
  fake = await startFakeDiscord();
  api = new DiscordApi({ token: fake.token, apiUrl: fake.apiUrl });
});
afterEach(() => fake.close());

const names = () => fake.commands.list(null).map(({ name }) => name);

describe('registerCommands', () => {
  it('makes Discord know every command, and the menu of messages', async () => {
    const { saved } = await registerCommands(api, fake.applicationId, commands);
    const roots = new Set(commands.map(({ name }) => name.split(' ')[0]));
    expect(new Set(names())).toEqual(new Set([...roots, 'Refine', 'Reproduce']));
    expect(saved).toHaveLength(names().length);
  });

  it('says in other languages, too, what commands and options are for', async () => {
    await registerCommands(api, fake.applicationId, commands);
    const known = JSON.stringify(fake.commands.list(null, true));
    for (const german of ['Ein Bild nach Worten zeichnen', 'Was zu sehen sein soll, in Worten', 'Verfeinern']) {
      expect(known).toContain(`{"de":"${german}"}`);
    }
    expect(JSON.stringify(fake.commands.list(null))).not.toContain('Worten');
  });

  it('writes nothing where nothing differs', async () => {
    await registerCommands(api, fake.applicationId, commands);
    const writes = fake.commands.writes;
    const again = await registerCommands(api, fake.applicationId, commands);
    expect(again).toMatchObject({ saved: [], removed: [] });
    expect(fake.commands.writes).toBe(writes);
  });

  it('tells what differs, and removes what is gone', async () => {
    await registerCommands(api, fake.applicationId, commands);
    fake.commands.save(null, { name: 'obsolete', description: 'From an older version' });
    const changed = commands.map((command) =>
      command.name === 'queue' ? { ...command, description: 'Another description' } : command,
    );
    const created = fake.commands.created;
    const registration = await registerCommands(api, fake.applicationId, changed);
    expect(fake.commands.created).toBe(created);
    expect(registration).toMatchObject({ saved: ['queue'], removed: ['obsolete'] });
    expect(fake.commands.list(null).find(({ name }) => name === 'queue')?.description).toBe('Another description');
  });

  it('keeps the ids of commands, which mentions of them hold', async () => {
    await registerCommands(api, fake.applicationId, commands);
    const before = fake.commands.find(null, 1, 'queue')?.id;
    const changed = commands.map((command) => ({ ...command, description: 'Different' }));
    await registerCommands(api, fake.applicationId, changed);
    expect(fake.commands.find(null, 1, 'queue')?.id).toBe(before);
  });

  it('says what is wrong with a token', async () => {
    const wrong = new DiscordApi({ token: 'wrong', apiUrl: fake.apiUrl });
    await expect(registerCommands(wrong, fake.applicationId, commands)).rejects.toThrow(/DISCORD_TOKEN/);
  });
});

describe('commandsJson', () => {
  const run = async () => plainMessage('');
  const command = (name: string, permission: 'everyone' | 'admin' = 'everyone') =>
    defineCommand({ name, description: `Does ${name}`, permission, options: {}, run });

  it('hides admin commands from others, and keeps them in servers', () => {
    const [admin, everyone] = commandsJson([command('rules', 'admin'), command('draw')]);
    expect(admin).toMatchObject({ default_member_permissions: '32', contexts: [0], integration_types: [0] });
    expect(everyone).not.toHaveProperty('default_member_permissions');
    expect(everyone).toMatchObject({ contexts: [0, 1, 2], integration_types: [0, 1] });
  });

  it('makes subcommands and groups of names with several words', () => {
    const [admin] = commandsJson([command('a pause'), command('a quota set'), command('a quota show')]);
    expect(admin).toMatchObject({
      name: 'a',
      options: [
        { type: 1, name: 'pause' },
        {
          type: 2,
          name: 'quota',
          options: [
            { type: 1, name: 'set' },
            { type: 1, name: 'show' },
          ],
        },
      ],
    });
  });

  it('lists required options first, with their limits', () => {
    const imagine = defineCommand({
      name: 'imagine',
      description: 'x'.repeat(300),
      permission: 'everyone',
      options: {
        seed: { type: 'integer', description: 'Seed', min: 0, max: 9, autocomplete: 'seed' },
        prompt: { type: 'string', description: 'Prompt', required: true, maxLength: 9000 },
        style: { type: 'string', description: 'Style', maxLength: 9, choices: ['ink', 'oil'] },
      },
      run,
    });
    const [json] = commandsJson([imagine]);
    expect(json).toMatchObject({
      options: [
        { name: 'prompt', type: 3, required: true, max_length: 6000 },
        { name: 'seed', type: 4, min_value: 0, max_value: 9, autocomplete: true },
        { name: 'style', type: 3, choices: [{ value: 'ink' }, { value: 'oil' }] },
      ],
    });
  });
});

it('the invite link asks for what is needed and no more', () => {
  const link = new URL(inviteLink('123', '456'));
  expect(link.searchParams.get('scope')).toBe('bot applications.commands');
  expect(link.searchParams.get('guild_id')).toBe('456');
  // View, send, send in threads, embed, attach, read history: and not Administrator.
  const bits = [10n, 11n, 38n, 14n, 15n, 16n].reduce((sum, bit) => sum | (1n << bit), 0n);
  expect(link.searchParams.get('permissions')).toBe(String(bits));
});
