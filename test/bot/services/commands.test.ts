import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispatch } from '../../../bot/dispatch.ts';
import type { Store } from '../../../bot/store/store.ts';
import type { MessageReply, Reply } from '../../../commands/reply.ts';
import type { Services } from '../../../commands/services.ts';
import { attachment, type Person, requestOf } from '../../commands/ask.ts';
import { mini } from '../../commands/memory-services.ts';
import { openServices } from './memory-parts.ts';

/*
 * The commands on the real store, queue and blobs, dispatched as the adapters do. Only the drawing is cut short: the test
 * itself takes the jobs, as a worker does.
 */

let parts: Awaited<ReturnType<typeof openServices>>;
let store: Store;
let services: Services;

beforeAll(async () => {
  parts = await openServices();
  ({ store, services } = parts);
  await store.models.register('worker', [{ name: 'mini', description: mini }]);
});
afterAll(() => parts.close());

const ask = (command: string, options: Record<string, unknown> = {}, person: Person = {}): Promise<Reply> =>
  dispatch(requestOf(command, options, person), services, parts.log);

const message = async (command: string, options: Record<string, unknown> = {}, person: Person = {}) => {
  const reply = await ask(command, options, person);
  if (reply.kind !== 'message') throw new Error(`/${command} gave a reply of kind ${reply.kind}.`);
  return reply satisfies MessageReply;
};

const accepted = async (command: string, options: Record<string, unknown> = {}, person: Person = {}) => {
  const reply = await ask(command, options, person);
  if (reply.kind === 'accepted') return reply;
  throw new Error(`/${command} was not accepted: ${JSON.stringify(reply)}`);
};

/** Takes the job whose turn it is and finishes it in two seconds, with pictures that nobody looks at. */
async function drawNext(): Promise<void> {
  const job = await store.jobs.takeNext({ worker: 'worker', seconds: 60 });
  if (job === null) throw new Error('No job waits.');
  const { recipe } = job.work;
  const count = job.work.kind === 'draw' ? job.work.count : 1;
  const pictures = await Promise.all(
    Array.from({ length: count }, async (_, index) => ({
      index,
      blob: await parts.blobs.put(new TextEncoder().encode(`${job.id} ${index}`)),
      handoff: null,
      timings: {},
      width: recipe.width * (recipe.upscale?.factor ?? 1),
      height: recipe.height * (recipe.upscale?.factor ?? 1),
      notes: [],
    })),
  );
  if (!(await store.jobs.finish(job.id, 'worker', pictures, 2))) throw new Error('The job could not be finished.');
}

test('a picture and all that follows from it', async () => {
  const person = { guild: 'life', user: 'ann' };
  const first = await accepted('imagine', { prompt: 'a cat', seed: 7, count: 2 }, { ...person, event: 'life-1' });
  expect(first).toMatchObject({ place: 0, repeated: false });
  expect(first.expectedSeconds).toBeGreaterThan(0);
  const second = await accepted('imagine', { prompt: 'a cat', seed: 7, count: 2 }, { ...person, event: 'life-1' });
  expect(second).toMatchObject({ job: first.job, repeated: true });
  expect((await message('queue', {}, person)).text).toMatch(/^1\. a cat · yours/);
  await drawNext();

  const history = await message('history', {}, person);
  expect(history.pictures).toHaveLength(2);
  const target = history.pictures?.[0]?.id;
  const shown = await message('show', { target }, person);
  expect(shown.fields).toContainEqual({ name: 'Prompt', value: 'a cat' });
  for (const command of ['refine', 'upscale', 'vary', 'again']) {
    await accepted(command, { target }, person);
    await drawNext();
  }
  const id = shown.title?.split(' ')[1];
  const elsewhere = { platform: 'slack', guild: 'T1', user: 'U1' } as const;
  await accepted('reproduce', { target: id }, elsewhere);
  await drawNext();
  const reproduced = await message('history', {}, elsewhere);
  expect(reproduced.fields?.[0]?.name, 'a recipe has one id on every platform').toBe(id);

  expect((await message('vary', { target }, { ...person, user: 'eve', guild: 'other' })).text).toContain(
    'There is nothing',
  );
  expect((await message('delete', { target }, { ...person, user: 'bob' })).text).toContain('Only the person');
  expect(await ask('delete', { target }, person)).toEqual({ kind: 'deleted', text: '2 pictures deleted.' });
  expect((await message('show', { target }, person)).text).toContain('may have been deleted');
});

