import { PermissionFlagsBits } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type FakeDiscord, startFakeDiscord } from './index.ts';
import type { Interaction } from './interactions.ts';
import type { Person } from './person.ts';
import type { Channel } from './state.ts';

/** The fake must refuse what Discord refuses, or what passes against it proves nothing. */
let fake: FakeDiscord;
let general: Channel;
let ann: Person;

beforeEach(async () => {
  fake = await startFakeDiscord();
  general = fake.channel(fake.guild('Guild'), 'general');
  ann = fake.person('ann', general);
  fake.commands.save(null, { name: 'draw', description: 'Draws' });
});
afterEach(() => fake.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: { code?: number; id?: string; retry_after?: number; errors?: unknown };
}

async function api(method: string, path: string, body?: unknown, files: readonly Uint8Array[] = []): Promise<Answer> {
  const headers: Record<string, string> = { authorization: `Bot ${fake.token}` };
  let sent: string | FormData | null = null;
  if (files.length > 0) {
    sent = new FormData();
    sent.set('payload_json', JSON.stringify(body));
    for (const [index, file] of files.entries()) sent.set(`files[${index}]`, new Blob([new Uint8Array(file)]), 'a.png');
  } else if (body !== undefined) {
    sent = JSON.stringify(body);
    headers['content-type'] = 'application/json';
  }
  const response = await fetch(`${fake.apiUrl}/v10${path}`, { method, headers, body: sent });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === '' ? {} : JSON.parse(text) };
}

const post = (body: unknown, files?: readonly Uint8Array[]) =>
  api('POST', `/channels/${general.id}/messages`, body, files);

/** The interaction of a slash command that nobody has acknowledged; and what its person is told. */
function ask(): { interaction: Interaction; outcome: Promise<unknown> } {
  const outcome = ann.slash('draw').catch((error: Error) => error.message);
  return { interaction: fake.interactions.all.at(-1)!, outcome };
}

const callback = ({ id, token }: Interaction, type: number, data?: unknown) =>
  api('POST', `/interactions/${id}/${token}/callback`, { type, data });
const original = ({ token }: Interaction) => `/webhooks/${fake.applicationId}/${token}/messages/@original`;

describe('interactions', () => {
  it('must be acknowledged within three seconds', async () => {
    const { interaction, outcome } = ask();
    fake.clock.advance(3001);
    expect(await outcome).toBe('The application did not respond');
    expect(await callback(interaction, 4, { content: 'late' })).toMatchObject({ status: 404, json: { code: 10062 } });
  });

  it('are acknowledged once', async () => {
    const { interaction, outcome } = ask();
    expect((await callback(interaction, 4, { content: 'one' })).status).toBe(204);
    await outcome;
    expect(await callback(interaction, 4, { content: 'two' })).toMatchObject({ status: 400, json: { code: 40060 } });
    expect(ann.reads()).toBe('Easel: one');
  });

  it('have a token for fifteen minutes, from the acknowledgement on', async () => {
    const { interaction } = ask();
    expect(await api('PATCH', original(interaction), { content: 'x' })).toMatchObject({ json: { code: 10015 } });
    await callback(interaction, 5);
    expect((await api('PATCH', original(interaction), { content: 'x' })).status).toBe(200);
    fake.clock.advance(15 * 60_000 + 1);
    expect(await api('PATCH', original(interaction), { content: 'y' })).toMatchObject({
      status: 401,
      json: { code: 50027 },
    });
  });

  it('that were put off take no flag but ephemeral, and the first follow-up fills them', async () => {
    const { interaction } = ask();
    await callback(interaction, 5, { flags: 64 | 4 });
    expect(ann.reads()).toBe('Easel (only you can see this): is thinking…');
    await api('POST', `/webhooks/${fake.applicationId}/${interaction.token}`, { content: 'done', flags: 0 });
    expect(ann.reads()).toBe('Easel (only you can see this): done');
    expect(ann.seesOfBot()[0]?.flags).toBe(0);
  });

  it('of a command change no message and suggest nothing', async () => {
    const { interaction } = ask();
    for (const type of [6, 7, 8]) expect((await callback(interaction, type, { choices: [] })).json.code).toBe(50035);
  });
});

