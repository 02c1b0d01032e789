import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkDiscord, checkSlack } from '../../../bot/cli/platform-checks.ts';
import { neededPermissions } from '../../../bot/discord/setup/permissions.ts';
import { type FakeDiscord, startFakeDiscord } from '../../fakes/discord/index.ts';
import { type FakeSlack, startFakeSlack } from '../../fakes/slack/index.ts';

describe('Discord', () => {
  let fake: FakeDiscord;
  beforeAll(async () => {
    fake = await startFakeDiscord();
  });
  afterAll(() => fake.close());
  const check = (changes: { token?: string; applicationId?: string } = {}) =>
    checkDiscord({ token: fake.token, applicationId: undefined, apiUrl: fake.apiUrl, ...changes });

  it('that nobody has invited yet is told the link', async () => {
    expect(await check()).toMatchObject([{ status: 'ok', fix: expect.stringContaining(fake.applicationId) }]);
  });

  it('each server that lacks a permission is named with the link that grants it', async () => {
    fake.guild('Painters');
    const strict = fake.guild('Sculptors');
    const everyone = strict.roles.get(strict.id);
    if (everyone === undefined) throw new Error('A server has a role for everyone.');
    const attach = neededPermissions.find(({ name }) => name === 'Attach Files');
    everyone.permissions &= ~(attach?.bit ?? 0n);
    const [first, ...lacking] = await check();
    expect(first).toEqual({ name: 'Discord', status: 'ok', found: 'the token is taken; servers: 2' });
    expect(lacking).toMatchObject([
      { name: 'Server Sculptors', status: 'off', found: 'lacks Attach Files', fix: expect.stringContaining(strict.id) },
    ]);
  });

  it('a wrong token, or that of another application, is told with its fix', async () => {
    const [refused] = await check({ token: 'wrong' });
    expect(refused).toMatchObject({ status: 'missing', fix: expect.stringContaining('DISCORD_TOKEN') });
    const [other] = await check({ applicationId: '123' });
    expect(other).toMatchObject({
      status: 'missing',
      fix: expect.stringContaining(`DISCORD_APPLICATION_ID=${fake.applicationId}`),
    });
  });
});

describe('Slack', () => {
  let fake: FakeSlack;
  beforeEach(async () => {
    fake = await startFakeSlack();
  });
  afterEach(() => fake.close());
  const check = (changes: { botToken?: string; appToken?: string } = {}) =>
    checkSlack({
      botToken: fake.tokens.bot,
      appToken: fake.tokens.app,
      signingSecret: undefined,
      port: undefined,
      apiUrl: fake.apiUrl,
      ...changes,
    });

  it('the tokens and scopes of the manifest are all it takes', async () => {
    expect(await check()).toMatchObject([{ status: 'ok', found: expect.stringContaining('Socket Mode') }]);
  });

  it('a scope that only some things need is told; one that all need is missing', async () => {
    fake.botScopes.delete('files:read');
    expect(await check()).toMatchObject([
      { status: 'ok' },
      { name: 'Slack scopes', status: 'off', fix: expect.stringContaining('files:read') },
    ]);
    fake.botScopes.delete('files:write');
    expect(await check()).toMatchObject([{ status: 'missing', fix: expect.stringContaining('files:write') }]);
  });

  it.each([
    ['SLACK_BOT_TOKEN', { botToken: 'xoxb-wrong' }],
    ['SLACK_APP_TOKEN', { appToken: 'xapp-wrong' }],
  ])('a wrong %s is named', async (key, changes) => {
    expect(await check(changes)).toMatchObject([{ status: 'missing', fix: expect.stringContaining(key) }]);
  });
});

it('a platform that is not set up is off, and says what sets it up', async () => {
  expect(await checkDiscord(null)).toMatchObject([{ status: 'off', fix: expect.stringContaining('DISCORD_TOKEN') }]);
  expect(await checkSlack(null)).toMatchObject([{ status: 'off', fix: expect.stringContaining('SLACK_BOT_TOKEN') }]);
});