test('a quota is spent, told, granted more, and given back by cancelling', async () => {
  const person = { guild: 'quota', user: 'ann' };
  const admin = { guild: 'quota', user: 'boss', admin: true };
  await message('easel-admin quota set', { amount: 2, unit: 'pictures', window: 'day' }, admin);
  const job = await accepted('imagine', { prompt: 'a cat', count: 2 }, person);
  expect((await message('quota', {}, person)).fields?.[0]?.value).toMatch(/^2 of 2 used, 0 left, begins anew at /);
  expect(await message('imagine', { prompt: 'a cat' }, person)).toMatchObject({
    visibility: 'private',
    tone: 'warning',
  });
  await message('easel-admin quota grant', { user: 'ann', amount: 1, unit: 'pictures' }, admin);
  await accepted('imagine', { prompt: 'a cat' }, person);
  await message('imagine', { prompt: 'a cat' }, person);
  expect((await message('cancel', { target: job.job }, person)).text).toBe('Cancelled; it costs nothing.');
  await accepted('imagine', { prompt: 'a cat', count: 2 }, person);
  expect((await message('easel-admin quota show', { user: 'ann' }, admin)).fields).toHaveLength(1);
  while ((await services.jobs.waiting({ guild: requestOf('', {}, person).origin.guild, limit: 9 })).length > 0)
    await drawNext();
});

describe('admins', () => {
  const admin = { guild: 'admins', user: 'boss', admin: true };

  test('nobody else', async () => {
    for (const command of ['pause', 'export', 'quota show']) {
      const reply = await message(`easel-admin ${command}`, {}, { ...admin, admin: false });
      expect(reply).toMatchObject({ visibility: 'private', tone: 'warning' });
    }
  });

  test('settings are changed, written down, exported and imported', async () => {
    await message('easel-admin block add', { entry: 'dog*' }, admin);
    await message('easel-admin reaction', { reaction: 'fire', command: 'upscale' }, admin);
    await message('easel-admin allow channel', { channel: '<#c9>' }, admin);
    const exported = await message('easel-admin export', {}, admin);
    expect((await message('imagine', { prompt: 'a cat' }, admin)).text).toContain('does not draw in this channel');
    await message('easel-admin import', { file: attachment(new TextEncoder().encode('{}')) }, admin);
    expect((await message('easel-admin block list', {}, admin)).text).toBe('Nothing is blocked.');
    await message('easel-admin import', { file: attachment(exported.file?.bytes ?? new Uint8Array()) }, admin);
    expect((await message('easel-admin block list', {}, admin)).text).toBe('dog*');
    for (let steps = 1; steps <= 16; steps++) await message('easel-admin limit steps', { steps }, admin);
    const audit = await message('easel-admin audit', {}, admin);
    expect(audit.text.split('\n')).toHaveLength(15);
    const older = audit.buttons?.[0]?.[0];
    const rest = await message(older?.command ?? '', { target: older?.target }, admin);
    expect(rest.text.split('\n')).toHaveLength(6);
    expect(rest.text).toContain('boss: Blocked in prompts: "dog*".');
  });

  test('usage is drawn', async () => {
    const guild = 'usage';
    await accepted('imagine', { prompt: 'a cat', count: 3 }, { guild, user: 'ann' });
    await drawNext();
    const usage = await message('easel-admin usage', { days: 7 }, { ...admin, guild });
    expect(usage.text).toBe('In all: 3 pictures, 2 compute seconds.\nann: 3 pictures, 2 compute seconds');
    expect(await sharp(usage.file?.bytes).metadata()).toMatchObject({ format: 'png', width: 720 });
  });
});

test('own defaults are kept, and a person is forgotten with them', async () => {
  const person = { guild: 'forget', user: 'cat-lover' };
  await message('preferences', { steps: 9, private: true }, person);
  await accepted('imagine', { prompt: 'a secret' }, person);
  await drawNext();
  const { pictures } = await message('history', {}, person);
  const blob = pictures?.[0]?.blob;
  if (blob === undefined) throw new Error('There is no picture.');
  await services.blobs.get(blob);
  const button = (await message('forget-me', {}, person)).buttons?.[0]?.[0];
  expect((await message('forget-me', { target: button?.target }, person)).text).toBe(
    'Forgotten: 1 picture and 1 request.',
  );
  expect((await message('history', {}, person)).text).toContain('no pictures');
  expect((await message('preferences', {}, person)).text).toContain('You have set none');
  // Its bytes wait for the grace; nobody is shown them any more.
  expect(await services.pictures.mayUse(blob, requestOf('history', {}, person).origin)).toBe(false);
});

test('a picture to start from is checked', async () => {
  const person = { guild: 'start' };
  const bytes = await sharp({ create: { width: 90, height: 30, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const reply = await accepted('imagine', { prompt: 'a cat', picture: attachment(bytes) }, person);
  expect(reply.text).toContain('432x144');
  const junk = attachment(new Uint8Array([1, 2, 3]));
  expect((await message('imagine', { prompt: 'a cat', picture: junk }, person)).text).toContain('not a picture');
  await drawNext();
});

test('no text that anybody types is a fault', async () => {
  const person = { guild: 'texts', user: 'eve' };
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), async (text) => {
      for (const [command, name] of [
        ['imagine', 'prompt'],
        ['show', 'target'],
        ['history', 'target'],
        ['preferences', 'style'],
        ['help', 'command'],
      ] as const) {
        const reply = await ask(command, { [name]: text }, person);
        if (reply.kind === 'accepted') await message('cancel', { target: reply.job }, person);
        else expect(reply.kind === 'message' && reply.tone, JSON.stringify(reply)).not.toBe('failure');
      }
    }),
    { numRuns: 40 },
  );
});
