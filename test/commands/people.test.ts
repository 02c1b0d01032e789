import { beforeEach, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import type { MessageReply } from '../../commands/reply.ts';
import { UserError } from '../../commands/request.ts';
import { defaultSettings } from '../../commands/settings.ts';
import { ask, attachment, type Person } from './ask.ts';
import { MemoryServices } from './memory-services.ts';

let services: MemoryServices;
beforeEach(() => {
  services = new MemoryServices();
});
const message = async (command: string, options: Record<string, unknown> = {}, person: Person = {}) => {
  const reply = await ask(services, command, options, person);
  if (reply.kind !== 'message') throw new Error(`${command} gave a reply of kind ${reply.kind}.`);
  return reply satisfies MessageReply;
};
const imagine = (options: Record<string, unknown> = {}, person: Person = {}) =>
  ask(services, 'imagine', { prompt: 'a cat', seed: 7, ...options }, person);

test('cancel ends the newest, or the one that is named, and only one’s own', async () => {
  await expect(message('cancel')).rejects.toThrow('You have nothing in the queue.');
  const first = await imagine();
  await imagine({ prompt: 'a dog' });
  const target = first.kind === 'accepted' ? first.job : '';
  await expect(message('cancel', { target }, { user: 'bob' })).rejects.toThrow('Only the person who asked for it');
  expect((await message('cancel')).text).toBe('Cancelled; it costs nothing.');
  expect([...services.store.jobs.values()].map(({ status }) => status)).toEqual(['queued', 'cancelled']);
  expect((await message('cancel', { target }, { user: 'bob', admin: true })).text).toBe('Cancelled; it costs nothing.');
  expect((await message('cancel', { target })).text).toBe('That is finished already.');
});

test('the queue keeps the words of others’ private requests', async () => {
  expect((await message('queue')).text).toBe('Nothing is waiting.');
  await imagine({ prompt: 'my own secret', private: true });
  await imagine({ prompt: 'an open one' }, { user: 'bob' });
  await imagine({ prompt: 'a secret of bob', private: true }, { user: 'bob' });
  await imagine({ prompt: 'elsewhere' }, { guild: 'other' });
  expect((await message('queue')).text.split('\n')).toEqual([
    '1. my own secret · yours · 019a0000-0000-7000-8000-000000000001 · about 4 s',
    '2. an open one · about 8 s',
    '3. a private request · about 12 s',
  ]);
});

test('the queue shows the words of the same channel only, and to nobody else those of a direct conversation', async () => {
  await imagine({ prompt: 'a plan of the staff' }, { user: 'bob', channel: 'staff-only' });
  await imagine({ prompt: 'my diagnosis' }, { user: 'ann', guild: '@me', direct: true, channel: 'dm-ann' });
  expect((await message('queue')).text).toBe('1. a private request · about 4 s');
  const elsewhere = await message('queue', {}, { user: 'eve', guild: '@me', direct: true, channel: 'dm-ann' });
  expect(elsewhere.text).toContain('a private request');
  expect(elsewhere.text).not.toContain('diagnosis');
  const page = { user: 'bob', guild: 'web', platform: 'web', channel: 'web' } as const;
  await imagine({ prompt: 'a guest’s own' }, { ...page, user: 'ann' });
  expect((await message('queue', {}, page)).text).not.toContain('own');
});

test('a picture is found by its id where it was shown', async () => {
  await imagine({ prompt: 'a plan', seed: 1 }, { user: 'bob', channel: 'staff-only' });
  const [picture] = services.finishLast();
  await expect(message('show', { target: picture?.id })).rejects.toThrow();
  expect(JSON.stringify(await message('show', { target: picture?.id }, { channel: 'staff-only' }))).toContain('a plan');
  expect(JSON.stringify(await message('show', { target: picture?.id }, { admin: true }))).toContain('a plan');
});

test('nobody draws from what somebody else uploaded', async () => {
  await imagine({ prompt: 'a robot', picture: attachment(new Uint8Array([7])), seed: 1, strength: 1 });
  const [picture] = services.finishLast();
  const eve = { user: 'eve' };
  const refused = 'a picture that somebody else uploaded';
  await expect(imagine({ prompt: 'x', from: picture?.recipeId, strength: 0.1 }, eve)).rejects.toThrow(refused);
  await expect(ask(services, 'reproduce', { target: picture?.recipeId }, eve)).rejects.toThrow(refused);
  await expect(ask(services, 'again', { target: picture?.id }, eve)).rejects.toThrow(refused);
  await ask(services, 'reproduce', { target: picture?.recipeId });
  // What Easel drew of it was shown to her.
  await ask(services, 'vary', { target: picture?.id }, eve);
});

test('the quota is told rule by rule', async () => {
  expect((await message('quota')).text).toContain('No quota limits how much you draw here.');
  services.store.quotas.push({
    rule: { subject: { kind: 'everyone' }, unit: 'pictures', window: 'day', amount: 50 },
    used: 12.5,
    resetsAt: new Date('2026-11-25T00:00:00Z'),
  });
  services.store.settings.set('guild', { ...defaultSettings, cooldownSeconds: 1, concurrentJobs: 2 });
  expect(await message('quota')).toMatchObject({
    text: '1 second between two requests.\nAt most 2 requests at once.',
    fields: [
      {
        name: '50 pictures a day (each member)',
        value: '12.5 of 50 used, 37.5 left, begins anew at 2026-11-25 00:00 UTC',
      },
    ],
  });
});

test('the history goes back page by page, and ends', async () => {
  expect((await message('history')).text).toContain('no pictures here yet');
  for (let index = 0; index < 3; index++) {
    await imagine({ seed: index * 10, count: 3 });
    services.finishLast();
  }
  const seen: string[] = [];
  let target: string | undefined;
  for (let page = 0; page < 4; page++) {
    const reply = await message('history', target === undefined ? {} : { target });
    seen.push(...(reply.pictures ?? []).map(({ id }) => id ?? ''));
    const older = reply.buttons?.flat()[0];
    expect(older?.command ?? 'history').toBe('history');
    target = older?.target;
    if (target === undefined) break;
  }
  expect(seen).toEqual([...services.store.pictures.keys()].sort().reverse());
});

test('preferences are kept, changed and forgotten', async () => {
  expect((await message('preferences')).text).toContain('You have set none');
  await message('preferences', { steps: '12', sampler: 'euler' });
  const reply = await message('preferences', { steps: 14 });
  expect(reply).toMatchObject({
    text: 'Saved.',
    fields: [
      { name: 'Steps', value: '14' },
      { name: 'Sampler', value: 'euler' },
    ],
  });
  await message('preferences', { reset: true, count: 2 });
  expect(services.store.preferences.get('guild ann')).toEqual({ count: 2 });
  for (const wrong of [{ aspect: 'wide' }, { style: 'noir' }, { sampler: 'magic' }, { model: 'huge' }]) {
    await expect(message('preferences', wrong), JSON.stringify(wrong)).rejects.toThrow(UserError);
  }
  expect(services.store.preferences.get('guild ann')).toEqual({ count: 2 });
});

test('styles and models are listed as far as they are allowed', async () => {
  services.store.settings.set('guild', { ...defaultSettings, allowedStyles: ['photo'], allowedModels: [] });
  expect((await message('styles')).text).toMatch(/^photo: [^\n]*$/);
  expect((await message('models')).fields).toEqual([]);
  services.store.settings.clear();
  expect((await message('models')).fields).toEqual([
    { name: 'mini (default)', value: '256x256, euler, 20 steps, with a refiner · licence MIT · d6060fdda5' },
  ]);
});

test('forgetting is asked for once more', async () => {
  const button = (await message('forget-me')).buttons?.flat()[0];
  if (button === undefined) throw new Error('There is no button.');
  expect(services.store.forgotten).toEqual([]);
  expect((await message(button.command, { target: button.target })).text).toBe('Forgotten: 3 pictures and 2 requests.');
  expect(services.store.forgotten).toEqual([{ platform: 'discord', user: 'ann' }]);
});

test('help is made from the definitions, and tells admins more', async () => {
  const everyone = (await message('help')).text;
  expect(everyone).toContain('/imagine: Draw a picture from words');
  expect(everyone).not.toContain('easel-admin');
  const admins = (await message('help', {}, { admin: true })).text;
  for (const { name } of commands) expect(admins).toContain(`/${name}: `);
  const details = await message('help', { command: '/imagine' });
  expect(details.text).toContain('<lora:name:0.8> adds a LoRA with this weight');
  expect(details.fields?.[0]).toEqual({
    name: 'prompt',
    value: 'What to draw, in words; required',
  });
  await expect(message('help', { command: 'imagin' })).rejects.toThrow('did you mean /imagine?');
  await expect(message('help', { command: 'easel-admin ban' })).rejects.toThrow('There is no command');
});

test('every command answers in German too', async () => {
  const person = { locale: 'de', admin: true };
  for (const command of [
    'queue',
    'quota',
    'history',
    'preferences',
    'styles',
    'models',
    'extras',
    'help',
    'forget-me',
  ]) {
    const [german, english] = [await message(command, {}, person), await message(command, {}, { admin: true })];
    expect(`${german.title}${german.text}`, command).not.toBe(`${english.title}${english.text}`);
  }
});
