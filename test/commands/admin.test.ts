import { beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { commandOfReaction } from '../../commands/reactions.ts';
import type { MessageReply } from '../../commands/reply.ts';
import { defaultSettings, type GuildSettings } from '../../commands/settings.ts';
import { ask, attachment } from './ask.ts';
import { MemoryServices } from './memory-services.ts';

let services: MemoryServices;
beforeEach(() => {
  services = new MemoryServices();
});
const admin = async (command: string, options: Record<string, unknown> = {}, locale = 'en'): Promise<MessageReply> => {
  const reply = await ask(services, `easel-admin ${command}`, options, { admin: true, user: 'boss', locale });
  if (reply.kind !== 'message') throw new Error(`${command} gave a reply of kind ${reply.kind}.`);
  expect(reply.visibility, 'only the admin sees it').toBe('private');
  return reply;
};
const settings = (): GuildSettings => services.store.settings.get('guild') ?? defaultSettings;

test('all of them are for admins, and nothing else is', () => {
  for (const { name, permission } of commands) {
    expect(permission, name).toBe(name.startsWith('easel-admin ') ? 'admin' : 'everyone');
  }
});

describe('each change is made, told and written down', () => {
  test.each<[string, Record<string, unknown>, Partial<GuildSettings>, string]>([
    [
      'quota set',
      { amount: 50, unit: 'pictures', window: 'day' },
      { quotas: [{ subject: { kind: 'everyone' }, unit: 'pictures', window: 'day', amount: 50 }] },
      'Quota set: each member: 50 pictures a day.',
    ],
    [
      'quota set',
      { amount: 600, unit: 'seconds', window: 'rolling-week', role: '<@&77>' },
      {
        quotas: [
          { subject: { kind: 'role', role: '77' as never }, unit: 'seconds', window: 'rolling-week', amount: 600 },
        ],
      },
      'Quota set: role 77: 600 compute seconds in any 7 days.',
    ],
    [
      'quota unlimited',
      { on: true, user: 'u1' },
      { unlimited: { users: ['u1' as never], roles: [] } },
      'Quotas no longer bind u1.',
    ],
    [
      'limit cooldown',
      { seconds: 30 },
      { cooldownSeconds: 30 },
      'Cooldown: 30 seconds between two requests of a member.',
    ],
    ['limit concurrent', { count: 2 }, { concurrentJobs: 2 }, 'Requests at once: 2 for each member.'],
    ['limit concurrent', { count: 0 }, { concurrentJobs: null }, 'Requests at once: any number for each member.'],
    ['limit size', { width: 512 }, { maxPixels: 262_144 }, 'Largest picture: 512x512.'],
    ['limit size', { width: 0 }, { maxPixels: null }, 'Largest picture: whatever the model can do.'],
    ['limit steps', { steps: 30 }, { maxSteps: 30 }, 'Most steps: 30.'],
    ['keep', { days: 30 }, { keepDays: 30 }, 'Pictures and requests are deleted after 30 days.'],
    ['keep', { days: 0 }, { keepDays: null }, 'Pictures and requests are kept as long as the operator keeps them.'],
    ['allow channel', { channel: '<#c1>' }, { allowedChannels: ['c1' as never] }, 'The channel c1 is allowed.'],
    ['allow channel', {}, { allowedChannels: null }, 'Every channel is allowed.'],
    [
      'deny channel',
      { channel: '<#c1>' },
      { deniedChannels: ['c1' as never] },
      'Easel does not draw in the channel c1.',
    ],
    ['allow model', { model: 'mini' }, { allowedModels: ['mini'] }, 'The model mini is allowed.'],
    ['allow style', { style: 'photo' }, { allowedStyles: ['photo'] }, 'The style photo is allowed.'],
    [
      'defaults',
      { steps: 12, aspect: '16:9' },
      { defaults: { steps: 12, aspect: '16:9' } },
      'The default recipe was changed.',
    ],
    ['block add', { entry: 'dog*' }, { blocked: ['dog*'] }, 'Blocked in prompts: "dog*".'],
    [
      'style set',
      { name: 'Noir', prompt: '{prompt}, noir' },
      { styles: [{ name: 'noir', prompt: '{prompt}, noir' }] },
      'The style noir was saved.',
    ],
    ['adult', { policy: 'never' }, { adult: 'never' }, 'Adult prompts are never drawn.'],
    ['spoiler', { policy: 'always' }, { spoiler: 'always' }, 'Every picture is hidden until clicked.'],
    ['ban', { user: '<@bob>' }, { banned: ['bob' as never] }, 'Member bob may not draw any more.'],
    ['pause', {}, { paused: true }, 'Paused: no new requests are taken.'],
    [
      'reaction',
      { reaction: ':fire:', command: '/upscale' },
      { reactions: { fire: 'upscale' } },
      'The reaction fire means /upscale.',
    ],
    ['reaction', { reaction: 'x', command: 'none' }, { reactions: { x: null } }, 'The reaction x does nothing.'],
  ])('%s %j', async (command, options, changed, line) => {
    const reply = await admin(command, options);
    expect(reply.text).toBe(line);
    expect(settings()).toEqual({ ...defaultSettings, ...changed });
    expect(services.store.audit).toMatchObject([{ by: 'boss', action: line }]);
    const german = await admin(command, options, 'de');
    expect(german.text).not.toBe(line);
    expect(services.store.audit[0]?.action, 'the log stays in one language').toBe(line);
    expect(settings(), 'twice is as once').toEqual({ ...defaultSettings, ...changed });
  });
});

describe('what is undone', () => {
  test.each<[string, Record<string, unknown>, string, Record<string, unknown>]>([
    [
      'quota set',
      { amount: 1, unit: 'pictures', window: 'day', guild: true },
      'quota remove',
      { unit: 'pictures', window: 'day', guild: true },
    ],
    ['quota unlimited', { on: true, role: 'r' }, 'quota unlimited', { on: false, role: 'r' }],
    ['allow channel', { channel: 'c1' }, 'allow channel', { channel: 'c1', on: false }],
    ['block add', { entry: 'dog' }, 'block remove', { entry: 'dog' }],
    ['style set', { name: 'noir', prompt: 'x' }, 'style remove', { name: 'noir' }],
    ['ban', { user: 'bob' }, 'unban', { user: 'bob' }],
    ['pause', {}, 'resume', {}],
  ])('%s', async (command, options, back, backOptions) => {
    await admin(command, options);
    expect(settings()).not.toEqual(defaultSettings);
    await admin(back, backOptions);
    expect(settings()).toEqual(defaultSettings);
    if (back !== 'resume') await expect(admin(back, backOptions)).rejects.toThrow('in the list');
  });
});

describe('what cannot be', () => {
  test.each([
    [
      'quota set',
      { amount: 1, unit: 'pictures', window: 'day', user: 'u', guild: true },
      'Name a member, a role or the whole guild, not several',
    ],
    [
      'quota set',
      { amount: 1, unit: 'cats', window: 'day' },
      'unit: "cats" is not possible; it takes one of pictures, seconds.',
    ],
    ['quota unlimited', { on: true }, 'Name a member or a role.'],
    ['allow model', { model: 'huge' }, 'There is no model huge.'],
    ['allow style', { style: 'none' }, 'style: "none" is not known here'],
    ['style set', { name: 'a b', prompt: 'x' }, 'name: "a b" is not possible'],
    [
      'reaction',
      { reaction: 'x', command: 'imagine' },
      'command: "imagine" works on no picture; there are: refine, upscale',
    ],
    ['block add', { entry: 'x' }, 'entry: "x" is not possible'],
  ])('%s %j', async (command, options, line) => {
    await expect(admin(command, options)).rejects.toThrow(line);
    expect(settings()).toEqual(defaultSettings);
    expect(services.store.audit).toEqual([]);
  });
});

test('a newer quota for the same replaces the older', async () => {
  await admin('quota set', { amount: 1, unit: 'pictures', window: 'day', user: 'u1' });
  await admin('quota set', { amount: 2, unit: 'pictures', window: 'day', user: 'u2' });
  await admin('quota set', { amount: 3, unit: 'pictures', window: 'day', user: 'u1' });
  expect((await admin('quota show')).text.split('\n')).toEqual([
    'member u2: 2 pictures a day',
    'member u1: 3 pictures a day',
  ]);
});

test('a quota that goes is told with its amount, one that is not there without', async () => {
  const which = { unit: 'pictures', window: 'day' };
  await admin('quota set', { amount: 1, ...which });
  expect((await admin('quota remove', which)).text).toBe('Quota removed: each member: 1 picture a day.');
  await expect(admin('quota remove', which)).rejects.toThrow('in the list: each member: pictures a day.');
});

test('what is refused says what would do', async () => {
  await expect(admin('block add', { entry: 'x' })).rejects.toThrow('it takes text of 2 to 100 characters');
  await expect(admin('style set', { name: 'Bad_Name', prompt: 'x' })).rejects.toThrow('lower-case letters, digits');
  await expect(admin('style remove', { name: 'photo' })).rejects.toThrow('The style photo comes with Easel');
});

test('admins read in the queue what cancels a request', async () => {
  await ask(services, 'imagine', { prompt: 'a cat' }, { user: 'bob' });
  const [job] = services.store.jobs.keys();
  const queue = async (person: { admin: boolean }) => ((await ask(services, 'queue', {}, person)) as MessageReply).text;
  expect(await queue({ admin: true })).toContain(job);
  expect(await queue({ admin: false })).not.toContain(job);
});

test('who is banned has nothing in line any more', async () => {
  for (const prompt of ['one', 'two']) await ask(services, 'imagine', { prompt }, { user: 'bob' });
  await ask(services, 'imagine', { prompt: 'three' }, { user: 'eve' });
  const reply = await admin('ban', { user: 'bob' });
  expect(reply.text).toBe('Member bob may not draw any more. 2 unfinished requests were cancelled.');
  expect(reply.mentions).toEqual([{ kind: 'user', id: 'bob' }]);
  const waiting = [...services.store.jobs.values()].filter(({ status }) => status === 'queued');
  expect(waiting.map(({ origin }) => origin.user)).toEqual(['eve']);
});

test('a grant is keyed by its event', async () => {
  await admin('quota grant', { user: 'bob', amount: 10, unit: 'pictures' });
  expect(services.store.grants).toMatchObject([{ user: 'bob', amount: 10, unit: 'pictures', by: 'boss' }]);
  expect(services.store.audit[0]?.action).toBe('Granted 10 pictures to member bob.');
  const { mentions } = await admin('audit');
  expect(mentions).toEqual(['boss', 'bob'].map((id) => ({ kind: 'user', id })));
});

test('a prompt is tried on the spot', async () => {
  await admin('block add', { entry: 'dog*' });
  expect((await admin('block test', { prompt: 'hot dogs' })).text).toBe(
    'This prompt would be refused: it contains "dog*".',
  );
  expect((await admin('block test', { prompt: 'hot dogs', entry: 'cat' })).text).toBe('This prompt would be accepted.');
  expect((await admin('block list')).text).toBe('dog*');
});

test('any request of the guild is cancelled, and none of another', async () => {
  const bobs = await ask(services, 'imagine', { prompt: 'a cat', private: true }, { user: 'bob' });
  const others = await ask(services, 'imagine', { prompt: 'a cat' }, { user: 'boss', guild: 'other' });
  const [job, other] = [bobs, others].map((reply) => (reply.kind === 'accepted' ? reply.job : ''));
  expect((await admin('cancel', { target: job })).text).toBe(`Request ${job} was cancelled.`);
  await expect(admin('cancel', { target: other })).rejects.toThrow('There is nothing here');
  expect((await admin('cancel', { target: job })).text).toBe('That is finished already.');
  expect(services.store.audit).toHaveLength(1);
});

test('usage is a table and a chart', async () => {
  expect((await admin('usage')).text).toBe('Nothing was drawn.');
  services.store.usage.push(
    { day: '2026-11-20', user: 'ann' as never, pictures: 3, seconds: 10 },
    { day: '2026-11-24', user: 'bob' as never, pictures: 1, seconds: 30.4 },
    { day: '2026-11-24', user: 'ann' as never, pictures: 1, seconds: 2 },
  );
  const reply = await admin('usage', { days: 7 });
  expect(reply.title).toBe('Usage of the last 7 days');
  expect(reply.text.split('\n')).toEqual([
    'In all: 5 pictures, 42 compute seconds.',
    'bob: 1 picture, 30 compute seconds',
    'ann: 4 pictures, 12 compute seconds',
  ]);
  const svg = new TextDecoder().decode(reply.file?.bytes);
  expect(svg.match(/<rect x=/g)).toHaveLength(2);
  expect(svg).toContain('2026-11-18');
  expect(svg).toContain('>50<');
});

test('settings go out as a file and come back', async () => {
  await admin('block add', { entry: 'dog' });
  await admin('quota set', { amount: 5, unit: 'seconds', window: 'month' });
  const before = settings();
  const bytes = (await admin('export')).file?.bytes ?? new Uint8Array();
  services.store.settings.clear();
  await admin('import', { file: attachment(bytes, 'easel-settings.json') });
  expect(settings()).toEqual(before);
});

test.each([
  ['not json', 'it is not JSON'],
  ['{"paused": "yes"}', 'paused: '],
  ['[]', 'the document: '],
  ['{"nonsense": 1}', 'nonsense'],
  ['{"version": 2}', 'it is of version 2, and this Easel reads version 1'],
  [`{"reactions": {${Array.from({ length: 60_000 }, (_, i) => `"${i}":1`).join()}}}`, 'This file is too large'],
  [`${'['.repeat(20)}${']'.repeat(20)}`, 'This file is too large'],
])('a file that is none is refused: %.30s', async (text, problem) => {
  await expect(admin('import', { file: attachment(new TextEncoder().encode(text)) })).rejects.toThrow(problem);
});

test('the audit log is paged', async () => {
  expect((await admin('audit')).text).toBe('Nothing was changed yet.');
  for (let index = 0; index < 20; index++) await admin('limit steps', { steps: index + 1 });
  const first = await admin('audit');
  expect(first.text.split('\n')[0]).toBe('2026-11-24 12:00 boss: Most steps: 20.');
  const second = await admin('audit', { target: first.buttons?.[0]?.[0]?.target });
  expect(second.text.split('\n')).toHaveLength(5);
  expect(second.buttons).toEqual([]);
});

test('all settings are shown', async () => {
  await admin('block add', { entry: 'dog' });
  const fields = Object.fromEntries(((await admin('settings')).fields ?? []).map(({ name, value }) => [name, value]));
  expect(fields).toMatchObject({
    Quotas: 'none',
    'Blocked in prompts': 'dog',
    Allowed: 'Channels: all\nModels: all\nLoRAs: all\nStyles: all',
  });
});

test('an imported file gives a reaction only what /easel-admin reaction would, and an older one is not obeyed', async () => {
  const file = { ...defaultSettings, reactions: { heart: 'easel-admin pause' } };
  const bytes = new TextEncoder().encode(JSON.stringify(file));
  await expect(admin('import', { file: attachment(bytes, 'settings.json') })).rejects.toThrow('easel-admin pause');
  expect(settings()).toEqual(defaultSettings);
  expect(commandOfReaction('heart', file, commands)).toBeNull();
  expect(commandOfReaction('heart', { reactions: { heart: 'refine' } }, commands)).toBe('refine');
});