describe('messages', () => {
  const button = (id: string) => ({ type: 2, style: 1, label: 'x', custom_id: id });
  const row = (...components: unknown[]) => ({ type: 1, components });

  it.each([
    ['content of 2001 characters', { content: 'x'.repeat(2001) }],
    ['eleven embeds', { embeds: Array.from({ length: 11 }, () => ({ title: 'x' })) }],
    ['embeds of 6001 characters', { embeds: [{ description: 'x'.repeat(4000) }, { description: 'x'.repeat(2001) }] }],
    ['26 fields', { embeds: [{ fields: Array.from({ length: 26 }, () => ({ name: 'x', value: 'x' })) }] }],
    ['a field without a value', { embeds: [{ fields: [{ name: 'x', value: ' ' }] }] }],
    ['six rows', { content: 'x', components: Array.from({ length: 6 }, (_, index) => row(button(`${index}`))) }],
    ['six buttons in a row', { content: 'x', components: [row(...'abcdef'.split('').map(button))] }],
    ['a custom id of 101 characters', { content: 'x', components: [row(button('x'.repeat(101)))] }],
    ['one custom id twice', { content: 'x', components: [row(button('a')), row(button('a'))] }],
    ['a nonce of 26 characters', { content: 'x', nonce: 'x'.repeat(26) }],
    ['an attachment that is not there', { content: 'x', attachments: [{ id: 0, filename: 'a.png' }] }],
  ])('are refused with %s', async (_what, body) => {
    expect(await post(body)).toMatchObject({ status: 400, json: { code: 50035 } });
  });

  it('are refused when they are empty', async () => {
    expect((await post({ content: ' \n' })).json.code).toBe(50006);
  });

  it('with the same enforced nonce are one, for minutes', async () => {
    const body = { content: 'x', nonce: 'n', enforce_nonce: true };
    const [first, second] = [await post(body), await post(body)];
    expect(second.json.id).toBe(first.json.id);
    fake.clock.advance(4 * 60_000);
    expect((await post(body)).json.id).not.toBe(first.json.id);
    expect((await post({ content: 'x', nonce: 'n' })).json.id).not.toBe(first.json.id);
  });

  it('carry files of 10 MiB each and 25 MiB together', async () => {
    const mebibytes = (count: number) => new Uint8Array(count * 1024 * 1024);
    expect((await post({ content: 'x' }, [mebibytes(10)])).status).toBe(200);
    expect((await post({ content: 'x' }, [new Uint8Array(10 * 1024 * 1024 + 1)])).json.code).toBe(40005);
    expect((await post({ content: 'x' }, [mebibytes(9), mebibytes(9), mebibytes(8)])).status).toBe(413);
  });

  it('ping whom they name, unless they say otherwise', async () => {
    const content = `@everyone <@${ann.id}> <@&5>`;
    await post({ content });
    await post({ content, allowed_mentions: { parse: [] } });
    await post({ content, allowed_mentions: { parse: [], users: [ann.id] } });
    const pings = ann.seesOfBot().map(({ notified }) => [...notified].sort());
    expect(pings).toEqual([['5', ann.id, 'everyone'].sort(), [], [ann.id]]);
  });

  it.each([
    ['seeing the channel', PermissionFlagsBits.ViewChannel, 50001],
    ['sending', PermissionFlagsBits.SendMessages, 50013],
  ])('need the permission of %s', async (_what, permission, code) => {
    general.deniedToBot = permission;
    expect(await post({ content: 'x' })).toMatchObject({ status: 403, json: { code } });
  });
});

describe('limits', () => {
  it('stop the sixth message in five seconds, and count what is invalid', async () => {
    const statuses = [];
    for (let index = 0; index < 6; index++) statuses.push(await post({ content: 'x' }));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(statuses[4]?.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(statuses[5]?.json.retry_after).toBeGreaterThan(0);
    expect(fake.rates.invalidRequests).toBe(1);
    fake.clock.advance(5000);
    expect((await post({ content: 'x' })).status).toBe(200);
  });

  it('allow 50 requests a second, and any number of acknowledgements', async () => {
    const calls = await Promise.all(Array.from({ length: 60 }, () => api('GET', '/users/@me')));
    const refused = calls.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('x-ratelimit-global')).toBe('true');
    const { interaction } = ask();
    expect((await callback(interaction, 4, { content: 'x' })).status).toBe(204);
  });

  it('allow 200 new commands a day', async () => {
    fake.rates.enforced = false;
    const create = (index: number) =>
      api('POST', `/applications/${fake.applicationId}/commands`, { name: `c${index}`, description: 'x' });
    // One was created before.
    for (let index = 0; index < 199; index++) expect((await create(index)).status).toBe(200);
    expect((await create(199)).json.code).toBe(30034);
    expect((await create(5)).status).toBe(200);
  });
});

describe('commands', () => {
  it.each([
    ['upper case', { name: 'Draw', description: 'x' }],
    ['no description', { name: 'draw', description: '' }],
    [
      '26 choices',
      option({ type: 3, choices: Array.from({ length: 26 }, (_, i) => ({ name: `${i}`, value: `${i}` })) }),
    ],
    ['choices beside autocomplete', option({ type: 3, autocomplete: true, choices: [{ name: 'a', value: 'a' }] })],
  ])('are refused with %s', async (_what, body) => {
    const answer = await api('POST', `/applications/${fake.applicationId}/commands`, body);
    expect(answer).toMatchObject({ status: 400, json: { code: 50035 } });
  });

  it('take from a person only what was registered', async () => {
    await expect(ann.slash('nothing')).rejects.toThrow('no command /nothing');
    await expect(ann.slash('draw', { colour: 'red' })).rejects.toThrow('no option colour');
  });

  function option(fields: object) {
    return { name: 'draw', description: 'x', options: [{ name: 'a', description: 'x', ...fields }] };
  }
});

describe('the gateway', () => {
  async function closed(packets: readonly unknown[]): Promise<number> {
    const socket = new WebSocket(fake.apiUrl.replace(/^http/, 'ws'));
    await new Promise((resolve) => socket.once('message', resolve));
    for (const packet of packets) socket.send(JSON.stringify(packet));
    return new Promise((resolve) => socket.once('close', resolve));
  }
  const identify = (data: object) => ({ op: 2, d: { token: fake.token, intents: 1, properties: {}, ...data } });

  it.each([
    ['before identifying', 4003, () => [{ op: 3, d: {} }]],
    ['with a wrong token', 4004, () => [identify({ token: 'wrong' })]],
    ['identifying twice', 4005, () => [identify({}), identify({})]],
    ['with a shard that is none', 4010, () => [identify({ shard: [2, 2] })]],
    ['with unknown intents', 4013, () => [identify({ intents: 2 ** 30 })]],
    ['with intents that were not granted', 4014, () => [identify({ intents: 1 << 15 })]],
    ['with a flood of events', 4008, () => Array.from({ length: 121 }, () => ({ op: 1, d: null }))],
    ['with nonsense', 4002, () => ['nonsense']],
  ])('closes %s (%i)', async (_when, code, packets) => {
    expect(await closed(packets())).toBe(code);
  });
});
